-- name: import_experiments
-- Takes in a page of experiments, or the one that was asked for.
SELECT x ->> 'experiment_id' AS source_id, x ->> 'name' AS name, i.our_id, i.is_new
FROM jsonb_array_elements(coalesce($2::jsonb -> 'experiments', jsonb_build_array($2::jsonb -> 'experiment'))) x,
     LATERAL ml.import_experiment($1::text, x) i;

-- name: import_whole
-- Which of some things have been brought whole.
SELECT source_id FROM ml.imported
WHERE source = $1::text AND kind = $2::text AND source_id = ANY ($3::text[]) AND is_whole;

-- name: import_run
-- Takes in a run without its metrics.
SELECT our_id, run_no FROM ml.import_run($1::text, $2::bigint, $3::jsonb -> 'run');

-- name: import_points
-- Takes in a page of a metric's history.
SELECT ml.import_points($1::integer, $2::text, $3::jsonb) AS n;

-- name: import_fold
-- Has a run's metrics where they are read.
SELECT ml.fold(ARRAY[$1::integer]);

-- name: import_complete
-- Notes that something has been brought whole.
UPDATE ml.imported SET is_whole = true WHERE source = $1::text AND kind = $2::text AND source_id = $3::text;

-- name: import_logged
-- Takes in a page of logged models.
SELECT x #>> '{info,model_id}' AS source_id, x #>> '{info,artifact_uri}' AS location, i.our_id, i.is_new,
       x #>> '{info,status}' = 'LOGGED_MODEL_READY' AS is_ready,
       EXISTS (SELECT FROM ml.imported w WHERE w.source = $1::text AND w.kind = 'logged_models'
               AND w.source_id = x #>> '{info,model_id}' AND w.is_whole) AS is_whole
FROM jsonb_array_elements(coalesce($3::jsonb -> 'models', '[]')) x, LATERAL ml.import_logged($1::text, $2::bigint, x) i;

-- name: import_models
-- Takes in a page of registered models.
SELECT x ->> 'name' AS source_id, i.our_id, i.is_new, coalesce(x -> 'aliases', '[]') AS aliases
FROM jsonb_array_elements(coalesce($2::jsonb -> 'registered_models', '[]')) x, LATERAL ml.import_model($1::text, x) i;

-- name: import_versions
-- Takes in a page of a model's versions, the oldest first.
SELECT x ->> 'version' AS source_id, coalesce(x ->> 'current_stage', '') AS stage, ml.import_version($1::text, $2::integer, x) AS is_new
FROM jsonb_array_elements(coalesce($3::jsonb -> 'model_versions', '[]')) x ORDER BY (x ->> 'version')::integer;

-- name: import_aliases
-- Points a model's aliases at its versions, where they point nowhere yet; tells those that are stages here.
WITH wanted AS (
    SELECT a ->> 'alias' AS alias, v.version_id FROM jsonb_array_elements($2::jsonb) a
    JOIN ml.version v ON v.model_id = $1::integer AND v.number = (a ->> 'version')::integer AND v.deleted_at IS NULL
), added AS (
    INSERT INTO ml.alias (model_id, alias, version_id)
    SELECT $1::integer, alias, version_id FROM wanted WHERE alias NOT IN ('production', 'shadow', 'canary')
    ON CONFLICT DO NOTHING
)
SELECT alias FROM wanted WHERE alias IN ('production', 'shadow', 'canary');
