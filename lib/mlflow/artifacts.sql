-- name: artifacts_of_run
-- Where a run's artifacts are.
SELECT artifact_uri FROM ml.run WHERE run_id = $1::text;
