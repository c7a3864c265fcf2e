#include "quality/shift.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/scope.h"

#define PI 3.14159265358979323846
#define EXACT_MOST 10000

int
shift_bins(int64_t n, double low, double high)
{
    const double width = (high - low) / (log2((double)n) + 1.0);
    return width > 0 ? (int)ceil((high - low) / width) : 1;
}

static double
share_floor(size_t n, const int64_t counts[], double sum)
{
    double smallest = INFINITY;
    for (size_t i = 0; i < n; i++)
        if (counts[i] > 0)
            smallest = fmin(smallest, (double)counts[i] / sum);
    return smallest <= 1e-4 ? smallest / 1e6 : 1e-4;
}

double
shift_psi(size_t n, const int64_t before[], const int64_t now[])
{
    double n_before = 0, n_now = 0, psi = 0;
    for (size_t i = 0; i < n; i++) {
        n_before += (double)before[i];
        n_now += (double)now[i];
    }
    if (!(n_before > 0 && n_now > 0))
        return NAN;
    const double p_floor = share_floor(n, before, n_before), q_floor = share_floor(n, now, n_now);
    for (size_t i = 0; i < n; i++) {
        const double p = before[i] > 0 ? (double)before[i] / n_before : p_floor;
        const double q = now[i] > 0 ? (double)now[i] / n_now : q_floor;
        psi += (p - q) * log(p / q);
    }
    return psi;
}

static int64_t
divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

// Two samples of one size: paths that touch the boundary, by reflection.
static double
exact_equal(int64_t n, int64_t h)
{
    double p = 0;
    for (int64_t k = n / h; k >= 0; k--) {
        double one = 1;
        for (int64_t j = 0; j < h; j++)
            one *= (double)(n - k * h - j) / (double)(n + k * h + j + 1);
        p = one * (1 - p);
    }
    return 2 * p;
}

// Two sizes: the probability that a random monotone path from (0, 0) to (n, m) has touched the
// boundary, row by row.
static double
exact_paths(int64_t n, int64_t m, int64_t h)
{
    struct scope own = {0};
    double *row = scope_array(&own, (size_t)m + 1, sizeof *row);
    const int64_t g = divisor(n, m), up = m / g, across = n / g;
    for (int64_t i = 0; i <= n; i++)
        for (int64_t j = 0; j <= m; j++) {
            const int64_t apart = i * up > j * across ? i * up - j * across : j * across - i * up;
            if (apart >= h)
                row[j] = 1;
            else if (i + j == 0)
                row[j] = 0;
            else if (i == 0)
                row[j] = row[j - 1];
            else if (j > 0)
                row[j] = ((double)i * row[j] + (double)j * row[j - 1]) / (double)(i + j);
        }
    const double p = row[m];
    scope_close(&own);
    return p;
}

// The one-sided law: Pr(D+ >= x), by Smirnov's sum.
static double
one_sided(double n, double x)
{
    double sum = 0;
    const int64_t last = (int64_t)(n * (1 - x));
    for (int64_t i = 0; i <= last; i++) {
        const double j = (double)i;
        const double rest = 1 - x - j / n;
        const double choose = lgamma(n + 1) - lgamma(j + 1) - lgamma(n - j + 1);
        if (rest > 0)
            sum += exp(choose + (n - j) * log(rest) + (j - 1) * log(x + j / n));
        else if (n - j == 0)
            sum += exp((j - 1) * log(x + j / n));
    }
    return x * sum;
}

// The Pelz-Good approximation of Pr(D < x): four terms in powers of n^-1/2.
static double
pelz_good(double n, double x)
{
    const double z = sqrt(n) * x, z2 = z * z, z4 = z2 * z2, z6 = z4 * z2, s = sqrt(PI / 2);
    const double pi2 = PI * PI, pi4 = pi2 * pi2, pi6 = pi4 * pi2;
    double k0 = 0, k1 = 0, k2a = 0, k2b = 0, k3a = 0, k3b = 0;
    for (int k = -20; k <= 20; k++) {
        const double a = k + 0.5, a2 = a * a, a4 = a2 * a2, a6 = a4 * a2, b2 = (double)k * k;
        const double e = exp(-pi2 * a2 / (2 * z2)), f = exp(-pi2 * b2 / (2 * z2));
        if (k >= 0)
            k0 += exp(-(2.0 * k + 1) * (2.0 * k + 1) * pi2 / (8 * z2));
        k1 += (pi2 * a2 - z2) * e;
        k2a += (6 * z6 + 2 * z4 + pi2 * (2 * z4 - 5 * z2) * a2 + pi4 * (1 - 2 * z2) * a4) * e;
        k2b += pi2 * b2 * f;
        k3a += (pi6 * a6 * (5 - 30 * z2) + pi4 * a4 * (-60 * z2 + 212 * z4) +
                pi2 * a2 * (135 * z4 - 96 * z6) - (30 * z6 + 90 * z4 * z4)) *
               e;
        k3b += (-pi4 * b2 * b2 + 3 * pi2 * b2 * z2) * f;
    }
    return sqrt(2 * PI) / z * k0 + s / (6 * z4) * k1 / sqrt(n) +
           (s / (72 * z6 * z) * k2a - s / (36 * z2 * z) * k2b) / n +
           (s / (6480 * z6 * z4) * k3a + s / (216 * z6) * k3b) / (n * sqrt(n));
}

