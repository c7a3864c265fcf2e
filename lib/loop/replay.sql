-- name: replay_commit_wait
-- Tells the session whether a commit waits for the disk.
SELECT set_config('synchronous_commit', $1::text, false);

-- name: replay_complete
-- The days of a range that are complete, as days since 1970.
SELECT (as_of AT TIME ZONE 'UTC')::date - DATE '1970-01-01' AS day
FROM ops.job
WHERE job = $1::text AND state = 'finished' AND as_of BETWEEN $2::timestamptz AND $3::timestamptz;

-- name: replay_score
-- How good a model has been over the year up to a day.
SELECT rmse, skill FROM serve.accuracy
WHERE model = $1::text AND version = '' AND window_days = 365 AND as_of = $2::date;
