#include "model/model.h"

#include <math.h>
#include <string.h>

#include "model/kind.h"

static const struct model_kind *const kinds[] = {&model_persistence, &model_climatology,
                                                 &model_ridge, &model_boost};

static const char *const links[] = {"identity", "logistic", "exp"};
#define N_LINKS (sizeof links / sizeof *links)

bool
model_link_read(struct scope *s, const struct json *saved, enum model_link *out)
{
    const char *word;
    size_t i = 0;
    *out = LINK_IDENTITY;
    if (json_find(saved, "link") == NULL)
        return true;
    if (!json_text(s, saved, "link", &word))
        return false;
    while (i < N_LINKS && strcmp(links[i], word) != 0)
        i++;
    if (i == N_LINKS)
        return fail(s, ERROR_INPUT, "link is \"%.40s\", not identity, logistic or exp", word);
    *out = (enum model_link)i;
    return true;
}

size_t
model_feature_count(const struct model *m)
{
    return m->n_features;
}

const char *
model_family(const struct model *m)
{
    return m->kind->family;
}

void
model_predict(const struct model *m, size_t n, const double *X, double *out)
{
    m->kind->predict(m, n, X, out);
    if (m->link == LINK_LOGISTIC)
        for (size_t i = 0; i < n; i++)
            out[i] = 1 / (1 + exp(-out[i]));
    else if (m->link == LINK_EXP)
        for (size_t i = 0; i < n; i++)
            out[i] = exp(out[i]);
}

void
model_save(const struct model *m, struct json_writer *w)
{
    json_object_begin(w);
    json_pair_text(w, "family", m->kind->family);
    if (m->link != LINK_IDENTITY)
        json_pair_text(w, "link", links[m->link]);
    json_pair_int(w, "n_features", (int64_t)m->n_features);
    json_pair_number(w, "mean", m->mean);
    m->kind->save(m, w);
    json_object_end(w);
}

const struct model *
model_load(struct scope *s, const struct json *saved)
{
    const char *family;
    int64_t n;
    struct model *m = scope_alloc(s, sizeof *m);
    if (json_kind(saved) != JSON_OBJECT)
        return fail_null(s, ERROR_INPUT, "not a JSON object");
    if (!json_text(s, saved, "family", &family) || !json_int(s, saved, "n_features", &n) ||
        !json_number(s, saved, "mean", &m->mean) || !model_link_read(s, saved, &m->link))
        return NULL;
    if (n < 1 || n > MODEL_MOST_FEATURES)
        return fail_null(s, ERROR_INPUT, "n_features is %lld, not within 1 and %d", (long long)n,
                         MODEL_MOST_FEATURES);
    m->n_features = (size_t)n;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i]->family, family) == 0)
            m->kind = kinds[i];
    if (m->kind == NULL)
        return fail_null(s, ERROR_INPUT, "family is \"%.40s\", which is none we know", family);
    if (!json_keys_check(s, saved, m->kind->keys) || !m->kind->load(s, saved, m))
        return NULL;
    return m;
}
