-- name: source_put
-- Makes a source; a name that is taken is told by the unique rule.
INSERT INTO data.source (source, kind, settings) VALUES ($1::text, $2::text, $3::jsonb);

-- name: source_find
-- A source by its name.
SELECT source, kind, settings::text AS settings,
       to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       coalesce(to_char(paused_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '') AS paused_at
FROM data.source WHERE source = $1::text;

-- name: source_list
-- All sources with what has been read of them.
SELECT s.source, s.kind, s.settings::text AS settings,
       coalesce(to_char(s.paused_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '') AS paused_at,
       u.n_units, u.n_failed, coalesce(u.newest_day::text, '') AS newest_day,
       coalesce(to_char(u.fetched_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '') AS fetched_at
FROM data.source s, LATERAL (
    SELECT count(*) AS n_units, count(*) FILTER (WHERE state = 'failed') AS n_failed,
           max(newest_day) AS newest_day, max(fetched_at) AS fetched_at
    FROM data.source_unit u WHERE u.source = s.source
) AS u
ORDER BY s.source;

-- name: source_unit_list
-- The units of a source.
SELECT unit, parameter, area, coalesce(year::text, '') AS year, state,
       coalesce(first_day::text, '') AS first_day, coalesce(last_day::text, '') AS last_day,
       coalesce(newest_day::text, '') AS newest_day, n_rows, n_tries, last_error, etag,
       coalesce(to_char(tried_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '') AS tried_at,
       coalesce(to_char(fetched_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '') AS fetched_at
FROM data.source_unit WHERE source = $1::text
ORDER BY year NULLS FIRST, area, parameter, unit;

-- name: source_pause
-- Pauses a source, or has it be read again; tells how it was.
UPDATE data.source s
SET paused_at = CASE WHEN $2::boolean THEN coalesce(s.paused_at, now()) END
FROM data.source past
WHERE s.source = $1::text AND past.source = s.source
RETURNING (past.paused_at IS NOT NULL) = $2::boolean AS was_so;

-- name: source_remove
-- Forgets a source; its units go with it.
DELETE FROM data.source WHERE source = $1::text;

