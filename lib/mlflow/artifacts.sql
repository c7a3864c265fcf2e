-- name: artifacts_of_run
-- Where a run's artifacts are.
SELECT artifact_uri FROM ml.run WHERE run_id = $1::text;

-- name: artifacts_of_model
-- Where a logged model's artifacts are.
SELECT artifact_uri FROM ml.logged_model WHERE model_id = $1::text AND lifecycle_stage = 'active';

-- name: artifacts_of_version
-- Where a version's artifacts are.
SELECT location AS artifact_uri FROM ml.version_entry
WHERE model = $1::text AND number = $2::bigint;
