// quality/shift.h: how far two samples' distributions lie apart, in numbers that others also use.
#ifndef QUALITY_SHIFT_H
#define QUALITY_SHIFT_H

#include <stddef.h>
#include <stdint.h>

// How many bins of equal width a histogram of n values between two ends has: bin j is
// [low + j * (high - low) / k, …), the last is closed.
//
//   source  Sturges, "The choice of a class interval", JASA 21, 1926, as NumPy computes it
int shift_bins(int64_t n, double low, double high);

// The population stability index of counts before and now in the same n bins. An empty bin counts
// as 0.0001, or as a millionth of the smallest that is not empty where that is less; sums are not
// made one again. NaN where a side is empty.
//
//   source  sum (p - q) ln(p / q); the filling is that of Evidently 0.7
double shift_psi(size_t n, const int64_t before[], const int64_t now[]);

// The probability that two samples of n and m values of one distribution lie at least d apart in
// the two-sided Kolmogorov-Smirnov distance. Exact up to 10,000 values a side, else by the law of
// the one-sample statistic at nm / (n + m).
//
//   source  Hodges, Arkiv for Matematik 3, 1958, for two samples; Simard and L'Ecuyer, JSS 39(11),
//           2011, for one: Marsaglia, Tsang and Wang, Pelz and Good, and twice the one-sided
double shift_ks_p(int64_t n, int64_t m, double d);

#endif
