-- name: run_experiment
-- Finds an experiment by name, or makes it; one that was deleted comes back. The update makes
-- RETURNING tell either.
INSERT INTO ml.experiment AS e (name, created_ms, updated_ms)
VALUES ($1::text, $2::bigint, $2::bigint)
ON CONFLICT (name) DO UPDATE SET updated_ms = greatest(e.updated_ms, EXCLUDED.updated_ms), lifecycle_stage = 'active'
RETURNING experiment_id;

-- name: run_add
-- Adds a finished run, with its artifacts below its experiment's.
INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms, ended_ms, artifact_uri, dataset_id, user_id)
SELECT $1::text, $2::bigint, $3::text, 'FINISHED', $4::bigint, $5::bigint,
       rtrim(artifact_location, '/') || '/' || $1::text || '/artifacts', nullif($6::integer, 0), $7::text
FROM ml.experiment WHERE experiment_id = $2::bigint
RETURNING artifact_uri;

-- name: run_log
-- Adds a run's metrics of one moment, its params and its tags, and has them where they are read.
SELECT ml.fold(ARRAY[run_no]) FROM ml.log($1::text, $2::text[], $3::bigint[], ARRAY[$5::bigint], $4::double precision[],
                                          $6::text[], $7::text[], $8::text[], $9::text[]);
