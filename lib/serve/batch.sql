-- name: batch_find
-- What was published by a model for an as-of time. The days only lead to the index.
SELECT version, day, count(*) AS n
FROM serve.prediction
WHERE made_at = $2::timestamptz AND kind = 'batch' AND model = $1::text
  AND day BETWEEN ($2::timestamptz)::date AND ($2::timestamptz)::date + 366
GROUP BY version, day;

-- name: batch_month
-- Makes the partition that a batch goes to. Who finds it missing waits for others that may be
-- making it.
SELECT serve.prediction_month($1::timestamptz)
FROM (SELECT CASE WHEN to_regclass('serve.prediction_' || to_char($1::timestamptz, 'YYYYMM')) IS NULL
                  THEN pg_advisory_xact_lock(hashtext('partition')) END) AS turn;

-- name: batch_publish
-- Takes in a batch's rows, those that are not there yet, and tells of stations that are unknown.
-- Where outcomes of its day have been joined before, the next join is to look at that day again.
WITH given AS MATERIALIZED (
    SELECT r.*, s.site_id
    FROM json_to_recordset($1::json) AS r (id uuid, site text, value double precision,
         lower double precision, upper double precision, persistence double precision,
         climatology double precision)
    LEFT JOIN data.site s USING (site)
), put AS (
    INSERT INTO serve.prediction (prediction_id, made_at, kind, model, version, site_id, parameter,
                                  day, value, lower, upper, persistence, climatology)
    SELECT id, $2::timestamptz, 'batch', $3::text, $4::text, site_id, $5::integer, $6::date,
           value, lower, upper, persistence, climatology
    FROM given WHERE site_id IS NOT NULL
    ON CONFLICT (prediction_id, made_at) DO NOTHING
), late AS (
    UPDATE serve.outcome_mark SET as_of = $6::date - 1 WHERE as_of >= $6::date
)
SELECT min(site) AS unknown_site FROM given WHERE site_id IS NULL;
