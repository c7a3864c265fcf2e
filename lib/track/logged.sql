-- name: track_logged_create
-- Makes a logged model. No row: no such experiment; is_active tells whether it takes models.
WITH experiment AS (
    SELECT experiment_id, lifecycle_stage = 'active' AS is_active, artifact_location FROM ml.experiment
    WHERE experiment_id = $2::bigint
), added AS (
    INSERT INTO ml.logged_model (model_id, experiment_id, name, model_type, source_run_id, artifact_uri, created_ms, updated_ms)
    SELECT $1::text, experiment_id, $3::text, $4::text, $5::text,
           rtrim(artifact_location, '/') || '/models/' || $1::text || '/artifacts', $6::bigint, $6::bigint
    FROM experiment WHERE is_active RETURNING model_no
)
SELECT e.is_active, a.model_no FROM experiment e LEFT JOIN added a ON true;

-- name: track_logged_params
-- Gives a logged model params.
INSERT INTO ml.logged_param (model_no, key, value)
SELECT DISTINCT ON (u.key) m.model_no, u.key, u.value
FROM ml.logged_model m, unnest($2::text[], $3::text[]) WITH ORDINALITY AS u (key, value, i)
WHERE m.model_id = $1::text ORDER BY u.key, u.i DESC
ON CONFLICT (model_no, key) DO UPDATE SET value = EXCLUDED.value;

-- name: track_logged_tags
-- Sets tags of a logged model.
INSERT INTO ml.logged_tag (model_no, key, value)
SELECT DISTINCT ON (u.key) m.model_no, u.key, u.value
FROM ml.logged_model m, unnest($2::text[], $3::text[]) WITH ORDINALITY AS u (key, value, i)
WHERE m.model_id = $1::text ORDER BY u.key, u.i DESC
ON CONFLICT (model_no, key) DO UPDATE SET value = EXCLUDED.value;

-- name: track_logged_tag_delete
-- Takes a tag off a logged model.
DELETE FROM ml.logged_tag t USING ml.logged_model m
WHERE m.model_id = $1::text AND t.model_no = m.model_no AND t.key = $2::text RETURNING t.key;

-- name: track_logged_status
-- Ends the making of a logged model.
UPDATE ml.logged_model SET status = $2::integer, updated_ms = $3::bigint
WHERE model_id = $1::text AND lifecycle_stage = 'active' RETURNING model_no;

-- name: track_logged_delete
-- Deletes a logged model.
UPDATE ml.logged_model SET lifecycle_stage = 'deleted', updated_ms = $2::bigint
WHERE model_id = $1::text AND lifecycle_stage = 'active' RETURNING model_no;

-- name: track_logged_read
-- Logged models by their ids, with their params and tags.
SELECT m.*, p.keys AS param_keys, p.values AS param_values, t.keys AS tag_keys, t.values AS tag_values
FROM unnest($1::text[]) WITH ORDINALITY AS w (model_id, i) JOIN ml.logged_model m USING (model_id)
CROSS JOIN LATERAL (SELECT array_agg(x.key) AS keys, array_agg(x.value) AS values
                    FROM ml.logged_param x WHERE x.model_no = m.model_no) AS p
CROSS JOIN LATERAL (SELECT array_agg(x.key) AS keys, array_agg(x.value) AS values
                    FROM ml.logged_tag x WHERE x.model_no = m.model_no) AS t
ORDER BY w.i;

-- name: track_logged_metrics
-- The metrics about logged models: of each key, dataset and run the latest.
SELECT DISTINCT ON (x.model_no, x.key, x.dataset_name, x.dataset_digest, x.run_id) m.model_id, x.key, x.value, x.at_ms, x.step,
       x.run_id, x.dataset_name, x.dataset_digest
FROM ml.logged_model m JOIN ml.logged_metric x USING (model_no) WHERE m.model_id = ANY ($1::text[])
ORDER BY x.model_no, x.key, x.dataset_name, x.dataset_digest, x.run_id, x.at_ms DESC, x.step DESC;

-- name: track_logged_experiment
-- The experiment of a logged model.
SELECT experiment_id FROM ml.logged_model WHERE model_id = $1::text;

-- name: track_logged_search
-- Finds logged models; joins, conditions, order and page are put in.
SELECT m.model_id FROM ml.logged_model m /*joins*/ /*.*/
WHERE m.lifecycle_stage = 'active' /*where*/ /*.*/
ORDER BY /*order*/ m.created_ms DESC, m.model_id /*.*/
LIMIT /*limit*/ 1 /*.*/;
