-- name: metrics_jobs
-- When each job last finished, and how the last one ended.
SELECT job, coalesce(extract(epoch FROM max(finished_at) FILTER (WHERE state = 'finished')), 0) AS finished_at,
       coalesce(extract(epoch FROM max(as_of) FILTER (WHERE state = 'finished')), 0) AS as_of,
       count(*) FILTER (WHERE state = 'failed') AS n_failed
FROM ops.job GROUP BY job ORDER BY job;

-- name: metrics_accuracy
-- The newest live accuracy of the versions in production and of all versions together.
SELECT DISTINCT ON (a.model, a.version, a.window_days)
       a.model, a.version, a.window_days, a.n, a.rmse, a.mae, a.skill, a.coverage
FROM serve.accuracy a
WHERE a.version = '' OR EXISTS (
    SELECT FROM ml.version v JOIN ml.model m USING (model_id)
    WHERE m.model = a.model AND v.version = a.version AND v.stage = 'production')
ORDER BY a.model, a.version, a.window_days, a.as_of DESC;

-- name: metrics_models
-- The versions in production.
SELECT m.model, v.version, v.family, extract(epoch FROM v.as_of::timestamptz)::bigint AS as_of
FROM ml.version v JOIN ml.model m USING (model_id) WHERE v.stage = 'production' ORDER BY m.model;

-- name: metrics_tables
-- About how many rows the large tables have, by the server's own statistics.
SELECT coalesce(p.inhparent, c.oid)::regclass::text AS name, sum(s.n_live_tup)::bigint AS n_rows
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
LEFT JOIN pg_inherits p ON p.inhrelid = c.oid
WHERE s.schemaname IN ('data', 'serve', 'ml')
GROUP BY 1 ORDER BY 1;

-- name: metrics_alerts
-- Open alerts by severity.
SELECT severity, count(*) AS n FROM ops.alert WHERE closed_as_of IS NULL GROUP BY severity
ORDER BY severity;
