#include "learn/dataset.h"

#include <math.h>

#include "learn/dataset.sql.h"
#include "learn/history.h"
#include "text/csv.h"
#include "text/json.h"

#define LINE_BYTES 48 // of a usual line, for the buffer's first size

static void
position_add(struct buf *out, double degrees)
{
    buf_char(out, ',');
    if (isfinite(degrees))
        buf_number(out, degrees);
}

struct side { // what stands around each of a site's values
    struct str before, after;
};

static struct side *
sides_make(struct scope *s, const struct panel *p)
{
    struct side *sides = scope_array(s, p->n_sites, sizeof *sides);
    for (size_t j = 0; j < p->n_sites; j++) {
        struct buf before = buf_open(s, 32), after = buf_open(s, 32);
        buf_char(&before, ',');
        csv_add(&before, p->sites[j]);
        buf_char(&before, ',');
        position_add(&after, p->latitude[j]);
        position_add(&after, p->longitude[j]);
        buf_char(&after, '\n');
        sides[j] = (struct side){{before.text, before.n}, {after.text, after.n}};
    }
    return sides;
}

// Writes the panel's values as lines and counts them.
static struct buf
panel_write(struct scope *s, const struct panel *p, const char *target, struct dataset *out)
{
    const struct side *sides = sides_make(s, p);
    struct buf text = buf_open(s, p->n_days * p->n_sites / 2 * LINE_BYTES + LINE_BYTES);
    buf_text(&text, "date,site,");
    csv_add(&text, target);
    buf_text(&text, ",latitude,longitude\n");

    for (size_t i = 0; i < p->n_days; i++) {
        const struct day d = day_add(p->first, (int)i);
        const double *row = p->value + i * p->n_sites;
        char date[DAY_TEXT];
        day_format(d, date);
        for (size_t j = 0; j < p->n_sites; j++) {
            if (isnan(row[j]))
                continue;
            buf_add(&text, date, DAY_TEXT - 1);
            buf_add(&text, sides[j].before.at, sides[j].before.n);
            buf_number(&text, row[j]);
            buf_add(&text, sides[j].after.at, sides[j].after.n);
            out->first = out->n_rows == 0 ? d : out->first;
            out->last = d;
            out->n_rows++;
        }
    }
    return text;
}

static void
column_write(struct json_writer *w, const char *name, const char *type, const char *unit)
{
    json_object_begin(w);
    json_pair_text(w, "name", name);
    json_pair_text(w, "type", type);
    json_pair_text(w, "unit", unit);
    json_object_end(w);
}

// What panel_write's columns are.
static const char *
columns_write(struct scope *s, const struct recipe *recipe)
{
    struct buf text = buf_open(s, 400);
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    column_write(&w, "date", "day", "");
    column_write(&w, "site", "text", "");
    column_write(&w, recipe->target_name, "number", recipe->unit);
    column_write(&w, "latitude", "number", "degrees north");
    column_write(&w, "longitude", "number", "degrees east");
    json_array_end(&w);
    return text.text;
}

static const char *
sites_write(struct scope *s, const struct panel *p)
{
    struct buf text = buf_open(s, 1 << 12);
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    for (size_t j = 0; j < p->n_sites; j++)
        json_put_text(&w, p->sites[j]);
    json_array_end(&w);
    return text.text;
}

static bool
dataset_record(struct scope *s, struct db *db, const struct recipe *recipe, struct dataset *out)
{
    char as_of[DAY_TEXT], first[DAY_TEXT], last[DAY_TEXT];
    day_format(out->as_of, as_of);
    if (!db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(
        s, db, &sql_dataset_add, recipe->name, recipe->sha256, as_of, out->sha256, out->key,
        db_int(s, out->n_rows), db_int(s, (int64_t)out->n_sites), day_format(out->first, first),
        day_format(out->last, last), db_int(s, out->size_bytes), columns_write(s, recipe),
        scope_copy_n(s, recipe->text.at, recipe->text.n), sites_write(s, &out->panel));
    if (r == NULL)
        return false;
    out->dataset_id = rows_int(r, 0, "dataset_id");
    return DB_RUN(s, db, &sql_dataset_lineage, db_int(s, out->dataset_id),
                  db_int(s, recipe->parameter), as_of) &&
           db_commit(s, db);
}

bool
dataset_make(struct scope *s, struct db *db, struct store *store, const struct recipe *recipe,
             struct day as_of, struct dataset *out)
{
    const struct day oldest = {INT32_MIN};
    const double begun_s = time_monotonic_s();
    char day[DAY_TEXT];
    *out = (struct dataset){.as_of = as_of};
    if (!history_load(s, db, recipe->parameter, oldest, as_of, &out->panel))
        return explain(s, "could not make a dataset of \"%s\"", recipe->name);

    out->read_s = time_monotonic_s() - begun_s;
    struct scope bytes = {0};
    const struct buf text = panel_write(&bytes, &out->panel, recipe->target_name, out);
    hash_bytes(text.text, text.n, out->sha256);
    out->n_sites = out->panel.n_sites;
    out->size_bytes = (int64_t)text.n;
    out->key = scope_print(s, "processed_data/%s/%s/%.16s.csv", recipe->name,
                           day_format(as_of, day), out->sha256);
    out->write_s = time_monotonic_s() - begun_s - out->read_s;
    const bool is_put =
        store == NULL || store_put(s, store, out->key, (struct str){text.text, text.n});
    scope_close(&bytes);
    const bool ok = is_put && (store == NULL || dataset_record(s, db, recipe, out));
    out->keep_s = time_monotonic_s() - begun_s - out->read_s - out->write_s;
    return ok;
}
