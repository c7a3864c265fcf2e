-- name: lineage_origin
-- The dataset and the run that a version came from; NULL where it has none, or not of ours.
SELECT d.dataset_id, d.key, d.sha256, d.as_of, d.n_rows, d.first_day, d.last_day,
       (SELECT count(*) FROM data.dataset_object o WHERE o.dataset_id = d.dataset_id) AS n_objects,
       r.run_id, r.name AS run_name, r.status, r.started_ms, r.ended_ms, e.name AS experiment
FROM ml.version v LEFT JOIN data.dataset_version d USING (dataset_id)
LEFT JOIN ml.run r ON r.run_id = v.run_id LEFT JOIN ml.experiment e USING (experiment_id)
WHERE v.version_id = $1::integer;

-- name: lineage_releases
-- A version's moves between stages.
SELECT release_id, coalesce(from_stage, '') AS from_stage, to_stage, actor,
       to_char(as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS as_of,
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, evidence
FROM ml.release WHERE version_id = $1::integer ORDER BY release_id;

-- name: lineage_predictions
-- What a version has predicted. It has done so since it first went into production, which tells the
-- partitions to look in.
SELECT kind, count(*) AS n, min(day) AS first_day, max(day) AS last_day,
       to_char(max(made_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS last_made_at
FROM serve.prediction
WHERE model = $2::text AND version = $3::text
  AND made_at >= (SELECT min(as_of) - interval '1 day' FROM ml.release
                  WHERE version_id = $1::integer AND to_stage = 'production')
GROUP BY kind ORDER BY kind;

-- name: lineage_accuracy
-- What became of them: days that were measured, and the accuracy over the longest window, of the
-- newest day.
SELECT (SELECT coalesce(sum(n), 0) FROM serve.accuracy_day WHERE model = $1::text AND version = $2::text) AS n_outcomes,
       a.window_days, a.as_of, a.n, a.rmse, a.mae, a.bias, a.skill
FROM serve.accuracy a WHERE a.model = $1::text AND a.version = $2::text
ORDER BY a.as_of DESC, a.window_days DESC LIMIT 1;
