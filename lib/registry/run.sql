-- name: run_experiment
-- Finds an experiment by name, or makes it. The empty update makes RETURNING tell either.
INSERT INTO ml.experiment AS e (name, created_ms, updated_ms)
VALUES ($1::text, $2::bigint, $2::bigint)
ON CONFLICT (name) DO UPDATE SET updated_ms = greatest(e.updated_ms, EXCLUDED.updated_ms)
RETURNING experiment_id;

-- name: run_add
-- Adds a finished run.
INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms, ended_ms, artifact_uri, dataset_id)
VALUES ($1::text, $2::bigint, $3::text, 'FINISHED', $4::bigint, $5::bigint, coalesce($6::text, ''),
        nullif($7::integer, 0));

-- name: run_params
-- Adds a run's parameters.
INSERT INTO ml.param (run_id, key, value)
SELECT $1::text, key, value FROM unnest($2::text[], $3::text[]) AS p (key, value);

-- name: run_metrics
-- Adds a run's metrics of one moment.
INSERT INTO ml.metric (run_id, key, step, at_ms, value)
SELECT $1::text, key, step, $5::bigint, value
FROM unnest($2::text[], $3::bigint[], $4::double precision[]) AS m (key, step, value);

-- name: run_tags
-- Adds a run's tags.
INSERT INTO ml.tag (run_id, key, value)
SELECT $1::text, key, value FROM unnest($2::text[], $3::text[]) AS t (key, value);
