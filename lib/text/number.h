// text/number.h: decimal text into numbers, exactly and fast.
#ifndef TEXT_NUMBER_H
#define TEXT_NUMBER_H

#include "base/buf.h"

// Reads a whole slice as a decimal number, "-12.5" or "3e-7": the nearest double. False for
// anything else: blanks around it, hexadecimals, "nan", "inf", and what is too large for a double.
//
//   source  Clinger, "How to read floating point numbers accurately", PLDI 1990: up to 15 digits
//           and powers to 10^22 are exact, so one division or product rounds once
bool number_read(struct str text, double *out);

// Reads a whole slice of digits and nothing else, as a number of at most `most`.
bool number_read_whole(struct str text, int most, int *out);

#endif
