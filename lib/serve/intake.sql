-- name: intake_segment_add
-- Begins to count a segment.
INSERT INTO serve.spool (spool, at_byte) VALUES ($1::text, 0) ON CONFLICT (spool) DO NOTHING;

-- name: intake_segment_lock
-- How far a segment has been taken, with the row held until the transaction ends.
SELECT at_byte FROM serve.spool WHERE spool = $1::text FOR UPDATE;

-- name: intake_staging
-- Rows on their way; empty after each transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS spool_row (LIKE serve.prediction) ON COMMIT DELETE ROWS;

-- name: intake_copy
-- The columns that a record's lines have, in their order.
COPY spool_row (prediction_id, made_at, kind, model, version, request_id, principal,
                value, lower, upper, input) FROM STDIN;

-- name: intake_months
-- Makes the partitions that the rows need. Who finds one missing waits for others that may be
-- making it.
SELECT serve.prediction_month(month)
FROM (SELECT month, CASE WHEN to_regclass('serve.prediction_' || to_char(month, 'YYYYMM')) IS NULL
                         THEN pg_advisory_xact_lock(hashtext('partition')) END
      FROM (SELECT DISTINCT date_trunc('month', made_at) AS month FROM spool_row) AS months) AS turn;

-- name: intake_rows
-- Moves the rows; those that are there already stay as they are.
INSERT INTO serve.prediction SELECT * FROM spool_row
ON CONFLICT (prediction_id, made_at) DO NOTHING;

-- name: intake_segment_move
-- Notes how far the segment has been taken.
UPDATE serve.spool SET at_byte = $2::bigint, taken_at = now() WHERE spool = $1::text;

-- name: intake_segment_drop
-- Forgets a segment that is deleted.
DELETE FROM serve.spool WHERE spool = $1::text;
