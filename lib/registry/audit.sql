-- name: audit_add
-- Appends one row; the table's trigger numbers it and chains its hash.
INSERT INTO auth.audit (actor, action, object, detail)
VALUES ($1::text, $2::text, $3::text, $4::jsonb);
