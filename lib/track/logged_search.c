#include "track/logged.h"

#include <assert.h>
#include <string.h>

#include "db/array.h"
#include "track/logged.sql.h"
#include "track/logged_read.h"

// A logged model's attributes, and what they are in SQL.
#define ATTRIBUTES(X)                                                                              \
    X("name", "m.name", FILTER_TEXTUAL | FILTER_LISTED)                                            \
    X("model_id", "m.model_id", FILTER_TEXTUAL | FILTER_LISTED)                                    \
    X("model_type", "m.model_type", FILTER_TEXTUAL | FILTER_LISTED)                                \
    X("status", "(ARRAY['PENDING', 'READY', 'FAILED'])[m.status]", FILTER_TEXTUAL | FILTER_LISTED) \
    X("source_run_id", "m.source_run_id", FILTER_TEXTUAL | FILTER_LISTED)                          \
    X("creation_timestamp", "m.created_ms", FILTER_NUMERIC)                                        \
    X("last_updated_timestamp", "m.updated_ms", FILTER_NUMERIC)

static const struct filter_attribute attributes[] = {
#define X(name, column, operators) {name, name, operators, true},
    ATTRIBUTES(X)
#undef X
        {"creation_time", "creation_timestamp", FILTER_NUMERIC, true},
    {"creation_timestamp_ms", "creation_timestamp", FILTER_NUMERIC, true},
    {"last_updated_timestamp_ms", "last_updated_timestamp", FILTER_NUMERIC, true},
    {0},
};

static const struct filter_language language = {
    .of = "logged models",
    .attributes = attributes,
    .operators = {[FILTER_METRIC] = FILTER_NUMERIC,
                  [FILTER_PARAM] = FILTER_TEXTUAL | FILTER_LISTED | FILTER_NULLED,
                  [FILTER_TAG] = FILTER_TEXTUAL | FILTER_LISTED | FILTER_NULLED},
    .orderable = FILTER_BIT(FILTER_METRIC),
};

static const char *
column_of(const char *attribute)
{
#define X(name, column, operators)                                                                 \
    if (strcmp(attribute, name) == 0)                                                              \
        return column;
    ATTRIBUTES(X)
#undef X
    assert(!"an attribute of the table");
    return NULL;
}

// Adds that a metric is on one of the datasets.
static void
datasets_write(struct statement *st, struct buf *out, const char *as, size_t n,
               const struct track_dataset_choice datasets[])
{
    for (size_t i = 0; i < n; i++) {
        buf_print(out, "%s(%s.dataset_name = ", i == 0 ? " AND (" : " OR ", as);
        STATEMENT_PUT(st, out, "text", datasets[i].name);
        if (datasets[i].digest != NULL) {
            buf_print(out, " AND %s.dataset_digest = ", as);
            STATEMENT_PUT(st, out, "text", datasets[i].digest);
        }
        WORDS(out, ")");
    }
    if (n > 0)
        WORDS(out, ")");
}

static void
clause_add(struct statement *st, struct buf *where, const struct filter_clause *c,
           const struct track_logged_page *page)
{
    if (c->entity == FILTER_ATTRIBUTE) {
        clause_write(st, where, column_of(c->key), c);
        return;
    }
    buf_text(where, c->op == FILTER_IS_NULL ? " AND NOT EXISTS (" : " AND EXISTS (");
    if (c->entity == FILTER_METRIC)
        WORDS(where, "SELECT FROM ml.logged_metric x");
    else if (c->entity == FILTER_PARAM)
        WORDS(where, "SELECT FROM ml.logged_param x");
    else
        WORDS(where, "SELECT FROM ml.logged_tag x");
    WORDS(where, " WHERE x.model_no = m.model_no AND x.key = ");
    STATEMENT_PUT(st, where, "text", c->key);
    if (c->op != FILTER_IS_NULL && c->op != FILTER_IS_NOT_NULL)
        CLAUSE_WRITE(st, where, "x.value", c);
    if (c->entity == FILTER_METRIC) {
        if (c->op != FILTER_UNEQUAL)
            WORDS(where, " AND x.value < 'NaN'");
        datasets_write(st, where, "x", page->n_datasets, page->datasets);
    }
    WORDS(where, ")");
}

