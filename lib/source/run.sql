-- name: run_clock
-- The database's clock, which all processes share.
SELECT clock_timestamp()::text AS now;

-- name: run_plan
-- Makes the units' rows where they are not there yet; a JSON array of objects.
INSERT INTO data.source_unit (source, unit, parameter, area, year)
SELECT $1::text, unit, parameter, area, year
FROM jsonb_to_recordset($2::jsonb) AS r (unit text, parameter text, area text, year integer)
ON CONFLICT (source, unit) DO NOTHING;

-- name: run_unit
-- What is known of a unit, and whether its days $4..$5 have been had since a moment already.
SELECT u.etag, u.digest, s.paused_at IS NOT NULL AS is_paused,
       coalesce(u.state IN ('done', 'empty') AND u.fetched_at >= $3::timestamptz
                AND u.first_day <= $4::date AND u.last_day >= $5::date, false) AS is_past
FROM data.source_unit u JOIN data.source s USING (source)
WHERE u.source = $1::text AND u.unit = $2::text;

-- name: run_try
-- Notes that a unit is tried.
UPDATE data.source_unit SET n_tries = n_tries + 1, tried_at = clock_timestamp()
WHERE source = $1::text AND unit = $2::text;

-- name: run_done
-- Notes the answer for a unit: $3 'done' or 'empty', the days it is for, its newest row's day, what
-- tells it from the next answer, its rows (NULL: as they were), and the object that was kept of it, if one was.
UPDATE data.source_unit
SET state = $3::text, first_day = $4::date, last_day = $5::date,
    covered = covered + datemultirange(daterange($4::date, $5::date, '[]')),
    newest_day = greatest(newest_day, $6::date), etag = $7::text, digest = $8::text,
    n_rows = coalesce($9::bigint, n_rows), n_tries = 0, last_error = '', fetched_at = clock_timestamp(),
    object_id = coalesce((SELECT object_id FROM data.object WHERE sha256 = $10::text), object_id)
WHERE source = $1::text AND unit = $2::text;

-- name: run_failed
-- Notes why a unit could not be had; what was had of it before stays.
UPDATE data.source_unit SET state = 'failed', last_error = $3::text
WHERE source = $1::text AND unit = $2::text;

-- name: run_backfill
-- Begins a backfill, or goes on with the one of the same days that did not finish, unless $4.
WITH past AS (
    SELECT started_at FROM data.source_backfill
    WHERE source = $1::text AND first_day = $2::date AND last_day = $3::date
      AND finished_at IS NULL AND NOT $4::boolean
)
INSERT INTO data.source_backfill AS b (source, first_day, last_day, started_at)
VALUES ($1::text, $2::date, $3::date, coalesce((SELECT started_at FROM past), clock_timestamp()))
ON CONFLICT (source, first_day, last_day) DO UPDATE
SET started_at = excluded.started_at, finished_at = NULL
RETURNING started_at::text AS started_at, EXISTS (SELECT FROM past) AS is_resumed;

-- name: run_backfilled
-- Ends a backfill of which nothing is left to do.
UPDATE data.source_backfill SET finished_at = clock_timestamp()
WHERE source = $1::text AND first_day = $2::date AND last_day = $3::date;
