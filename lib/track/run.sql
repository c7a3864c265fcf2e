-- name: track_run_create
-- Makes a run with its tags. No row: no such experiment; is_active tells whether it takes runs.
SELECT is_active, artifact_uri
FROM ml.run_create($1::text, $2::bigint, $3::text, $4::text, $5::bigint, $6::text[], $7::text[]);

-- name: track_run_read
-- Runs by their ids, each with its latest metrics, params and tags. One that has fresh points is to
-- be folded and read again.
SELECT p.* FROM unnest($1::text[]) WITH ORDINALITY AS w (run_id, i) JOIN ml.run_whole p USING (run_id) ORDER BY w.i;

-- name: track_run_read_one
-- The same of one run: PostgreSQL plans it once.
SELECT * FROM ml.run_whole WHERE run_id = $1::text;

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
