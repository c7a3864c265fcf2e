-- name: day_record
-- Records how the jobs of a day ended, and how long they took.
INSERT INTO ops.job AS j (job, as_of, state, exit_code, summary, started_at, finished_at)
SELECT job, $1::timestamptz, CASE WHEN exit_code = 0 THEN 'finished' ELSE 'failed' END, exit_code,
       summary, at - make_interval(secs => seconds), at
FROM json_to_recordset($2::json) AS r (job text, exit_code integer, summary jsonb,
                                    seconds double precision), clock_timestamp() AS at
ON CONFLICT (job, as_of) DO UPDATE
    SET state = excluded.state, exit_code = excluded.exit_code, summary = excluded.summary,
        started_at = excluded.started_at, finished_at = excluded.finished_at;
