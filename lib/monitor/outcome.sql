-- name: outcome_ingests_wait
-- Waits for ingests that are about to commit, so that the mark passes none of them by.
LOCK TABLE data.ingest IN SHARE MODE;

-- name: outcome_mark_hold
-- Waits for forecasts of days that have passed, which pull the mark back when they are published.
SELECT FROM serve.outcome_mark FOR UPDATE;

-- name: outcome_span
-- The first day to look at: since the last join and where later ingests reach, but a week at least;
-- the first time from the oldest prediction on.
SELECT greatest(CASE WHEN m.is_mark
                     THEN least($1::date - 7, m.as_of, (SELECT min(i.first_day) FROM data.ingest i
                                                        WHERE i.ingest_id > m.ingest_id))
                     ELSE '-infinity' END,
                (SELECT coalesce(min(p.day), $1::date) FROM serve.prediction p)) AS first_day
FROM (VALUES (1)) AS one LEFT JOIN serve.outcome_mark m ON true;

-- name: outcome_join
-- Writes the truth of predictions of some days, where it is new or was corrected.
WITH asked AS MATERIALIZED (
    SELECT prediction_id, model, version, parameter, site_id, day
    FROM serve.prediction
    WHERE day BETWEEN $1::date AND $2::date AND site_id IS NOT NULL AND parameter IS NOT NULL
), truth AS ( -- a range for each station: a week of days costs one look into the index
    SELECT parameter, site_id, measured.day, measured.value
    FROM (SELECT DISTINCT parameter, site_id FROM asked) AS one,
         LATERAL (SELECT o.day, avg(o.value) AS value FROM data.observation o
                  WHERE o.parameter = one.parameter AND o.site_id = one.site_id
                    AND o.day BETWEEN $1::date AND $2::date
                  GROUP BY o.day) AS measured
), joined AS (
    INSERT INTO serve.outcome AS o
        (prediction_id, model, version, day, site_id, truth, joined_as_of)
    SELECT prediction_id, asked.model, asked.version, day, asked.site_id, value, $3::timestamptz
    FROM asked JOIN truth USING (parameter, site_id, day)
    LEFT JOIN serve.outcome past USING (prediction_id, day)
    WHERE past.truth IS DISTINCT FROM value
    ON CONFLICT (prediction_id) DO UPDATE
        SET truth = excluded.truth, joined_as_of = excluded.joined_as_of
    RETURNING o.day
)
SELECT count(*) AS n, min(day) AS first_day, max(day) AS last_day FROM joined;

-- name: outcome_days_sum
-- Sums the errors of each model, version and day anew, over the days whose outcomes changed.
INSERT INTO serve.accuracy_day AS a
SELECT day, model, version, count(*),
       sum(error), sum(error * error), sum(abs(error)),
       sum(truth), sum(truth * truth), min(truth), max(truth),
       count(repeat), coalesce(sum(repeat * repeat), 0),
       coalesce(sum(error * error) FILTER (WHERE repeat IS NOT NULL), 0),
       count(is_inside), count(*) FILTER (WHERE is_inside)
FROM (SELECT DISTINCT ON (o.day, o.model, o.version, o.site_id)
             o.day, o.model, o.version, o.truth, p.value - o.truth AS error,
             p.persistence - o.truth AS repeat, o.truth BETWEEN p.lower AND p.upper AS is_inside
      FROM serve.outcome o
      JOIN serve.prediction p USING (day, model, prediction_id)
      WHERE o.day BETWEEN $1::date AND $2::date AND p.day BETWEEN $1::date AND $2::date
      ORDER BY o.day, o.model, o.version, o.site_id, p.made_at, prediction_id) AS once
GROUP BY day, model, version
ON CONFLICT (day, model, version) DO UPDATE
    SET n = excluded.n, error_sum = excluded.error_sum, error_sq = excluded.error_sq,
        error_abs = excluded.error_abs, truth_sum = excluded.truth_sum,
        truth_sq = excluded.truth_sq, truth_min = excluded.truth_min,
        truth_max = excluded.truth_max, n_repeat = excluded.n_repeat,
        repeat_sq = excluded.repeat_sq, repeat_model_sq = excluded.repeat_model_sq,
        n_interval = excluded.n_interval, n_inside = excluded.n_inside;

-- name: outcome_mark_move
-- Remembers how far outcomes have been joined. A join for an older day leaves the mark alone: it
-- has not looked at what later ingests say of the days from there to the mark.
INSERT INTO serve.outcome_mark AS m (as_of, ingest_id)
SELECT $1::date, coalesce(max(ingest_id), 0) FROM data.ingest
ON CONFLICT (is_mark) DO UPDATE SET as_of = excluded.as_of, ingest_id = excluded.ingest_id
    WHERE (m.as_of, m.ingest_id) <> (excluded.as_of, excluded.ingest_id)
      AND m.as_of <= excluded.as_of;
