#include <math.h>
#include <string.h>

#include "api/handlers.h"
#include "api/instances.h"
#include "app/app.h"
#include "aqs/aqi.h"
#include "base/chance.h"
#include "base/time.h"

struct figures { // one prediction's numbers as text, written once for the answer and the log
    struct str value, lower, upper;
};

// Six decimals say more than any model knows, and are read and written much faster than seventeen
// digits; numbers too small or too large for that stay as they are.
static double
rounded(double x)
{
    return fabs(x) >= 0.1 && fabs(x) < 1e8 ? round(x * 1e6) / 1e6 : x;
}

// A bound that there is not is NaN, and null.
static struct str
figure(struct buf *text, double x)
{
    const size_t start = text->n;
    if (isnan(x))
        buf_text(text, "null");
    else
        buf_number(text, rounded(x));
    return (struct str){text->text + start, text->n - start};
}

static void
field(struct buf *line, const char *bytes, size_t n)
{
    buf_add(line, bytes, n);
    buf_char(line, '\t');
}

// The row as the database keeps it: a JSON array, without the caller's white space.
static void
input_write(struct buf *line, struct str row)
{
    buf_char(line, '[');
    char *at = buf_room(line, row.n), *start = at;
    for (size_t i = 0; i < row.n; i++)
        if ((unsigned char)row.at[i] > ' ')
            *at++ = row.at[i];
    buf_grow(line, (size_t)(at - start));
    buf_text(line, "]\n");
}

struct answer { // one request on its way
    const struct request *in;
    const struct served *m;
    const char *when; // the request's moment, as text
    struct buf lines; // for the log
    struct json_writer w;
};

static void
bound(struct buf *line, double x, struct str figure)
{
    if (isnan(x))
        field(line, "\\N", 2);
    else
        field(line, figure.at, figure.n);
}

// Writes one line of COPY text; serve/intake.sql names the columns.
static void
line_write(struct answer *a, const char *id, const struct guess *g, const struct figures *f,
           struct str row)
{
    struct buf *line = &a->lines;
    field(line, id, UUID_TEXT - 1);
    field(line, a->when, TIME_TEXT - 1);
    field(line, "online", 6);
    field(line, a->m->model, strlen(a->m->model));
    field(line, a->m->version, strlen(a->m->version));
    field(line, a->in->id, strlen(a->in->id));
    field(line, a->in->principal, strlen(a->in->principal));
    field(line, f->value.at, f->value.n);
    bound(line, g->lower, f->lower);
    bound(line, g->upper, f->upper);
    input_write(line, row);
}

static void
prediction_write(struct answer *a, const char *id, const struct guess *g, const struct figures *f)
{
    struct aqi aqi;
    json_object_begin(&a->w);
    json_pair_text(&a->w, "id", id);
    json_put_key(&a->w, "value");
    json_put_raw(&a->w, f->value.at);
    json_put_key(&a->w, "lower");
    json_put_raw(&a->w, f->lower.at);
    json_put_key(&a->w, "upper");
    json_put_raw(&a->w, f->upper.at);
    if (aqi_of(a->m->artifact.recipe.parameter, g->value, &aqi)) {
        json_pair_int(&a->w, "aqi", aqi.index);
        json_pair_text(&a->w, "category", aqi.category);
        json_pair_text(&a->w, "colour", aqi.colour);
    }
    json_object_end(&a->w);
}

static bool
row_answer(struct scope *s, struct answer *a, const struct instances *rows, size_t i,
           struct buf *text)
{
    char id[UUID_TEXT];
    const struct guess g = artifact_predict(&a->m->artifact, rows->X + i * a->m->n_features);
    if (!isfinite(g.value) || isinf(g.lower) || isinf(g.upper))
        return fail(s, ERROR_INPUT, "instances[%zu] gives no finite prediction", i);

    buf_clear(text);
    buf_room(text, 128); // so that the three stay where they are
    struct figures f;
    f.value = figure(text, g.value);
    buf_add(text, "", 1);
    f.lower = figure(text, g.lower);
    buf_add(text, "", 1);
    f.upper = figure(text, g.upper);
    chance_uuid(id);
    prediction_write(a, id, &g, &f);
    line_write(a, id, &g, &f, rows->text[i]);
    return true;
}

static bool
answer_write(struct scope *s, struct app *app, const struct set_model *m, const struct request *in,
             struct reply *out)
{
    char when[TIME_TEXT];
    struct instances rows;
    const struct schema schema = {m->served->n_features, m->served->names, m->served->may_miss};
    if (!instances_read(s, &schema, in->body, &rows))
        return false;

    struct buf text = buf_open(s, 128);
    struct answer a = {
        .in = in,
        .m = m->served,
        .when = time_format(in->at, when),
        .lines = buf_open(s, rows.n * 512),
        .w = reply_json(out),
    };
    json_object_begin(&a.w);
    json_pair_text(&a.w, "model", a.m->model);
    json_pair_text(&a.w, "version", a.m->version);
    json_pair_text(&a.w, "request_id", in->id);
    json_put_key(&a.w, "predictions");
    json_array_begin(&a.w);
    for (size_t i = 0; i < rows.n; i++)
        if (!row_answer(s, &a, &rows, i, &text))
            return false;
    json_array_end(&a.w);
    json_object_end(&a.w);
    reply_header(out, "X-Model-Version", a.m->version);
    if (!spool_append(s, app->spool, (struct str){a.lines.text, a.lines.n}))
        return false;
    if (m->predictions != NULL)
        counter_add(m->predictions, rows.n);
    return true;
}

bool
predict_rows(struct scope *s, const struct request *in, struct reply *out)
{
    struct app *app = app_of(in);
    struct set *set = serving_take(app->serving);
    const struct set_model *m = set_get(s, set, in->parts[0]);
    const bool ok = m != NULL && answer_write(s, app, m, in, out);
    set_drop(set);
    return ok;
}
