// model/fit_ridge.c: ridge regression by one Gram matrix and its eigenvectors.
//
// With Z the standardised columns and Z'Z = V diag(l) V', the weights for a penalty alpha are
// V diag(1 / (l + alpha)) V'Z'y, so a further alpha costs no more than two small products.

#include <assert.h>
#include <cblas.h>
#include <lapacke.h>
#include <math.h>

#include "model/fit.h"
#include "model/kind.h"

#define BLOCK_ROWS 512

struct gram {
    size_t p, n;         // columns and rows
    double mean;         // of the target
    double *scale;       // [p] standard deviations, 0 for a constant column
    double *vectors;     // [p x p] eigenvectors in columns
    double *eigenvalues; // [p]
    double *loads;       // [p] V'Z'y
};

// Finds what to put in for missing values: the mean of the column after the climatology did what
// it can; so a column's own mean is its fill.
static bool
learn_fill(struct scope *s, const struct design *train, struct ridge *r, double *fill,
           struct gram *g)
{
    double sum_y = 0;
    size_t *n = scope_array(s, g->p, sizeof *n);
    for (size_t j = 0; j < g->p; j++)
        fill[j] = NAN; // so that ridge_settle tells what is missing still
    double *sum = scope_array(s, g->p, sizeof *sum);
    for (size_t i = 0; i < train->n_rows; i++) {
        if (isnan(train->y[i]))
            continue;
        g->n++;
        sum_y += train->y[i];
        for (size_t j = 0; j < g->p; j++) {
            const double x = ridge_settle(r, &train->X[i * g->p], j);
            if (!isnan(x)) {
                sum[j] += x;
                n[j]++;
            }
        }
    }
    if (g->n == 0)
        return fail(s, ERROR_INPUT, "no row to learn from");
    for (size_t j = 0; j < g->p; j++)
        fill[j] = n[j] > 0 ? sum[j] / (double)n[j] : 0;
    g->mean = sum_y / (double)g->n;
    return true;
}

// Sums the products of the centred columns, the target being the last: [(p + 1) x (p + 1)], upper.
static double *
sum_products(struct scope *s, const struct design *train, const struct ridge *r,
             const struct gram *g)
{
    const size_t q = g->p + 1;
    double *products = scope_array(s, q * q, sizeof *products);
    double *block = scope_array(s, BLOCK_ROWS * q, sizeof *block);
    size_t n = 0;
    for (size_t i = 0; i < train->n_rows; i++) {
        double *z = &block[n * q];
        if (!isnan(train->y[i])) {
            for (size_t j = 0; j < g->p; j++)
                z[j] = ridge_settle(r, &train->X[i * g->p], j) - r->fill[j];
            z[g->p] = train->y[i] - g->mean;
            n++;
        }
        if (n > 0 && (n == BLOCK_ROWS || i + 1 == train->n_rows)) {
            cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)q, (int)n, 1, block, (int)q, 1,
                        products, (int)q);
            n = 0;
        }
    }
    return products;
}

// Rounding alone leaves a constant column a spread of about this much of its size.
static bool
is_constant(double sum_of_squares, double n, double mean)
{
    return !(sqrt(sum_of_squares / n) > 1e-10 * fabs(mean));
}

static bool
decompose(struct scope *s, const double *products, const struct ridge *r, struct gram *g)
{
    const size_t p = g->p, q = p + 1;
    const double n = (double)g->n;
    if (is_constant(products[p * q + p], n, g->mean))
        return fail(s, ERROR_INPUT, "the target is %g in all %zu rows", g->mean, g->n);
    g->scale = scope_array(s, p, sizeof *g->scale);
    g->vectors = scope_array(s, p * p, sizeof *g->vectors);
    g->eigenvalues = scope_array(s, p, sizeof *g->eigenvalues);
    g->loads = scope_array(s, p, sizeof *g->loads);
    double *with_y = scope_array(s, p, sizeof *with_y);

    for (size_t j = 0; j < p; j++)
        g->scale[j] =
            is_constant(products[j * q + j], n, r->fill[j]) ? 0 : sqrt(products[j * q + j] / n);
    for (size_t i = 0; i < p; i++) {
        with_y[i] = g->scale[i] > 0 ? products[i * q + p] / g->scale[i] : 0;
        for (size_t j = i; j < p; j++)
            g->vectors[i * p + j] = g->scale[i] > 0 && g->scale[j] > 0
                                        ? products[i * q + j] / g->scale[i] / g->scale[j]
                                        : 0;
    }
    const lapack_int info = LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'V', 'U', (lapack_int)p, g->vectors,
                                           (lapack_int)p, g->eigenvalues);
    if (info != 0)
        return fail(s, ERROR_INPUT, "the Gram matrix has no eigenvectors (dsyevd says %d)", info);
    cblas_dgemv(CblasRowMajor, CblasTrans, (int)p, (int)p, 1, g->vectors, (int)p, with_y, 1, 0,
                g->loads, 1);
    return true;
}

