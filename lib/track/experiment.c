#include "track/experiment.h"

#include <string.h>

#include "db/array.h"
#include "track/experiment.sql.h"
#include "track/limit.h"

static bool
name_check(struct scope *s, const char *name)
{
    if (name[0] == '\0')
        return fail(s, ERROR_INPUT, "Invalid experiment name: ''");
    return limit_check(s, "name", LIMIT_EXPERIMENT_NAME, name);
}

static bool
tag_check(struct scope *s, const struct track_pair *tag)
{
    return limit_key(s, "key", "key", tag->key) &&
           limit_check(s, "value", LIMIT_EXPERIMENT_TAG, tag->value);
}

// Says MLflow's words for a name that is taken.
static bool
name_taken(struct scope *s, const char *name)
{
    if (s->kind != ERROR_CONFLICT)
        return false;
    scope_forgive(s);
    return fail(s, ERROR_CONFLICT, "Experiment '%.500s' already exists.", name);
}

bool
track_experiment_create(struct scope *s, struct db *db, const struct track_experiment_wish *wish,
                        int64_t *experiment_id)
{
    const char *location = wish->artifact_location == NULL ? "" : wish->artifact_location;
    const char *keys, *values;
    if (!name_check(s, wish->name) || !limit_location(s, location))
        return false;
    for (size_t i = 0; i < wish->n_tags; i++)
        if (!tag_check(s, &wish->tags[i]))
            return false;
    const struct rows *r =
        DB_QUERY(s, db, &sql_track_experiment_create, wish->name, location, db_int(s, wish->at_ms));
    if (r == NULL)
        return name_taken(s, wish->name);
    *experiment_id = rows_int(r, 0, "experiment_id");
    track_pairs_write(s, wish->n_tags, wish->tags, &keys, &values);
    return wish->n_tags == 0 || DB_RUN(s, db, &sql_track_experiment_tags,
                                       rows_text(r, 0, "experiment_id"), keys, values);
}

static void
experiment_read(struct scope *s, const struct rows *r, size_t i, struct track_experiment *out)
{
    *out = (struct track_experiment){
        .experiment_id = rows_int(r, i, "experiment_id"),
        .name = rows_text(r, i, "name"),
        .artifact_location = rows_text(r, i, "artifact_location"),
        .is_active = strcmp(rows_text(r, i, "lifecycle_stage"), "active") == 0,
        .created_ms = rows_int(r, i, "created_ms"),
        .updated_ms = rows_int(r, i, "updated_ms"),
    };
    out->n_tags = track_pairs_read(s, r, i, "tag_keys", "tag_values", &out->tags);
}

bool
track_experiment_get(struct scope *s, struct db *db, int64_t experiment_id,
                     struct track_experiment *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_experiment_read,
                                    scope_print(s, "{%lld}", (long long)experiment_id), NULL);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "No Experiment with id=%lld exists",
                    (long long)experiment_id);
    experiment_read(s, r, 0, out);
    return true;
}

bool
track_experiment_find(struct scope *s, struct db *db, const char *name,
                      struct track_experiment *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_experiment_read, "{}", name);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "Could not find experiment with name '%.400s'", name);
    experiment_read(s, r, 0, out);
    return true;
}

static bool
stage_set(struct scope *s, struct db *db, int64_t experiment_id, const char *stage, int64_t at_ms)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_experiment_stage, db_int(s, experiment_id),
                                    stage, db_int(s, at_ms));
    if (r == NULL)
        return false;
    return rows_count(r) > 0 ||
           fail(s, ERROR_MISSING, "No Experiment with id=%lld exists that is not %s",
                (long long)experiment_id, stage);
}

bool
track_experiment_delete(struct scope *s, struct db *db, int64_t experiment_id, int64_t at_ms)
{
    return stage_set(s, db, experiment_id, "deleted", at_ms);
}

bool
track_experiment_restore(struct scope *s, struct db *db, int64_t experiment_id, int64_t at_ms)
{
    return stage_set(s, db, experiment_id, "active", at_ms);
}

// Demands that an experiment is there and active.
static bool
active_demand(struct scope *s, struct db *db, int64_t experiment_id)
{
    struct track_experiment e;
    return track_experiment_get(s, db, experiment_id, &e) &&
           (e.is_active ||
            fail(s, ERROR_INPUT,
                 "The experiment %lld must be in the 'active' state. Current state is deleted.",
                 (long long)experiment_id));
}

bool
track_experiment_rename(struct scope *s, struct db *db, int64_t experiment_id, const char *name,
                        int64_t at_ms)
{
    if (!name_check(s, name) || !active_demand(s, db, experiment_id))
        return false;
    return DB_RUN(s, db, &sql_track_experiment_rename, db_int(s, experiment_id), name,
                  db_int(s, at_ms)) ||
           name_taken(s, name);
}

bool
track_experiment_tag(struct scope *s, struct db *db, int64_t experiment_id,
                     const struct track_pair *tag)
{
    const char *keys, *values;
    if (!tag_check(s, tag) || !active_demand(s, db, experiment_id))
        return false;
    track_pairs_write(s, 1, tag, &keys, &values);
    return DB_RUN(s, db, &sql_track_experiment_tags, db_int(s, experiment_id), keys, values);
}

