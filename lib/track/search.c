#include "track/search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/array.h"
#include "track/run.sql.h"
#include "track/search.sql.h"

// A run's attributes, and the columns that they are.
#define ATTRIBUTES(X)                                                                              \
    X("run_id", "r.run_id", FILTER_TEXTUAL | FILTER_LISTED, true)                                  \
    X("run_name", "r.name", FILTER_TEXTUAL, true)                                                  \
    X("user_id", "r.user_id", FILTER_TEXTUAL, true)                                                \
    X("status", "r.status", FILTER_TEXTUAL, true)                                                  \
    X("artifact_uri", "r.artifact_uri", FILTER_TEXTUAL, true)                                      \
    X("start_time", "r.started_ms", FILTER_NUMERIC, true)                                          \
    X("end_time", "r.ended_ms", FILTER_NUMERIC, true)

static const struct filter_attribute attributes[] = {
#define X(name, column, operators, is_orderable) {name, name, operators, is_orderable},
    ATTRIBUTES(X)
#undef X
        {"run name", "run_name", FILTER_TEXTUAL, true},
    {"Run name", "run_name", FILTER_TEXTUAL, true},
    {"Run Name", "run_name", FILTER_TEXTUAL, true},
    {"created", "start_time", FILTER_NUMERIC, true},
    {"Created", "start_time", FILTER_NUMERIC, true},
    {0},
};

static const struct filter_attribute dataset[] = {
    {"name", "name", FILTER_TEXTUAL | FILTER_LISTED, false},
    {"digest", "digest", FILTER_TEXTUAL | FILTER_LISTED, false},
    {"context", "context", FILTER_TEXTUAL | FILTER_LISTED, false},
    {0},
};

static const struct filter_language language = {
    .of = "runs",
    .attributes = attributes,
    .dataset = dataset,
    .operators = {[FILTER_METRIC] = FILTER_NUMERIC,
                  [FILTER_PARAM] = FILTER_TEXTUAL | FILTER_NULLED,
                  [FILTER_TAG] = FILTER_TEXTUAL | FILTER_NULLED},
    .orderable = FILTER_BIT(FILTER_METRIC) | FILTER_BIT(FILTER_PARAM) | FILTER_BIT(FILTER_TAG),
};

struct search {
    struct statement st;
    struct filter filter;
    size_t n_orders;
    const struct filter_order *orders;
    enum track_view view;
    const char *active, *deleted;           // experiments, as arrays
    const char **clause_keys, **order_keys; // numbers, "0" for a key that nobody has
    struct buf experiment;                  // " = $1::bigint", or what else one of ours is
    struct buf joins, where;
    const char *limit; // as a value of the statement
};

// An attribute's column, in our own words.
static const char *
column_of(const char *attribute)
{
#define X(name, column, operators, is_orderable)                                                   \
    if (strcmp(attribute, name) == 0)                                                              \
        return column;
    ATTRIBUTES(X)
#undef X
    assert(!"an attribute of the table");
    return NULL;
}

static const char *
table_of(enum filter_entity entity)
{
    static const char *const tables[] = {[FILTER_METRIC] = "ml.latest",
                                         [FILTER_PARAM] = "ml.run_param",
                                         [FILTER_TAG] = "ml.run_tag"};
    return tables[entity];
}

static bool
is_keyed(enum filter_entity entity)
{
    return entity == FILTER_METRIC || entity == FILTER_PARAM || entity == FILTER_TAG;
}

// Adds "ON <as>.run_no = r.run_no AND … AND <as>.key_no = $n".
static void
key_write(struct search *q, struct buf *out, const char *as, const char *key_no)
{
    buf_print(out, " %s.run_no = r.run_no AND %s.experiment_id%s AND %s.key_no = ", as, as,
              q->experiment.text, as);
    STATEMENT_PUT(&q->st, out, "integer", key_no);
}

