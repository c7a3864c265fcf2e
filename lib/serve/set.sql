-- name: set_mark
-- What a serving set depends on, in one text: it changes when the set must.
SELECT coalesce((SELECT string_agg(v.version_id::text || ':' || v.artifact_sha256, ',' ORDER BY v.version_id)
                 FROM ml.version v WHERE v.stage = 'production'), '')
       || '/' || coalesce((SELECT max(ingest_id) FROM data.ingest), 0)::text AS mark;

-- name: set_newest_day
-- The newest day with an observation of a parameter, as days since 1970.
SELECT max(day) - date '1970-01-01' AS newest FROM data.observation WHERE parameter = $1::integer;

-- name: set_sites
-- All stations' codes and names.
SELECT site, name FROM data.site ORDER BY site COLLATE "C";
