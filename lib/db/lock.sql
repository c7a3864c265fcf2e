-- name: lock_take
-- Takes a session's advisory lock by name, or says that another session has it.
SELECT pg_try_advisory_lock(hashtext($1::text)) AS taken;

-- name: lock_share
-- The same, shared with the sessions that take it so, and with none that takes it alone.
SELECT pg_try_advisory_lock_shared(hashtext($1::text)) AS taken;

-- name: lock_drop
-- Gives it back.
SELECT pg_advisory_unlock(hashtext($1::text)) AS dropped;
