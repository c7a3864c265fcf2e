// tests/monitor/history.h: a made-up past to join and to score.
#ifndef TESTS_MONITOR_HISTORY_H
#define TESTS_MONITOR_HISTORY_H

#include "db.h"

#include "base/time.h"
#include "monitor/outcome.h"

static const struct query history_site = {
    "t_site", "INSERT INTO data.site (site) VALUES ($1::text) RETURNING site_id"};
static const struct query history_observe = {
    "t_observe", "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id) "
                 "VALUES (81102, $1::int, $2::date, $4::smallint, $3::float8, 1) "
                 "ON CONFLICT (parameter, site_id, day, poc) DO UPDATE SET value = excluded.value"};
static const struct query history_predict = {
    "t_predict",
    "INSERT INTO serve.prediction (prediction_id, made_at, kind, model, version, site_id, "
    "parameter, day, value, lower, upper, persistence) VALUES (gen_random_uuid(), "
    "$4::date - 1 + time '23:59:59', 'batch', 'pm', $1::text, $2::int, "
    "CASE WHEN $2::int IS NULL THEN NULL ELSE $3::int END, $4::date, $5::float8, $6::float8, "
    "$7::float8, $8::float8)"};
static const struct query history_ingest = {
    "t_ingest",
    "WITH o AS (INSERT INTO data.object (sha256, key, name, size_bytes) SELECT "
    "encode(sha256(convert_to(k, 'UTF8')), 'hex'), k, 'late.csv', 1 FROM (SELECT "
    "gen_random_uuid()::text AS k) AS key RETURNING object_id) INSERT INTO data.ingest (object_id, "
    "as_of, n_rows, n_new, n_changed, n_same, n_skipped, n_rejected, first_day, last_day) "
    "SELECT object_id, '2009-03-01', 1, 0, 1, 0, 0, 0, $1::date, $1::date FROM o"};
static const struct query history_outcomes = {
    "t_outcomes", "SELECT count(*) AS n, max(truth) AS truth FROM serve.outcome"};
static const struct query history_score = {
    "t_score", "SELECT * FROM serve.accuracy WHERE model = 'pm' AND version = $1::text "
               "AND window_days = $2::int AND as_of = $3::date"};

struct guess_row {
    const char *version, *day;
    double value, lower, upper, persistence; // NaN for none
};

static inline const char *
history_station(struct scope *s, struct db *db, const char *site)
{
    CHECK(db_script(s, db,
                    "SELECT data.observation_years('2009-01-01', '2009-12-31'),"
                    " serve.prediction_month(m) FROM generate_series("
                    " timestamptz '2008-01-01', '2009-12-01', '1 month') AS m"));
    const struct rows *r = DB_QUERY(s, db, &history_site, site);
    CHECK(r != NULL);
    return rows_text(r, 0, "site_id");
}

static inline void
history_guess(struct scope *s, struct db *db, const char *site_id, const struct guess_row *g)
{
    CHECK(DB_RUN(s, db, &history_predict, g->version, site_id, "81102", g->day,
                 db_number(s, g->value), db_number(s, g->lower), db_number(s, g->upper),
                 db_number(s, g->persistence)));
}

static inline void
history_truth(struct scope *s, struct db *db, const char *site_id, const char *day, double value)
{
    CHECK(DB_RUN(s, db, &history_observe, site_id, day, db_number(s, value), "1"));
}

static inline int64_t
history_join(struct scope *s, struct db *db, const char *day)
{
    int64_t as_of, n = -1;
    CHECK(time_parse(s, day, &as_of));
    CHECK(outcomes_join(s, db, as_of, &n));
    return n;
}

#endif
