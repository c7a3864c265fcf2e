#include "api/handlers.h"
#include "api/health.sql.h"
#include "app/app.h"

static bool
database_is_up(struct db *db)
{
    struct scope s = {0};
    const bool is_up = db_query(&s, db, &sql_health_ping, 0, NULL) != NULL;
    scope_close(&s);
    return is_up;
}

static void
part_begin(struct json_writer *w, const char *name, const char *state)
{
    json_put_key(w, name);
    json_object_begin(w);
    json_pair_text(w, "state", state);
}

static void
models_write(struct json_writer *w, const struct set *set)
{
    char when[TIME_TEXT];
    part_begin(w, "model", set->n_models == 0 ? "down" : set->n_faults > 0 ? "degraded" : "up");
    json_pair_text(w, "loaded_at", set->made_at == 0 ? NULL : time_format(set->made_at, when));
    json_put_key(w, "models");
    json_array_begin(w);
    for (size_t i = 0; i < set->n_models; i++) {
        json_object_begin(w);
        json_pair_text(w, "model", set->models[i].served->model);
        json_pair_text(w, "version", set->models[i].served->version);
        json_pair_int(w, "n_forecasts", (int64_t)set->models[i].n_forecasts);
        json_object_end(w);
    }
    json_array_end(w);
    json_put_key(w, "faults");
    json_array_begin(w);
    for (size_t i = 0; i < set->n_faults; i++)
        json_put_text(w, set->faults[i]);
    json_array_end(w);
    json_object_end(w);
}

// Answering needs a model and room in the log. Without the database or the store it goes on, on
// what it has: degraded, and still 200.
bool
health_get(struct scope *s, const struct request *in, struct reply *out)
{
    (void)s;
    struct app *app = app_of(in);
    struct set *set = serving_take(app->serving);
    const int64_t waiting = spool_waiting_bytes(app->spool);
    const bool is_spool_up = spool_has_room(app->spool);
    const bool is_database_up = database_is_up(in->db), is_store_up = app_store_is_up(app);
    const bool is_down = set->n_models == 0 || !is_spool_up;
    const bool is_whole = is_database_up && is_store_up && set->n_faults == 0;

    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "status", is_down ? "down" : is_whole ? "ok" : "degraded");
    json_put_key(&w, "parts");
    json_object_begin(&w);
    part_begin(&w, "database", is_database_up ? "up" : "down");
    json_object_end(&w);
    part_begin(&w, "store", is_store_up ? "up" : "down");
    json_object_end(&w);
    models_write(&w, set);
    part_begin(&w, "spool", is_spool_up ? "up" : "down");
    json_pair_int(&w, "waiting_bytes", waiting);
    json_object_end(&w);
    json_object_end(&w);
    json_object_end(&w);
    out->status = is_down ? 503 : 200;
    reply_header(out, "Cache-Control", "no-store");
    set_drop(set);
    return true;
}
