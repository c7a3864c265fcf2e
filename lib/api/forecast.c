#include <math.h>

#include "api/handlers.h"
#include "app/app.h"
#include "aqs/aqi.h"
#include "serve/recent.h"

static void
forecast_write(struct json_writer *w, int parameter, const struct forecast *f)
{
    struct aqi aqi;
    json_pair_text(w, "site", f->site);
    json_pair_text(w, "name", f->name);
    json_pair_number(w, "value", f->guess.value);
    json_pair_number(w, "lower", f->guess.lower);
    json_pair_number(w, "upper", f->guess.upper);
    if (aqi_of(parameter, f->guess.value, &aqi)) {
        json_pair_int(w, "aqi", aqi.index);
        json_pair_text(w, "category", aqi.category);
        json_pair_text(w, "colour", aqi.colour);
    }
}

// What holds for every station of the model.
static void
common_write(struct json_writer *w, const struct request *in, const struct set_model *m)
{
    char origin[DAY_TEXT], target[DAY_TEXT];
    const struct recipe *recipe = &m->served->artifact.recipe;
    json_pair_text(w, "model", m->served->model);
    json_pair_text(w, "version", m->served->version);
    json_pair_text(w, "request_id", in->id);
    json_pair_int(w, "parameter", recipe->parameter);
    json_pair_text(w, "target_name", recipe->target_name);
    json_pair_text(w, "unit", recipe->unit);
    json_pair_text(w, "origin", day_format(m->origin, origin));
    json_pair_text(w, "target", day_format(m->target, target));
    json_pair_number(w, "nominal_coverage", recipe->coverage);
}

static bool
one_write(struct scope *s, const struct set *set, const struct set_model *m, const char *site,
          struct json_writer *w)
{
    char origin[DAY_TEXT];
    const struct forecast *f = set_forecast(m, site);
    if (f == NULL && !set_knows_site(set, site))
        return fail(s, ERROR_MISSING, "there is no site \"%s\"", site);
    if (f == NULL)
        return fail(s, ERROR_MISSING, "site \"%s\" has no value in the %d days up to %s", site,
                    RECENT_SILENT_DAYS, day_format(m->origin, origin));
    forecast_write(w, m->served->artifact.recipe.parameter, f);
    if (m->answered != NULL)
        counter_add(m->answered, 1);
    return true;
}

static void
all_write(const struct set_model *m, struct json_writer *w)
{
    json_put_key(w, "forecasts");
    json_array_begin(w);
    for (size_t i = 0; i < m->n_forecasts; i++) {
        json_object_begin(w);
        forecast_write(w, m->served->artifact.recipe.parameter, &m->forecasts[i]);
        json_object_end(w);
    }
    json_array_end(w);
    if (m->answered != NULL)
        counter_add(m->answered, m->n_forecasts);
}

// The only model that forecasts.
static const struct set_model *
only_find(struct scope *s, const struct set *set)
{
    const struct set_model *only = NULL;
    for (size_t i = 0; i < set->n_models; i++) {
        const struct set_model *m = &set->models[i];
        if (m->served->artifact.is_table)
            continue;
        if (only != NULL)
            return fail_null(s, ERROR_INPUT,
                             "several models are in production: say model=, such as "
                             "model=%s",
                             only->served->model);
        only = m;
    }
    return only != NULL ? only : fail_null(s, ERROR_UNAVAILABLE, "no model is in production yet");
}

// The model asked for, or the only one there is.
static const struct set_model *
model_choose(struct scope *s, const struct set *set, const char *model)
{
    const struct set_model *m = model == NULL ? only_find(s, set) : set_get(s, set, model);
    if (m != NULL && m->served->artifact.is_table)
        return fail_null(s, ERROR_INPUT,
                         "model \"%s\" predicts rows that it is given: it forecasts no station",
                         m->served->model);
    return m;
}

static bool
answer_write(struct scope *s, const struct request *in, const struct set *set, struct reply *out)
{
    const char *site, *model;
    if (!request_query(s, in, "site", &site) || !request_query(s, in, "model", &model))
        return false;
    const struct set_model *m = model_choose(s, set, model);
    if (m == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    common_write(&w, in, m);
    if (site == NULL)
        all_write(m, &w);
    else if (!one_write(s, set, m, site, &w))
        return false;
    json_object_end(&w);
    reply_header(out, "X-Model-Version", m->served->version);
    reply_header(out, "Cache-Control", "no-cache");
    return true;
}

bool
forecast_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct set *set = serving_take(app_of(in)->serving);
    const bool ok = answer_write(s, in, set, out);
    set_drop(set);
    return ok;
}
