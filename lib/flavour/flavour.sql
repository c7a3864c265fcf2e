-- name: flavour_location
-- Where a version's files are.
SELECT location FROM ml.version_entry WHERE version_id = $1::integer;

-- name: flavour_set
-- Gives a version the artifact that its files were made into.
UPDATE ml.version SET artifact_key = $2::text, artifact_sha256 = $3::text, family = $4::text, reason = $5::text
WHERE version_id = $1::integer AND artifact_key IS NULL;
