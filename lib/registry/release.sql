-- name: release_lock
-- Holds a model, so that moves of its versions queue up.
SELECT model_id FROM ml.model WHERE model = $1::text FOR NO KEY UPDATE;

-- name: release_stage
-- Moves a version to a stage and tells the one that it leaves; no row when it is there already.
UPDATE ml.version v SET stage = $2::text, updated_at = now()
FROM (SELECT version_id, stage FROM ml.version WHERE version_id = $1::integer FOR UPDATE) AS was
WHERE v.version_id = was.version_id AND was.stage <> $2::text
RETURNING was.stage AS from_stage;

-- name: release_add
-- Appends a transition.
INSERT INTO ml.release (version_id, from_stage, to_stage, actor, as_of, evidence)
VALUES ($1::integer, $2::text, $3::text, $4::text, $5::timestamptz, $6::jsonb);

-- name: release_touch
-- Notes that a model changed.
UPDATE ml.model m SET updated_at = now()
FROM ml.version v WHERE v.model_id = m.model_id AND v.version_id = $1::integer;

-- name: release_unalias
-- Takes from a version the aliases of the stages that it is not in ($2 is where it is).
DELETE FROM ml.alias
WHERE version_id = $1::integer AND alias IN ('production', 'shadow', 'canary') AND alias <> $2::text;

-- name: release_alias
-- Points a model's alias at a version.
INSERT INTO ml.alias (model_id, alias, version_id)
SELECT model_id, $2::text, version_id FROM ml.version WHERE version_id = $1::integer
ON CONFLICT (model_id, alias) DO UPDATE SET version_id = EXCLUDED.version_id;

-- name: release_alias_drop
-- Takes an alias of a model away, if there is one.
DELETE FROM ml.alias a USING ml.model m
WHERE a.model_id = m.model_id AND m.model = $1::text AND a.alias = $2::text;

-- name: release_announce
-- Tells whoever serves that something changed; delivered when the transaction commits.
SELECT pg_notify($1::text, $2::text);
