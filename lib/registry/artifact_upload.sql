-- name: artifact_upload_begin
-- Begins an upload in parts.
INSERT INTO ml.artifact_upload (upload, path, n_parts, begun_by)
VALUES ($1::text, $2::text, $3::integer, $4::text);

-- name: artifact_upload_find
-- An upload that has not been given up.
SELECT path, n_parts, ended_as IS NOT NULL AS is_over
FROM ml.artifact_upload WHERE upload = $1::text AND begun_at > now() - interval '1 day';

-- name: artifact_part_put
-- Gives an upload that is under way a part, in place of one of that number.
INSERT INTO ml.artifact_part AS p (upload, part, key, sha256, size_bytes)
SELECT u.upload, $2::integer, $3::text, $4::text, $5::bigint
FROM ml.artifact_upload u WHERE u.upload = $1::text AND u.ended_as IS NULL FOR SHARE
ON CONFLICT (upload, part) DO UPDATE
SET key = excluded.key, sha256 = excluded.sha256, size_bytes = excluded.size_bytes;

-- name: artifact_parts
-- An upload's parts in order.
SELECT part, key, sha256 FROM ml.artifact_part WHERE upload = $1::text ORDER BY part;

-- name: artifact_upload_finish
-- Notes what an upload became, so that finishing it again is no failure.
UPDATE ml.artifact_upload SET ended_as = $2::text WHERE upload = $1::text;

-- name: artifact_parts_forget
-- Forgets an upload's parts, and tells their keys.
DELETE FROM ml.artifact_part WHERE upload = $1::text RETURNING key;

-- name: artifact_upload_forget
-- Gives an upload up.
DELETE FROM ml.artifact_upload WHERE upload = $1::text AND ended_as IS NULL;

-- name: artifact_objects_lock
-- Keeps out those who are about to refer to an object, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('artifact objects', 0));

-- name: artifact_is_kept
-- Whether anything refers to a key.
SELECT ml.artifact_is_kept($1::text) AS is_kept;
