-- name: track_history
-- A page of a metric's points in one run.
SELECT h.at_ms, h.step, h.value FROM ml.run r, ml.history(r.run_no, $2::text) AS h
WHERE r.run_id = $1::text ORDER BY h.at_ms, h.step, h.value LIMIT $3::bigint OFFSET $4::bigint;

-- name: track_history_bulk
-- A metric's points in several runs, up to so many in all.
SELECT r.run_id, h.at_ms, h.step, h.value
FROM (SELECT DISTINCT u.run_id COLLATE "C" AS run_id FROM unnest($1::text[]) AS u (run_id)) AS w
JOIN ml.run r USING (run_id) CROSS JOIN LATERAL ml.history(r.run_no, $2::text) AS h
ORDER BY r.run_id COLLATE "C", h.at_ms, h.step, h.value LIMIT $3::bigint;

-- name: track_history_sample
-- Of each run up to so many points, spread evenly over those that there are, the first and the last
-- among them; of one the last.
WITH point AS (
    SELECT w.i AS run, r.run_id, h.at_ms, h.step, h.value,
           row_number() OVER (PARTITION BY w.i ORDER BY h.step, h.at_ms, h.value) - 1 AS i, count(*) OVER (PARTITION BY w.i) AS n
    FROM unnest($1::text[]) WITH ORDINALITY AS w (run_id, i)
    JOIN ml.run r USING (run_id) CROSS JOIN LATERAL ml.history(r.run_no, $2::text) AS h
    WHERE $4::bigint IS NULL OR h.step BETWEEN $4::bigint AND $5::bigint
)
SELECT run_id, at_ms, step, value FROM point
WHERE n <= $3::bigint OR ($3::bigint = 1 AND i = n - 1)
   OR ($3::bigint > 1 AND (i * ($3::bigint - 1) + n - 2) / (n - 1) * (n - 1) / ($3::bigint - 1) = i)
ORDER BY run, step, at_ms, value;
