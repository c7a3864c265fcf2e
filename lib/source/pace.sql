-- name: pace_lock
-- Waits for the service's turn: whoever has the lock may ask it, and nobody else.
SELECT pg_advisory_lock(hashtext('source.pace'), hashtext($1::text));

-- name: pace_unlock
-- Gives the turn to the next.
SELECT pg_advisory_unlock(hashtext('source.pace'), hashtext($1::text));

-- name: pace_wait
-- How long to wait before the next request: a pause after the last one ended (or began, if its
-- process died), no more than so many in any minute, and what the service asked for itself.
-- A clock that was set back keeps nobody waiting for ever.
SELECT ceil(1000 * least(900, greatest(0, extract(epoch FROM greatest(
           greatest(p.ended_at, p.started_at[1]) + $2::bigint * interval '1 millisecond',
           CASE WHEN $3::int > 0 THEN p.started_at[$3::int] + interval '1 minute' END,
           p.not_before) - clock_timestamp()))))::bigint AS wait_ms
FROM data.source_pace p WHERE p.service = $1::text;

-- name: pace_start
-- Notes that a request begins, and remembers as many beginnings as the pace looks back at.
INSERT INTO data.source_pace AS p (service, started_at, ended_at)
VALUES ($1::text, ARRAY[clock_timestamp()], NULL)
ON CONFLICT (service) DO UPDATE
SET started_at = clock_timestamp() || p.started_at[1:greatest($2::int, 1) - 1],
    ended_at = NULL, not_before = NULL;

-- name: pace_end
-- Notes that it ended, and for how long the service wants to be left alone.
UPDATE data.source_pace
SET ended_at = clock_timestamp(),
    not_before = CASE WHEN $2::bigint > 0
                      THEN clock_timestamp() + $2::bigint * interval '1 millisecond' END
WHERE service = $1::text;
