-- name: track_run_create
-- Makes a run with its tags. No row: no such experiment; is_active tells whether it takes runs.
SELECT is_active, artifact_uri
FROM ml.run_create($1::text, $2::bigint, $3::text, $4::text, $5::bigint, $6::text[], $7::text[]);

-- name: track_run_read
-- Runs by their ids, each with its latest metrics, params and tags. One that has fresh points is to
-- be folded and read again.
WITH page AS MATERIALIZED (
    SELECT w.i, r.*, e.lifecycle_stage = 'active' AND r.lifecycle_stage = 'active' AS is_active
    FROM unnest($1::text[]) WITH ORDINALITY AS w (run_id, i) JOIN ml.run r USING (run_id)
    JOIN ml.experiment e USING (experiment_id)
)
SELECT p.run_no, p.run_id, p.experiment_id, p.name, p.user_id, p.status, p.is_active, p.started_ms, p.ended_ms,
       p.artifact_uri, m.keys AS metric_keys, m.values AS metric_values, m.steps, m.times, a.keys AS param_keys,
       a.values AS param_values, t.keys AS tag_keys, t.values AS tag_values,
       EXISTS (SELECT FROM ml.fresh f WHERE f.run_no = p.run_no) AS is_fresh,
       EXISTS (SELECT FROM ml.input i WHERE i.run_no = p.run_no) AS has_datasets,
       EXISTS (SELECT FROM ml.run_model o WHERE o.run_no = p.run_no) AS has_models
FROM page p
CROSS JOIN LATERAL (SELECT array_agg(k.key) AS keys, array_agg(l.value) AS values, array_agg(l.step) AS steps,
                           array_agg(l.at_ms) AS times
                    FROM ml.latest l JOIN ml.key k USING (key_no) WHERE l.run_no = p.run_no) AS m
CROSS JOIN LATERAL (SELECT array_agg(k.key) AS keys, array_agg(x.value) AS values
                    FROM ml.run_param x JOIN ml.key k USING (key_no) WHERE x.run_no = p.run_no) AS a
CROSS JOIN LATERAL (SELECT array_agg(k.key) AS keys, array_agg(x.value) AS values
                    FROM ml.run_tag x JOIN ml.key k USING (key_no) WHERE x.run_no = p.run_no) AS t
ORDER BY p.i;

-- name: track_run_fold
-- Folds some runs.
SELECT ml.fold($1::integer[]), set_config('synchronous_commit', 'off', true);

-- name: track_run_datasets
-- The datasets that runs were given.
SELECT r.run_id, d.name, d.digest, d.source_type, d.source, d.schema, d.profile, i.tag_keys, i.tag_values
FROM ml.run r JOIN ml.input i USING (run_no) JOIN ml.dataset d USING (dataset_no)
WHERE r.run_id = ANY ($1::text[]) ORDER BY r.run_no, d.dataset_no;

-- name: track_run_models
-- The logged models that runs were given or gave out.
SELECT r.run_id, o.is_output, o.model_id, o.step FROM ml.run r JOIN ml.run_model o USING (run_no)
WHERE r.run_id = ANY ($1::text[]) ORDER BY r.run_no, o.is_output, o.model_id;

-- name: track_run_update
-- Changes a run that is active; the end of one that ended is kept when none is given.
UPDATE ml.run r SET status = coalesce($2::text, status), ended_ms = coalesce($3::bigint, ended_ms),
                    name = coalesce($4::text, name)
FROM ml.run_alive a WHERE r.run_id = $1::text AND a.run_no = r.run_no AND a.is_active
RETURNING r.run_no;

-- name: track_run_name_tag
-- Keeps the tag of a run's name in step.
SELECT ml.key_make('{mlflow.runName}'), ml.tags_set($1::integer, '{mlflow.runName}', ARRAY[$2::text]);

-- name: track_run_stage
-- Deletes or restores a run.
UPDATE ml.run SET lifecycle_stage = $2::text WHERE run_id = $1::text RETURNING run_no;
