-- name: health_ping
-- Whether the database answers.
SELECT 1 AS up;
