// aqs/series.h: whether the moments of each instrument come in their order.
//
// EPA's files are sorted so. Where they are, no key comes twice, and there is nothing to settle
// between the rows of one object, which would take a sort of them all.
#ifndef AQS_SERIES_H
#define AQS_SERIES_H

#include <stdint.h>

#include "base/scope.h"

struct series;

// Begins; no instrument has been seen.
//
//   owner   the scope
struct series *series_open(struct scope *s);

// Notes a moment, a day or an hour by its number, of an instrument. A place is a number below
// 2^31, a parameter one of AQS's five digits, a POC not negative.
void series_note(struct series *series, uint32_t place, int parameter, int poc, int32_t moment);

// True as long as each moment of an instrument was later than the one before. False from half a
// million instruments on, as that many are not remembered.
bool series_ascend(const struct series *series);

#endif
