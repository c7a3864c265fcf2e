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
-- Points at up to so many steps, spread evenly over those that the runs have together, and at each
-- run's first and last; as MLflow did until 3.14, which later ones have left.
WITH point AS (
    SELECT w.i AS run, r.run_id, h.at_ms, h.step, h.value
    FROM unnest($1::text[]) WITH ORDINALITY AS w (run_id, i)
    JOIN ml.run r USING (run_id) CROSS JOIN LATERAL ml.history(r.run_no, $2::text) AS h
    WHERE $4::bigint IS NULL OR h.step BETWEEN $4::bigint AND $5::bigint
), step AS (
    SELECT d.step, row_number() OVER (ORDER BY d.step) - 1 AS i, count(*) OVER () AS n
    FROM (SELECT DISTINCT p.step FROM point p) AS d
), kept AS (
    SELECT step FROM step
    WHERE n <= $3::bigint OR i = n - 1 OR (i * $3::bigint + n - 1) / n * n / $3::bigint = i
    UNION SELECT min(step) FROM point GROUP BY run
    UNION SELECT max(step) FROM point GROUP BY run
), placed AS (
    SELECT p.*, row_number() OVER (PARTITION BY run ORDER BY step, at_ms, value) AS place
    FROM point p WHERE step IN (SELECT step FROM kept)
)
SELECT run_id, at_ms, step, value FROM placed WHERE place <= 25000 ORDER BY run, place;