bool
track_experiment_untag(struct scope *s, struct db *db, int64_t experiment_id, const char *key)
{
    if (!active_demand(s, db, experiment_id))
        return false;
    const struct rows *r =
        DB_QUERY(s, db, &sql_track_experiment_tag_delete, db_int(s, experiment_id), key);
    if (r == NULL)
        return false;
    return rows_count(r) > 0 ||
           fail(s, ERROR_MISSING, "No tag with key '%.250s' in experiment %lld", key,
                (long long)experiment_id);
}

static const struct filter_attribute attributes[] = {
    {"name", "name", FILTER_TEXTUAL, true},
    {"experiment_id", "experiment_id", 0, true},
    {"creation_time", "created_ms", FILTER_NUMERIC, true},
    {"last_update_time", "updated_ms", FILTER_NUMERIC, true},
    {0},
};

static const struct filter_language language = {
    .of = "experiments",
    .attributes = attributes,
    .operators = {[FILTER_TAG] = FILTER_TEXTUAL | FILTER_NULLED},
};

static void
tag_write(struct statement *st, struct buf *where, const struct filter_clause *c)
{
    if (c->op == FILTER_IS_NULL)
        WORDS(where, " AND NOT EXISTS");
    else
        WORDS(where, " AND EXISTS");
    WORDS(where, " (SELECT FROM ml.experiment_tag t WHERE t.experiment_id = e.experiment_id"
                 " AND t.key = ");
    STATEMENT_PUT(st, where, "text", c->key);
    if (c->op != FILTER_IS_NULL && c->op != FILTER_IS_NOT_NULL)
        CLAUSE_WRITE(st, where, "t.value", c);
    WORDS(where, ")");
}

static void
where_write(struct statement *st, struct buf *where, const struct filter *f,
            const struct track_page *page)
{
    if (page->view == TRACK_VIEW_ACTIVE)
        WORDS(where, " AND e.lifecycle_stage = 'active'");
    if (page->view == TRACK_VIEW_DELETED)
        WORDS(where, " AND e.lifecycle_stage = 'deleted'");
    if (page->principal != NULL) {
        WORDS(where, " AND NOT EXISTS (SELECT FROM auth.hidden_experiment h"
                     " WHERE h.experiment_id = e.experiment_id AND h.principal = ");
        STATEMENT_PUT(st, where, "text", page->principal);
        WORDS(where, ")");
    }
    for (size_t i = 0; i < f->n; i++) {
        const struct filter_clause *c = &f->clauses[i];
        if (c->entity == FILTER_TAG)
            tag_write(st, where, c);
        else if (strcmp(c->key, "name") == 0)
            CLAUSE_WRITE(st, where, "e.name", c);
        else if (strcmp(c->key, "created_ms") == 0)
            CLAUSE_WRITE(st, where, "e.created_ms", c);
        else
            CLAUSE_WRITE(st, where, "e.updated_ms", c);
    }
}

static void
order_write(struct buf *out, size_t n, const struct filter_order orders[])
{
    bool has_number = false;
    for (size_t i = 0; i < n; i++) {
        WORDS(out, "e.");
        statement_name(out, orders[i].key); // of the table above
        if (orders[i].is_descending)
            WORDS(out, " DESC, ");
        else
            WORDS(out, ", ");
        has_number = has_number || strcmp(orders[i].key, "experiment_id") == 0;
    }
    if (n == 0)
        WORDS(out, "e.created_ms DESC, e.experiment_id");
    else if (has_number)
        WORDS(out, "e.created_ms DESC");
    else
        WORDS(out, "e.experiment_id DESC");
}

bool
track_experiment_search(struct scope *s, struct db *db, const struct track_page *page, size_t *n,
                        const struct track_experiment **out, bool *has_more)
{
    struct filter f;
    const struct filter_order *orders;
    struct statement st = statement_begin(s);
    struct buf where = buf_open(s, 256), order = buf_open(s, 64), limit = buf_open(s, 32);
    if (!filter_read(s, page->filter, &language, &f) ||
        !filter_orders_read(s, page->n_orders, page->orders, &language, &orders))
        return false;
    where_write(&st, &where, &f, page);
    order_write(&order, page->n_orders, orders);
    STATEMENT_PUT(&st, &limit, "bigint", db_int(s, page->limit + 1));
    WORDS(&limit, " OFFSET ");
    STATEMENT_PUT(&st, &limit, "bigint", db_int(s, page->offset));
    const struct rows *ids = statement_query(
        &st, db, &sql_track_experiment_search,
        (const struct hole[]){
            {"where", where.text}, {"order", order.text}, {"limit", limit.text}, {0}});
    if (ids == NULL)
        return false;
    struct db_array numbers = db_array_open(s, 256);
    *has_more = rows_count(ids) > (size_t)page->limit;
    *n = *has_more ? (size_t)page->limit : rows_count(ids);
    for (size_t i = 0; i < *n; i++)
        db_array_int(&numbers, rows_int(ids, i, "experiment_id"));
    const struct rows *r =
        DB_QUERY(s, db, &sql_track_experiment_read, db_array_end(&numbers), NULL);
    if (r == NULL)
        return false;
    struct track_experiment *all = scope_array(s, rows_count(r) + 1, sizeof *all);
    for (size_t i = 0; i < rows_count(r); i++)
        experiment_read(s, r, i, &all[i]);
    *n = rows_count(r);
    *out = all;
    return true;
}