// Solves for one alpha, and turns the weights into those of the columns as they come.
static const struct model *
solve(struct scope *s, const struct gram *g, const struct ridge *settled, double alpha)
{
    const size_t p = g->p;
    struct model *m = scope_alloc(s, sizeof *m);
    struct ridge *r = scope_alloc(s, sizeof *r);
    double *weight = scope_array(s, p, sizeof *weight), *c = scope_array(s, p, sizeof *c);
    for (size_t i = 0; i < p; i++)
        c[i] = g->loads[i] / (fmax(0, g->eigenvalues[i]) + alpha);
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)p, (int)p, 1, g->vectors, (int)p, c, 1, 0, weight,
                1);
    *r = *settled;
    r->alpha = alpha;
    r->intercept = g->mean;
    r->weight = weight;
    for (size_t j = 0; j < p; j++) {
        weight[j] = g->scale[j] > 0 ? weight[j] / g->scale[j] : 0;
        r->intercept -= weight[j] * r->fill[j];
    }
    *m = (struct model){&model_ridge, LINK_IDENTITY, p, g->mean, r};
    return m;
}

static double
mean_square(struct scope *s, const struct model *m, const struct design *d)
{
    double *guess = scope_array(s, d->n_rows, sizeof *guess), sum = 0;
    model_predict(m, d->n_rows, d->X, guess);
    size_t n = 0;
    for (size_t i = 0; i < d->n_rows; i++)
        if (!isnan(d->y[i])) {
            sum += (guess[i] - d->y[i]) * (guess[i] - d->y[i]);
            n++;
        }
    return n > 0 ? sum / (double)n : NAN;
}

static bool
choose(struct scope *s, const struct gram *g, const struct ridge *settled,
       const struct ridge_spec *spec, const struct design *validate, double *alpha)
{
    double best = INFINITY;
    for (size_t k = 0; k < spec->n_alphas; k++) {
        const struct scope_mark mark = scope_mark(s);
        const double miss = mean_square(s, solve(s, g, settled, spec->alphas[k]), validate);
        scope_release(s, mark);
        if (isnan(miss))
            return fail(s, ERROR_INPUT, "no row to choose the penalty on");
        if (miss < best) {
            best = miss;
            *alpha = spec->alphas[k];
        }
    }
    return true;
}

const struct model *
fit_ridge(struct scope *s, const struct feature_set *f, const struct ridge_spec *spec,
          const struct design *train, const struct design *validate, double *alpha)
{
    assert(spec->n_alphas > 0);
    assert(train->n_features == feature_count(f));
    struct gram g = {.p = feature_count(f)};
    struct ridge settled = {.climatology = feature_find(f, "climatology")};
    bool *is_level = scope_array(s, g.p, sizeof *is_level);
    double *fill = scope_array(s, g.p, sizeof *fill);
    for (size_t j = 0; j < g.p; j++)
        is_level[j] = feature_is_level(f, j);
    settled.is_level = is_level;
    settled.fill = fill;

    openblas_set_num_threads(1); // sums then round the same whatever the machine has
    if (!learn_fill(s, train, &settled, fill, &g) ||
        !decompose(s, sum_products(s, train, &settled, &g), &settled, &g))
        return NULL;
    *alpha = spec->alphas[0];
    if (validate != NULL && !choose(s, &g, &settled, spec, validate, alpha))
        return NULL;
    return solve(s, &g, &settled, *alpha);
}