// A value that is equal begins equally, which is what the index knows.
static void
keyed_write(struct search *q, const struct filter_clause *c, size_t i)
{
    struct buf *out = c->op == FILTER_IS_NULL ? &q->where : &q->joins;
    const char *as = scope_print(q->st.s, "c%zu", i);
    const char *column = scope_print(q->st.s, "%s.value", as);
    if (c->op == FILTER_IS_NULL)
        buf_print(out, " AND NOT EXISTS (SELECT FROM %s %s WHERE", table_of(c->entity), as);
    else
        buf_print(out, " JOIN %s %s ON", table_of(c->entity), as);
    key_write(q, out, as, q->clause_keys[i]);
    if (c->op == FILTER_IS_NULL)
        WORDS(out, ")");
    if (c->op == FILTER_IS_NULL || c->op == FILTER_IS_NOT_NULL)
        return;
    WORDS(out, " AND ");
    const bool is_indexed = c->entity != FILTER_METRIC && c->op == FILTER_EQUAL;
    if (is_indexed && strlen(c->text) < 250) { // then its beginning is all of it
        buf_print(out, "left(%s, 250) = ", column);
        STATEMENT_PUT(&q->st, out, "text", c->text);
        return;
    }
    comparison_write(&q->st, out, column, c);
    if (c->entity == FILTER_METRIC && c->op != FILTER_UNEQUAL)
        buf_print(out, " AND %s < 'NaN'", column); // which PostgreSQL holds for the greatest
    if (is_indexed) {
        buf_print(out, " AND left(%s, 250) = left(", column);
        STATEMENT_PUT(&q->st, out, "text", c->text);
        WORDS(out, ", 250)");
    }
}

static void
dataset_write(struct search *q, const struct filter_clause *c)
{
    WORDS(&q->where, " AND EXISTS (SELECT FROM ml.input i JOIN ml.dataset d USING (dataset_no)"
                     " WHERE i.run_no = r.run_no");
    if (strcmp(c->key, "context") == 0)
        CLAUSE_WRITE(&q->st, &q->where, "i.context", c);
    else if (strcmp(c->key, "name") == 0)
        CLAUSE_WRITE(&q->st, &q->where, "d.name", c);
    else
        CLAUSE_WRITE(&q->st, &q->where, "d.digest", c);
    WORDS(&q->where, ")");
}

// The experiments and stages that are asked for.
static void
view_write(struct search *q)
{
    const bool is_one = strpbrk(q->active, ",") == NULL && strcmp(q->active, "{}") != 0;
    struct buf *out = &q->experiment;
    const char *all = q->active;
    if (q->view != TRACK_VIEW_ACTIVE && strcmp(q->deleted, "{}") != 0) {
        const char *comma = strcmp(q->active, "{}") == 0 ? "" : ",";
        all = scope_print(q->st.s, "%.*s%s%s", (int)strlen(q->active) - 1, q->active, comma,
                          q->deleted + 1);
    } else if (is_one) {
        WORDS(out, " = ");
        STATEMENT_PUT(&q->st, out, "bigint",
                      scope_copy_n(q->st.s, q->active + 1, strlen(q->active) - 2));
        all = NULL;
    }
    if (all != NULL) {
        WORDS(out, " = ANY (");
        STATEMENT_PUT(&q->st, out, "bigint[]", all);
        WORDS(out, ")");
    }
    buf_print(&q->where, "r.experiment_id%s", out->text);
    if (q->view == TRACK_VIEW_ACTIVE)
        WORDS(&q->where, " AND r.lifecycle_stage = 'active'");
    if (q->view == TRACK_VIEW_DELETED) {
        WORDS(&q->where, " AND (r.lifecycle_stage = 'deleted' OR r.experiment_id = ANY (");
        STATEMENT_PUT(&q->st, &q->where, "bigint[]", q->deleted);
        WORDS(&q->where, "))");
    }
}

static void
where_write(struct search *q)
{
    view_write(q);
    for (size_t i = 0; i < q->filter.n; i++) {
        const struct filter_clause *c = &q->filter.clauses[i];
        if (is_keyed(c->entity)) {
            keyed_write(q, c, i);
        } else if (c->entity == FILTER_DATASET) {
            dataset_write(q, c);
        } else {
            WORDS(&q->where, " AND ");
            comparison_write(&q->st, &q->where, column_of(c->key), c);
        }
    }
}

