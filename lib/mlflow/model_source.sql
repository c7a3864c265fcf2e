-- name: model_source_logged_model
-- Where a logged model's files are.
SELECT artifact_uri, experiment_id, source_run_id FROM ml.logged_model
WHERE model_id = $1::text AND lifecycle_stage = 'active';

-- name: model_source_note
-- Notes on a logged model that a version was made of it, in the tag that clients look at.
INSERT INTO ml.logged_tag AS t (model_no, key, value)
SELECT model_no, 'mlflow.modelVersions', format('[{"name": %s, "version": %s}]', to_json($2::text), $3::bigint)
FROM ml.logged_model WHERE model_id = $1::text
ON CONFLICT (model_no, key) DO UPDATE
SET value = CASE WHEN t.value LIKE '[{%}]' THEN left(t.value, -1) || ', ' || substr(EXCLUDED.value, 2) ELSE EXCLUDED.value END;
