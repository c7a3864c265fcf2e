-- name: track_input_add
-- Gives a run datasets. A dataset is known by its experiment, name and digest; one that the run has
-- keeps the tags that it came with.
WITH given AS (
    SELECT DISTINCT ON (name, digest) * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
        WITH ORDINALITY AS u (name, digest, source_type, source, schema, profile, context, i) ORDER BY name, digest, i
), added AS (
    INSERT INTO ml.dataset (experiment_id, name, digest, source_type, source, schema, profile)
    SELECT r.experiment_id, g.name, g.digest, g.source_type, g.source, g.schema, g.profile
    FROM given g, ml.run r WHERE r.run_id = $1::text ORDER BY g.name, g.digest
    ON CONFLICT (experiment_id, name, digest) DO UPDATE SET name = EXCLUDED.name RETURNING dataset_no, name, digest
)
SELECT g.i, a.dataset_no FROM added a JOIN given g USING (name, digest) ORDER BY g.i;

-- name: track_input_link
-- Notes that a run was given a dataset.
INSERT INTO ml.input (run_no, dataset_no, tag_keys, tag_values, context)
SELECT run_no, $2::integer, $3::text[], $4::text[], $5::text FROM ml.run WHERE run_id = $1::text
ON CONFLICT (run_no, dataset_no) DO NOTHING;

-- name: track_input_models
-- Notes logged models that a run was given or gave out. Returns those that are there.
WITH known AS (
    SELECT DISTINCT ON (m.model_id) m.model_id, u.step FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS u (model_id, step, i)
    JOIN ml.logged_model m USING (model_id) ORDER BY m.model_id, u.i DESC
), added AS (
    INSERT INTO ml.run_model AS o (run_no, is_output, model_id, step)
    SELECT r.run_no, $4::boolean, k.model_id, k.step FROM known k, ml.run r WHERE r.run_id = $1::text
    ON CONFLICT (run_no, is_output, model_id) DO UPDATE SET step = EXCLUDED.step
)
SELECT model_id FROM known;

-- name: track_input_summary
-- The datasets of some experiments that runs were given, with what they were given for.
SELECT DISTINCT d.experiment_id, d.name, d.digest, i.context
FROM ml.dataset d JOIN ml.input i USING (dataset_no) WHERE d.experiment_id = ANY ($1::bigint[])
ORDER BY d.experiment_id, d.name, d.digest, i.context LIMIT 1000;
