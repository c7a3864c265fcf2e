-- name: track_history
-- Pieces of a metric's history in one run: what is folded, and what is fresh.
SELECT p.times, p.steps, p.values FROM ml.run r JOIN ml.point p USING (run_no)
WHERE r.run_id = $1::text AND p.key_no = (SELECT k.key_no FROM ml.key k WHERE k.key = $2::text)
UNION ALL
SELECT array_agg(coalesce(u.at_ms, f.times[1])), array_agg(coalesce(u.step, f.steps[1])), array_agg(u.value)
FROM ml.run r JOIN ml.fresh f USING (run_no), unnest(f.keys, f.times, f.steps, f.values) AS u (key, at_ms, step, value)
WHERE r.run_id = $1::text AND coalesce(u.key, f.keys[1]) = $2::text HAVING count(*) > 0;

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