// Adds the order of one column, what is missing last.
static void
column_order_write(struct buf *out, const char *column, bool is_descending)
{
    buf_print(out, "%s%s NULLS LAST, ", column, is_descending ? " DESC" : "");
}

// Adds the order by the i-th and those behind it, with the joins that they need.
static void
orders_write(struct search *q, size_t from, struct buf *joins, struct buf *order)
{
    for (size_t i = from; i < q->n_orders; i++) {
        const struct filter_order *o = &q->orders[i];
        if (!is_keyed(o->entity)) {
            column_order_write(order, column_of(o->key), o->is_descending);
            continue;
        }
        const char *as = scope_print(q->st.s, "o%zu", i);
        buf_print(joins, " LEFT JOIN %s %s ON", table_of(o->entity), as);
        key_write(q, joins, as, q->order_keys[i]);
        if (o->entity == FILTER_METRIC)
            buf_print(order, "%s.value = 'NaN' NULLS LAST, ", as);
        column_order_write(order, scope_print(q->st.s, "%s.value", as), o->is_descending);
    }
    WORDS(order, "r.started_ms DESC, r.run_id");
}

// Adds one part: those runs, in that order, as many as can be wanted of it.
static void
part_write(struct search *q, struct buf *parts, const char *join, const char *and,
           const char *first)
{
    struct buf joins = buf_open(q->st.s, 256), order = buf_open(q->st.s, 256);
    orders_write(q, *join == '\0' && *and == '\0' ? 0 : 1, &joins, &order);
    buf_print(parts, "%s(SELECT r.run_id FROM ml.run r%s%s%s WHERE %s%s ORDER BY %s%s LIMIT %s)",
              parts->n == 0 ? "" : " UNION ALL ", join, q->joins.text, joins.text, q->where.text,
              and, first, order.text, q->limit);
}

// Where the first order is by something logged there are three parts: those that have it, as its
// index gives them; then NaN; then those without. This is the first.
static void
ordered_part_write(struct search *q, struct buf *parts)
{
    const struct filter_order *o = &q->orders[0];
    const char *way = o->is_descending ? " DESC" : "";
    struct buf join = buf_open(q->st.s, 128);
    buf_print(&join, " JOIN %s o ON", table_of(o->entity));
    key_write(q, &join, "o", q->order_keys[0]);
    if (o->entity == FILTER_METRIC)
        part_write(q, parts, join.text, " AND o.value < 'NaN'",
                   scope_print(q->st.s, "o.value%s, ", way));
    else
        part_write(q, parts, join.text, "",
                   scope_print(q->st.s, "left(o.value, 250)%s, o.value%s, ", way, way));
}

static void
other_parts_write(struct search *q, struct buf *parts)
{
    const struct filter_order *o = &q->orders[0];
    struct buf on = buf_open(q->st.s, 128);
    key_write(q, &on, "o", q->order_keys[0]);
    const char *table = table_of(o->entity);
    if (o->entity == FILTER_METRIC)
        part_write(q, parts, scope_print(q->st.s, " JOIN %s o ON%s", table, on.text),
                   " AND o.value = 'NaN'", "");
    part_write(q, parts, "",
               scope_print(q->st.s, " AND NOT EXISTS (SELECT FROM %s o WHERE%s)", table, on.text),
               "");
}