static void
where_write(struct statement *st, struct buf *where, const struct filter *f,
            const struct track_logged_page *page)
{
    struct db_array ids = db_array_open(st->s, 64);
    bool has_metric = false;
    for (size_t i = 0; i < page->n_experiments; i++)
        db_array_int(&ids, page->experiments[i]);
    WORDS(where, " AND m.experiment_id = ANY (");
    STATEMENT_PUT(st, where, "bigint[]", db_array_end(&ids));
    WORDS(where, ")");
    if (page->principal != NULL) {
        WORDS(where, " AND NOT EXISTS (SELECT FROM auth.hidden_experiment h"
                     " WHERE h.experiment_id = m.experiment_id AND h.principal = ");
        STATEMENT_PUT(st, where, "text", page->principal);
        WORDS(where, ")");
    }
    for (size_t i = 0; i < f->n; i++) {
        clause_add(st, where, &f->clauses[i], page);
        has_metric = has_metric || f->clauses[i].entity == FILTER_METRIC;
    }
    if (page->n_datasets > 0 && !has_metric) {
        WORDS(where, " AND EXISTS (SELECT FROM ml.logged_metric x WHERE x.model_no = m.model_no");
        datasets_write(st, where, "x", page->n_datasets, page->datasets);
        WORDS(where, ")");
    }
}

// Adds the latest value of a metric, by which is ordered.
static void
metric_join(struct statement *st, struct buf *joins, size_t i, const struct filter_order *o,
            const struct track_logged_order *wish)
{
    buf_print(joins,
              " LEFT JOIN LATERAL (SELECT x.value FROM ml.logged_metric x WHERE x.model_no = "
              "m.model_no AND x.key = ");
    STATEMENT_PUT(st, joins, "text", o->key);
    datasets_write(st, joins, "x", wish->dataset.name != NULL, &wish->dataset);
    buf_print(joins, " ORDER BY x.at_ms DESC, x.step DESC, x.run_id LIMIT 1) o%zu ON true", i);
}

static bool
orders_write(struct statement *st, const struct track_logged_page *page, struct buf *joins,
             struct buf *order)
{
    for (size_t i = 0; i < page->n_orders; i++) {
        const struct track_logged_order *wish = &page->orders[i];
        const char *way = wish->is_descending ? " DESC" : "";
        struct filter_order o;
        const char *text = wish->field;
        if (strncmp(text, "metrics.", 8) == 0) // a key stands there as it is, unquoted
            o = (struct filter_order){.entity = FILTER_METRIC, .key = text + 8};
        else if (!filter_order_read(st->s, text, &language, &o))
            return explain(st->s, "Invalid order by field name: %.100s", text);
        if (o.entity == FILTER_METRIC) {
            metric_join(st, joins, i, &o, wish);
            buf_print(order, "o%zu.value = 'NaN' NULLS LAST, o%zu.value%s NULLS LAST, ", i, i, way);
        } else {
            buf_print(order, "%s%s NULLS LAST, ", column_of(o.key), way);
        }
    }
    WORDS(order, "m.created_ms DESC, m.model_id");
    return true;
}

bool
track_logged_search(struct scope *s, struct db *db, const struct track_logged_page *page, size_t *n,
                    const struct track_logged **out, bool *has_more)
{
    struct filter f;
    struct statement st = statement_begin(s);
    struct buf joins = buf_open(s, 256), where = buf_open(s, 256), order = buf_open(s, 128),
               limit = buf_open(s, 32);
    if (page->n_orders > FILTER_CLAUSES || page->n_datasets > FILTER_CLAUSES)
        return fail(s, ERROR_LIMIT, "a search has more than %d orders or datasets", FILTER_CLAUSES);
    if (!filter_read(s, page->filter, &language, &f) || !orders_write(&st, page, &joins, &order))
        return false;
    where_write(&st, &where, &f, page);
    STATEMENT_PUT(&st, &limit, "bigint", db_int(s, page->limit + 1));
    WORDS(&limit, " OFFSET ");
    STATEMENT_PUT(&st, &limit, "bigint", db_int(s, page->offset));
    const struct rows *r = statement_query(&st, db, &sql_track_logged_search,
                                           (const struct hole[]){{"joins", joins.text},
                                                                 {"where", where.text},
                                                                 {"order", order.text},
                                                                 {"limit", limit.text},
                                                                 {0}});
    if (r == NULL)
        return false;
    *has_more = rows_count(r) > (size_t)page->limit;
    const size_t n_found = *has_more ? (size_t)page->limit : rows_count(r);
    const char **ids = scope_array(s, n_found + 1, sizeof *ids);
    for (size_t i = 0; i < n_found; i++)
        ids[i] = rows_text(r, i, "model_id");
    return logged_read(s, db, n_found, ids, false, n, out);
}
