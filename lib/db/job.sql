-- name: job_ready
-- Tells whether the schema is there.
SELECT to_regclass('ops.job') IS NOT NULL AS is_ready;

-- name: job_start
-- Notes that a job runs for an as-of time. Who calls holds the job's lock, so a row of the same job
-- that is still 'running' belongs to a process that died.
WITH dead AS (
    UPDATE ops.job
    SET state = 'failed', finished_at = now(),
        summary = '{"error": {"code": "UNAVAILABLE", "message": "the process died"}}'
    WHERE job = $1::text AND state = 'running' AND as_of <> $2::timestamptz
)
INSERT INTO ops.job (job, as_of, state) VALUES ($1::text, $2::timestamptz, 'running')
ON CONFLICT (job, as_of) DO UPDATE
SET state = 'running', exit_code = NULL, summary = '{}', started_at = now(), finished_at = NULL;

-- name: job_finish
-- Notes how it ended.
UPDATE ops.job
SET state = CASE WHEN $3::integer = 0 THEN 'finished' ELSE 'failed' END,
    exit_code = $3::integer, summary = $4::jsonb, finished_at = now()
WHERE job = $1::text AND as_of = $2::timestamptz;
