-- name: version_next
-- Works out a model's next version. Its row is locked, so that two registrations queue up. What
-- a person said of the model stays.
WITH known AS (
    INSERT INTO ml.model AS m (model, description) VALUES ($1::text, $2::text)
    ON CONFLICT (model) DO UPDATE SET updated_at = now(),
        description = coalesce(nullif(m.description, ''), EXCLUDED.description)
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
                        recipe_sha256, family, reason, artifact_key, artifact_sha256, metrics, source)
VALUES ($1::integer, $2::integer, $3::integer, $4::integer, $5::integer, $6::text,
        nullif($7::integer, 0), $8::date, $9::jsonb, $10::text, $11::text, $12::text, $13::text,
        $14::text, $15::jsonb,
        coalesce((SELECT nullif(r.artifact_uri, '') || '/model' FROM ml.run r WHERE r.run_id = $6::text), ''))
RETURNING version_id;

-- name: version_get
-- One version, by its id.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id)
WHERE v.version_id = $1::integer;

-- name: version_by_run
-- The version that a run gave.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id) 
WHERE v.run_id = $1::text AND v.deleted_at IS NULL ORDER BY v.number DESC LIMIT 1;

-- name: version_by_number
-- A model's version, by the number that MLflow's client knows it by.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id)
WHERE m.model = $1::text AND v.number = $2::bigint AND v.deleted_at IS NULL;

-- name: version_by_name
-- A model's version, by its V number or by its number.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id)
WHERE m.model = $1::text AND (v.version = $2::text OR v.number::text = $2::text)
  AND v.deleted_at IS NULL;

-- name: version_of_alias
-- The version that an alias points at.
SELECT v.*, m.model FROM ml.alias a JOIN ml.model m USING (model_id) JOIN ml.version v USING (version_id)
WHERE m.model = $1::text AND a.alias = $2::text;

-- name: version_in_production
-- The version of a model that answers now.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id)
WHERE m.model = $1::text AND v.stage = 'production';

-- name: version_before
-- The version of a model that left production last, among those that are still there.
SELECT v.*, m.model FROM ml.release r JOIN ml.version v USING (version_id) JOIN ml.model m USING (model_id)
WHERE m.model = $1::text AND r.from_stage = 'production' AND v.stage <> 'production' AND v.deleted_at IS NULL
ORDER BY r.release_id DESC LIMIT 1;

-- name: version_all_in_production
-- What answers now, one version for each model.
SELECT v.*, m.model FROM ml.version v JOIN ml.model m USING (model_id)
WHERE v.stage = 'production' ORDER BY m.model;

-- name: version_of_model
-- A model's versions, newest first; one row of NULLs when it has none.
SELECT v.*, m.model FROM ml.model m
LEFT JOIN ml.version v ON v.model_id = m.model_id AND v.deleted_at IS NULL
WHERE m.model = $1::text ORDER BY v.number DESC;

-- name: version_models
-- The models that are not hidden from a principal, with how many versions each has and which one
-- answers.
SELECT m.model, m.description, count(v.version_id) AS n_versions,
       coalesce(max(v.version) FILTER (WHERE v.stage = 'production'), '') AS in_production
FROM ml.model m LEFT JOIN ml.version v ON v.model_id = m.model_id AND v.deleted_at IS NULL
WHERE $1::text IS NULL OR NOT EXISTS (
    SELECT FROM auth.hidden_model h WHERE h.principal = $1 AND h.model_id = m.model_id)
GROUP BY m.model_id ORDER BY m.model;
