-- What the pages show, as of a moment ($1 or $2, a timestamp) and no later.

-- name: site_models
-- The models that have a version in production; the one with the newest forecast first.
SELECT m.model, m.description, v.version_id, v.version, v.family, v.reason, v.as_of,
       v.recipe_sha256, v.artifact_sha256, v.artifact_key, v.run_id, r.as_of AS promoted,
       (v.recipe #>> '{data,parameter}')::int AS parameter,
       coalesce(v.recipe #>> '{target,unit}', '') AS unit,
       coalesce((v.recipe #>> '{target,horizon_days}')::int, 1) AS horizon_days,
       coalesce((v.recipe #>> '{interval,coverage}')::float8, 0.8) AS coverage,
       coalesce((v.recipe #>> '{retrain_days}')::int, 0) AS retrain_days
FROM ml.version v JOIN ml.model m USING (model_id)
LEFT JOIN LATERAL (SELECT to_char(as_of, 'YYYY-MM-DD') AS as_of FROM ml.release
                   WHERE version_id = v.version_id AND to_stage = 'production'
                   ORDER BY release_id DESC LIMIT 1) r ON true
WHERE v.stage = 'production'
ORDER BY (SELECT max(made_at) FROM serve.prediction p
          WHERE p.model = m.model AND p.kind = 'batch' AND p.made_at <= $1::timestamptz)
         DESC NULLS LAST, m.model;

-- name: site_parameter
-- A parameter's name and unit.
SELECT parameter, name, unit FROM data.parameter WHERE parameter = $1::int;

-- name: site_parameter_most
-- The parameter with the most observations, for a database without a model.
SELECT p.parameter, p.name, p.unit
FROM data.parameter p
JOIN (SELECT parameter, count(*) AS n FROM data.observation GROUP BY parameter) o USING (parameter)
ORDER BY o.n DESC, p.parameter LIMIT 1;

-- name: site_stations
-- Stations that have measured a parameter, their newest value and how much there is.
WITH seen AS (
    SELECT site_id, max(day) AS last_day, min(day) AS first_day, count(DISTINCT day) AS n_days
    FROM data.observation
    WHERE parameter = $1::int AND day <= ($2::timestamptz AT TIME ZONE 'UTC')::date
    GROUP BY site_id)
SELECT s.site_id, s.site, s.name, s.state, s.county, s.latitude, s.longitude, seen.first_day,
       seen.last_day, seen.n_days, d.value AS last_value,
       ($2::timestamptz AT TIME ZONE 'UTC')::date - seen.last_day AS silent_days
FROM seen JOIN data.site s USING (site_id)
JOIN data.site_day d ON d.parameter = $1::int AND d.site_id = s.site_id AND d.day = seen.last_day
ORDER BY s.site;

-- name: site_forecasts
-- The newest batch forecast of each station for the newest day forecast.
WITH batch AS (
    SELECT max(made_at) AS made_at FROM serve.prediction
    WHERE model = $1::text AND kind = 'batch' AND made_at <= $2::timestamptz)
SELECT p.site_id, p.day, p.version, p.value, p.lower, p.upper, p.persistence, p.climatology,
       to_char(p.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS made_at
FROM serve.prediction p JOIN batch USING (made_at)
WHERE p.model = $1::text AND p.kind = 'batch' AND p.site_id IS NOT NULL
ORDER BY p.site_id, p.day;

-- name: site_series
-- Observed and predicted, station by station, day by day, over the last $4 days and tomorrow.
WITH bounds AS (
    SELECT ($3::timestamptz AT TIME ZONE 'UTC')::date AS last,
           ($3::timestamptz AT TIME ZONE 'UTC')::date - $4::int AS first),
seen AS (
    SELECT site_id, day, value FROM data.site_day, bounds
    WHERE parameter = $1::int AND day > bounds.first AND day <= bounds.last),
told AS (
    SELECT DISTINCT ON (site_id, day) site_id, day, value, lower, upper, persistence, version
    FROM serve.prediction, bounds
    WHERE model = $2::text AND kind = 'batch' AND made_at <= $3::timestamptz
      AND day > bounds.first AND site_id IS NOT NULL
    ORDER BY site_id, day, made_at DESC)
SELECT site_id, day, day - (SELECT first FROM bounds) AS at, seen.value AS truth, told.value, told.lower,
       told.upper, told.persistence, coalesce(told.version, '') AS version
FROM seen FULL JOIN told USING (site_id, day)
ORDER BY site_id, day;

-- name: site_accuracy
-- Live accuracy over each window at the newest day, and the same window 28 days before.
WITH newest AS (
    SELECT max(as_of) AS as_of FROM serve.accuracy
    WHERE model = $1::text AND version = '' AND as_of <= ($2::timestamptz AT TIME ZONE 'UTC')::date)
SELECT a.window_days, a.as_of, a.n, a.rmse, a.mae, a.r2, a.bias, a.skill, a.coverage,
       a.persistence_rmse, b.rmse AS rmse_before, b.as_of AS before
FROM serve.accuracy a JOIN newest USING (as_of)
LEFT JOIN serve.accuracy b ON b.model = a.model AND b.version = a.version
      AND b.window_days = a.window_days AND b.as_of = a.as_of - 28
WHERE a.model = $1::text AND a.version = ''
ORDER BY a.window_days;

-- name: site_accuracy_days
-- The 30-day window, day by day, for the chart.
SELECT as_of AS day, rmse, persistence_rmse, n
FROM serve.accuracy
WHERE model = $1::text AND version = '' AND window_days = 30
  AND as_of <= ($2::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY as_of;

-- name: site_version_days
-- When versions went into production, for the chart.
SELECT v.version, (min(r.as_of) AT TIME ZONE 'UTC')::date AS day
FROM ml.release r JOIN ml.version v USING (version_id) JOIN ml.model m USING (model_id)
WHERE m.model = $1::text AND r.to_stage = 'production' AND r.as_of <= $2::timestamptz
GROUP BY v.version ORDER BY day, v.version;

-- name: site_jobs
-- The last run of each job. Rendering itself is left out: it is running.
SELECT DISTINCT ON (job) job, to_char(as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS as_of, state,
       coalesce(exit_code, 0) AS exit_code,
       coalesce(to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), '') AS finished_at,
       extract(epoch FROM finished_at - started_at)::float8 AS seconds
FROM ops.job
WHERE state <> 'running' AND job NOT IN ('render', 'migrate') AND job NOT LIKE 'day:%'
  AND as_of <= $1::timestamptz
ORDER BY job, ops.job.as_of DESC;

-- name: site_quality
-- The newest results of the quality gate for each subject, the worst first.
SELECT r.subject, r.target, to_char(r.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS as_of, r.verdict AS run_verdict,
       q.name, q.expect, q.severity, q.verdict, coalesce(q.condition, '') AS condition, q.detail, q.n_rows, q.n_bad,
       q.sample::text AS sample
FROM (SELECT DISTINCT ON (subject) * FROM data.quality_run WHERE as_of <= $1::timestamptz
      ORDER BY subject, data.quality_run.as_of DESC, quality_id DESC) AS r
JOIN data.quality_result q USING (quality_id)
ORDER BY r.subject, CASE q.verdict WHEN 'fail' THEN 0 WHEN 'warn' THEN 1 ELSE 2 END, q.place;

-- name: site_quality_runs
-- The newest runs of each subject, the oldest of them first.
SELECT subject, to_char(as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS as_of, verdict, n_failed, n_warned
FROM (SELECT r.*, row_number() OVER (PARTITION BY subject ORDER BY as_of DESC, quality_id DESC) AS nth,
             (SELECT count(*) FROM data.quality_result q WHERE q.quality_id = r.quality_id AND q.verdict = 'fail') AS n_failed,
             (SELECT count(*) FROM data.quality_result q WHERE q.quality_id = r.quality_id AND q.verdict = 'warn') AS n_warned
      FROM data.quality_run r WHERE as_of <= $1::timestamptz) AS ranked
WHERE nth <= 60
ORDER BY subject, nth DESC;

-- name: site_objects
-- How much was ingested in all.
SELECT count(DISTINCT object_id) AS n_objects,
       coalesce(sum(n_rows), 0)::bigint AS n_rows, coalesce(sum(n_new), 0)::bigint AS n_new,
       coalesce(sum(n_changed), 0)::bigint AS n_changed,
       coalesce(sum(n_skipped), 0)::bigint AS n_skipped,
       coalesce(sum(n_rejected), 0)::bigint AS n_rejected, count(*) AS n_ingests
FROM data.ingest WHERE as_of <= $1::timestamptz;

-- name: site_ingests
-- The newest ingests.
SELECT o.name, o.size_bytes, left(o.sha256, 12) AS sha256,
       to_char(i.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS as_of,
       i.n_rows, i.n_new, i.n_changed, i.n_same, i.n_skipped, i.n_rejected, i.skipped::text AS skipped
FROM data.ingest i JOIN data.object o USING (object_id)
WHERE i.as_of <= $1::timestamptz
ORDER BY i.as_of DESC, i.ingest_id DESC LIMIT 20;

-- name: site_rejects
-- Rejected lines of measurements by reason, with an example of each; those of declared tables are
-- not for the public.
SELECT r.reason, count(*) AS n, min(o.name) AS name, min(r.line) AS line,
       left((array_agg(r.content ORDER BY r.object_id, r.line))[1], 120) AS content
FROM data.reject r JOIN data.object o USING (object_id)
WHERE NOT EXISTS (SELECT FROM data.ingest i WHERE i.object_id = r.object_id AND i.table_name IS NOT NULL)
GROUP BY r.reason ORDER BY n DESC, r.reason LIMIT 50;

-- name: site_datasets
-- The newest dataset versions.
SELECT model, as_of, left(sha256, 12) AS sha256, key, n_rows, n_sites, first_day, last_day
FROM data.dataset_version
WHERE as_of <= ($1::timestamptz AT TIME ZONE 'UTC')::date AND table_name IS NULL
ORDER BY as_of DESC, dataset_id DESC LIMIT 20;

-- name: site_completeness
-- Share of the days of each of the last 12 months with a value, station by station.
WITH months AS (
    SELECT generate_series(date_trunc('month', $2::timestamptz AT TIME ZONE 'UTC') - interval '11 months',
                           date_trunc('month', $2::timestamptz AT TIME ZONE 'UTC'),
                           interval '1 month')::date AS month),
lengths AS (
    SELECT month, least((month + interval '1 month')::date - 1,
                        ($2::timestamptz AT TIME ZONE 'UTC')::date) - month + 1 AS n_days FROM months),
seen AS (
    SELECT site_id, date_trunc('month', day)::date AS month, count(DISTINCT day) AS n
    FROM data.observation
    WHERE parameter = $1::int AND day >= (SELECT min(month) FROM months)
      AND day <= ($2::timestamptz AT TIME ZONE 'UTC')::date
    GROUP BY 1, 2)
SELECT s.site, to_char(l.month, 'YYYY-MM') AS month, to_char(l.month, 'Mon') AS label,
       coalesce(seen.n, 0) AS n, l.n_days,
       100.0 * coalesce(seen.n, 0) / l.n_days AS percent
FROM (SELECT DISTINCT site_id FROM seen) live JOIN data.site s USING (site_id)
CROSS JOIN lengths l
LEFT JOIN seen ON seen.site_id = live.site_id AND seen.month = l.month
ORDER BY s.site, l.month;

-- name: site_network_days
-- How many stations reported each day of the last 365, and their median.
SELECT day, count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS median,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY value) AS high
FROM data.site_day
WHERE parameter = $1::int AND day <= ($2::timestamptz AT TIME ZONE 'UTC')::date
  AND day > ($2::timestamptz AT TIME ZONE 'UTC')::date - 365
GROUP BY day ORDER BY day;