// Asks for the numbers of keys, which experiments there are, and folds what the search looks at.
static bool
prepare(struct scope *s, struct db *db, struct search *q, const char *experiments,
        const char *principal)
{
    struct db_array keys = db_array_open(s, 256);
    bool has_metric = false;
    for (size_t i = 0; i < q->filter.n; i++) {
        db_array_text(&keys, q->filter.clauses[i].key);
        has_metric = has_metric || q->filter.clauses[i].entity == FILTER_METRIC;
    }
    for (size_t i = 0; i < q->n_orders; i++) {
        db_array_text(&keys, q->orders[i].key);
        has_metric = has_metric || q->orders[i].entity == FILTER_METRIC;
    }
    const char *wanted = db_array_end(&keys);
    const struct rows *r = DB_QUERY(s, db, &sql_track_search_prepare, experiments, wanted,
                                    has_metric ? "t" : "f", principal);
    if (r != NULL && strcmp(rows_text(r, 0, "fresh"), "{}") != 0) // which may bring keys
        r = DB_RUN(s, db, &sql_track_run_fold, rows_text(r, 0, "fresh"))
                ? DB_QUERY(s, db, &sql_track_search_prepare, experiments, wanted, "f", principal)
                : NULL;
    if (r == NULL)
        return false;
    q->active = rows_text(r, 0, "active");
    q->deleted = rows_text(r, 0, "deleted");
    db_array_read(s, rows_text(r, 0, "keys"), &q->clause_keys);
    q->order_keys = q->clause_keys + q->filter.n;
    return true;
}

// Finds a page. The other parts are only asked where the first has too little for it: most often
// it has enough, and planning them costs as much as finding.
static const struct rows *
page_find(struct search *q, struct db *db, const struct track_page *page)
{
    struct scope *s = q->st.s;
    struct buf parts = buf_open(s, 1024), limit = buf_open(s, 32), each = buf_open(s, 32);
    const bool has_parts = q->n_orders > 0 && is_keyed(q->orders[0].entity);
    STATEMENT_PUT(&q->st, &each, "bigint", db_int(s, page->offset + page->limit + 1));
    q->limit = each.text;
    STATEMENT_PUT(&q->st, &limit, "bigint", db_int(s, page->limit + 1));
    WORDS(&limit, " OFFSET ");
    STATEMENT_PUT(&q->st, &limit, "bigint", db_int(s, page->offset));
    where_write(q);
    if (has_parts)
        ordered_part_write(q, &parts);
    else
        part_write(q, &parts, "", "", "");
    const struct rows *r =
        statement_query(&q->st, db, &sql_track_search_runs,
                        (const struct hole[]){{"parts", parts.text}, {"limit", limit.text}, {0}});
    if (r == NULL || !has_parts || rows_count(r) > (size_t)page->limit)
        return r;
    other_parts_write(q, &parts);
    return statement_query(
        &q->st, db, &sql_track_search_runs,
        (const struct hole[]){{"parts", parts.text}, {"limit", limit.text}, {0}});
}

bool
track_search(struct scope *s, struct db *db, size_t n_experiments, const int64_t experiments[],
             const struct track_page *page, size_t *n, const struct track_run **out, bool *has_more)
{
    struct search q = {.st = statement_begin(s),
                       .n_orders = page->n_orders,
                       .view = page->view,
                       .experiment = buf_open(s, 32),
                       .joins = buf_open(s, 512),
                       .where = buf_open(s, 512)};
    struct db_array ids = db_array_open(s, 64);
    *n = 0;
    *has_more = false;
    if (!filter_read(s, page->filter, &language, &q.filter) ||
        !filter_orders_read(s, page->n_orders, page->orders, &language, &q.orders))
        return false;
    if (q.filter.n + q.n_orders > FILTER_CLAUSES) // each may be a join
        return fail(s, ERROR_LIMIT, "a search has more than %d clauses and orders together",
                    FILTER_CLAUSES);
    for (size_t i = 0; i < n_experiments; i++)
        db_array_int(&ids, experiments[i]);
    if (!prepare(s, db, &q, db_array_end(&ids), page->principal))
        return false;
    const struct rows *r = page_find(&q, db, page);
    if (r == NULL)
        return false;
    *has_more = rows_count(r) > (size_t)page->limit;
    const size_t n_found = *has_more ? (size_t)page->limit : rows_count(r);
    const char **found = scope_array(s, n_found + 1, sizeof *found);
    for (size_t i = 0; i < n_found; i++)
        found[i] = rows_text(r, i, "run_id");
    return track_runs_get(s, db, n_found, found, n, out);
}