#define MATRIX_MOST 400 // rows: 2 * floor(n x + 1) - 1

static void
matrix_multiply(size_t k, const double a[], const double b[], double out[])
{
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += a[i * k + l] * b[l * k + j];
            out[i * k + j] = sum;
        }
}

// Raises a matrix to a power; its size is kept in range by a power of ten that is counted apart.
static void
matrix_power(struct scope *s, size_t k, double *base, int64_t power, double *out, int *tens)
{
    double *other = scope_array(s, k * k, sizeof *other);
    int base_tens = 0;
    memset(out, 0, k * k * sizeof *out);
    for (size_t i = 0; i < k; i++)
        out[i * k + i] = 1;
    for (; power > 0; power /= 2) {
        if (power % 2 == 1) {
            matrix_multiply(k, out, base, other);
            memcpy(out, other, k * k * sizeof *out);
            *tens += base_tens;
        }
        matrix_multiply(k, base, base, other);
        memcpy(base, other, k * k * sizeof *base);
        base_tens *= 2;
        if (base[(k / 2) * k + k / 2] > 1e140) {
            for (size_t i = 0; i < k * k; i++)
                base[i] *= 1e-140;
            base_tens += 140;
        }
        if (out[(k / 2) * k + k / 2] > 1e140) {
            for (size_t i = 0; i < k * k; i++)
                out[i] *= 1e-140;
            *tens += 140;
        }
    }
}

// Pr(D < x) exactly.
//
//   source  Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's distribution", JSS 8(18), 2003
static double
durbin(int64_t n, double x)
{
    struct scope own = {0};
    const int64_t k = (int64_t)((double)n * x) + 1;
    const size_t m = (size_t)(2 * k - 1);
    const double h = (double)k - (double)n * x;
    int tens = 0;
    assert(m <= MATRIX_MOST);
    double *a = scope_array(&own, m * m, sizeof *a), *q = scope_array(&own, m * m, sizeof *q);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++)
            a[i * m + j] = j > i + 1 ? 0 : 1;
    for (size_t i = 0; i < m; i++) {
        a[i * m] -= pow(h, (double)i + 1);
        a[(m - 1) * m + i] -= pow(h, (double)(m - i));
    }
    a[(m - 1) * m] += 2 * h - 1 > 0 ? pow(2 * h - 1, (double)m) : 0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m && j <= i; j++)
            for (size_t g = 1; g <= i - j + 1; g++)
                a[i * m + j] /= (double)g;
    matrix_power(&own, m, a, n, q, &tens);
    double p = q[((size_t)k - 1) * m + (size_t)k - 1];
    for (int64_t i = 1; i <= n; i++) {
        p = p * (double)i / (double)n;
        if (p < 1e-140) {
            p *= 1e140;
            tens -= 140;
        }
    }
    scope_close(&own);
    return p * pow(10, tens);
}

// Pr(D > x) of one sample of n values.
static double
one_sample(int64_t n, double x)
{
    const double size = (double)n, t = size * x * x;
    if (size * x <= 0.5)
        return 1;
    if (t >= 370 || x >= 1)
        return 0;
    if (x >= 0.5 || (n <= 140 ? t > 4 : t >= 2.2))
        return 2 * one_sided(size, x);
    if (n <= 140 || (size <= 1e5 && size * pow(x, 1.5) <= 1.4))
        return 1 - durbin(n, x);
    return 1 - pelz_good(size, x);
}

double
shift_ks_p(int64_t n, int64_t m, double d)
{
    if (n < 1 || m < 1 || !(d >= 0))
        return NAN;
    double p = -1;
    if (n <= EXACT_MOST && m <= EXACT_MOST) {
        const int64_t least = n / divisor(n, m) * m; // what both sizes divide
        const int64_t h = llround(d * (double)least);
        if (h == 0)
            return 1;
        p = n == m ? exact_equal(n, h) : exact_paths(n, m, h);
    }
    if (!(p >= 0 && p <= 1)) {
        const double size = (double)n * (double)m / ((double)n + (double)m);
        p = one_sample((int64_t)nearbyint(size), d);
    }
    return fmin(1, fmax(0, p));
}
