-- name: model_source_logged_model
-- Where a logged model's files are.
SELECT artifact_uri, experiment_id, source_run_id FROM ml.logged_model
WHERE model_id = $1::text AND lifecycle_stage = 'active';
