-- name: lake_references
-- Makes the session's list of what the database refers to.
SELECT data.lake_reference_make();

-- name: lake_reference_page
-- A page of that list.
SELECT key, sha256, coalesce(size_bytes, -1) AS size_bytes, what, hold, is_expired
FROM data.lake_reference_page($1::text, $2::text, $3::integer);

-- name: lake_hash
-- The hash that the database knows of a key.
SELECT coalesce(data.lake_hash($1::text), '') AS sha256;

-- name: lake_policies
-- How long objects are kept, longest prefixes first.
SELECT prefix, keep_days, takes_used FROM data.lake_policy ORDER BY length(prefix) DESC, prefix;

-- name: lake_policy_set
-- Changes or adds one.
INSERT INTO data.lake_policy (prefix, keep_days, takes_used)
VALUES ($1::text, $2::integer, $3::boolean)
ON CONFLICT (prefix) DO UPDATE
SET keep_days = excluded.keep_days, takes_used = excluded.takes_used, changed_at = now();

-- name: lake_expired
-- Notes an object that is about to be deleted.
INSERT INTO data.object_expired (key, sha256, size_bytes, reference, expired_as_of)
VALUES ($1::text, $2::text, $3::bigint, $4::text, $5::timestamptz)
ON CONFLICT (key) DO UPDATE
SET sha256 = excluded.sha256, size_bytes = excluded.size_bytes, reference = excluded.reference,
    expired_as_of = excluded.expired_as_of, expired_at = now();

-- name: lake_is_expired
-- Whether the policy has deleted an object.
SELECT EXISTS (SELECT FROM data.object_expired WHERE key = $1::text) AS is_expired;

-- name: lake_kept
-- Takes the note back: it is there.
DELETE FROM data.object_expired WHERE key = $1::text;

-- name: lake_versions_hold
-- Keeps the versions of an artifact, and the aliases of them, as they are until the transaction ends.
SELECT version_id FROM ml.version WHERE artifact_key = $1::text FOR UPDATE;

-- name: lake_uploads_unfinished
-- Uploads in parts that were begun so many seconds ago or earlier and never ended.
SELECT count(*) AS n FROM ml.artifact_upload
WHERE ended_as IS NULL AND begun_at <= $1::timestamptz - make_interval(secs => $2::integer);

-- name: lake_uploads_end
-- Forgets uploads of that age, ended or not, and with them their parts.
DELETE FROM ml.artifact_upload WHERE begun_at <= $1::timestamptz - make_interval(secs => $2::integer);

-- name: lake_artifacts_hold
-- Keeps out those who are about to have an artifact refer to an object, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('artifact objects', 0));

-- name: lake_is_live
-- Whether one of them is in use; or an artifact refers to what only artifacts refer to.
SELECT EXISTS (SELECT FROM ml.version v WHERE v.artifact_key = $1::text
               AND (v.stage NOT IN ('archived', 'rejected', 'aborted')
                    OR EXISTS (SELECT FROM ml.alias a WHERE a.version_id = v.version_id)))
    OR ($1::text LIKE 'artifacts/mlflow%' AND ml.artifact_is_kept($1::text)) AS is_live;
