-- name: flavour_location
-- Where a version's files are: "runs:/ID/PATH" lies below the run's own.
SELECT coalesce(r.artifact_uri || substr(e.location, length('runs:/') + 1 + length(r.run_id)), e.location) AS location
FROM ml.version_entry e
LEFT JOIN ml.run r ON e.location LIKE 'runs:/%' AND r.run_id = split_part(e.location, '/', 2)
WHERE e.version_id = $1::integer;

-- name: flavour_set
-- Gives a version the artifact that its files were made into.
UPDATE ml.version SET artifact_key = $2::text, artifact_sha256 = $3::text, family = $4::text, reason = $5::text
WHERE version_id = $1::integer AND artifact_key IS NULL;
