-- name: version_next
-- Works out a model's next version. Its row is locked, so that two registrations queue up.
WITH known AS (
    INSERT INTO ml.model AS m (model, description) VALUES ($1::text, $2::text)
    ON CONFLICT (model) DO UPDATE SET description = EXCLUDED.description
    RETURNING m.model_id
), last AS (
    SELECT v.manual, v.auto, v.recipe_sha256
    FROM ml.version v JOIN known USING (model_id)
    WHERE v.tag = $3::integer
    ORDER BY v.manual DESC, v.auto DESC LIMIT 1
)
SELECT known.model_id,
       (SELECT coalesce(max(v.number), 0) + 1 FROM ml.version v WHERE v.model_id = known.model_id) AS number,
       CASE WHEN last.manual IS NULL THEN 0
            WHEN last.recipe_sha256 = $4::text THEN last.manual
            ELSE last.manual + 1 END AS manual,
       CASE WHEN last.recipe_sha256 = $4::text THEN last.auto + 1 ELSE 0 END AS auto
FROM known LEFT JOIN last ON true;

-- name: version_add
-- Adds a version that has been numbered.
INSERT INTO ml.version (model_id, number, tag, manual, auto, run_id, dataset_id, as_of, recipe,
                        recipe_sha256, family, reason, artifact_key, artifact_sha256, metrics)
VALUES ($1::integer, $2::integer, $3::integer, $4::integer, $5::integer, $6::text,
        nullif($7::integer, 0), $8::date, $9::jsonb, $10::text, $11::text, $12::text, $13::text,
        $14::text, $15::jsonb)
RETURNING version_id;

-- name: version_get
-- One version, by its id.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id)
WHERE v.version_id = $1::integer;

-- name: version_by_run
-- The version that a run gave.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id) WHERE v.run_id = $1::text;

-- name: version_in_production
-- The version of a model that answers now.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id)
WHERE m.model = $1::text AND v.stage = 'production';

-- name: version_all_in_production
-- What answers now, one version for each model.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id)
WHERE v.stage = 'production' ORDER BY m.model;

-- name: version_of_model
-- A model's versions, newest first; one row of NULLs when it has none.
SELECT v.*, m.model FROM ml.model m LEFT JOIN ml.version v USING (model_id)
WHERE m.model = $1::text ORDER BY v.number DESC;

-- name: version_models
-- The models, with how many versions each has and which one answers.
SELECT m.model, m.description, count(v.version_id) AS n_versions,
       coalesce(max(v.version) FILTER (WHERE v.stage = 'production'), '') AS in_production
FROM ml.model m LEFT JOIN ml.version v USING (model_id) GROUP BY m.model_id ORDER BY m.model;

-- name: version_stage
-- Moves a version to a stage and tells the one that it leaves; no row when it is there already.
UPDATE ml.version v SET stage = $2::text
FROM (SELECT version_id, stage FROM ml.version WHERE version_id = $1::integer FOR UPDATE) AS was
WHERE v.version_id = was.version_id AND was.stage <> $2::text
RETURNING was.stage AS from_stage;

-- name: version_release
-- Appends a transition.
INSERT INTO ml.release (version_id, from_stage, to_stage, actor, as_of, evidence)
VALUES ($1::integer, $2::text, $3::text, $4::text, $5::timestamptz, $6::jsonb);

-- name: version_alias
-- Points a model's alias at a version.
INSERT INTO ml.alias (model_id, alias, version_id)
SELECT model_id, $2::text, version_id FROM ml.version WHERE version_id = $1::integer
ON CONFLICT (model_id, alias) DO UPDATE SET version_id = EXCLUDED.version_id;

-- name: version_announce
-- Tells whoever serves that something changed; delivered when the transaction commits.
SELECT pg_notify($1::text, $2::text);
