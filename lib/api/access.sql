-- name: access_audit
-- The newest rows of the audit, from before a row on.
SELECT audit_id, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, actor, action, object,
       detail::text AS detail, hash
FROM auth.audit
WHERE ($1::bigint IS NULL OR audit_id < $1::bigint)
ORDER BY audit_id DESC LIMIT 200;

-- name: access_audit_broken
-- How many rows do not follow from the row before.
SELECT count(*) AS n FROM auth.audit_broken;
