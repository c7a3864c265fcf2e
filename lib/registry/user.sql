-- name: user_list
-- Users, one or all: whoever is not disabled, and "anonymous" is nobody.
SELECT p.principal_id AS user_id, p.principal AS username, p.is_operator AS is_admin
FROM auth.grown p JOIN auth.principal q USING (principal_id)
WHERE q.disabled_at IS NULL AND p.principal <> 'anonymous' AND ($1::text IS NULL OR p.principal = $1::text)
ORDER BY p.principal;

-- name: user_add
-- Makes a principal, or takes up one that was deleted; no row when there is one already.
INSERT INTO auth.principal AS p (principal) VALUES ($1::text)
ON CONFLICT (principal) DO UPDATE SET disabled_at = NULL, created_at = now() WHERE p.disabled_at IS NOT NULL
RETURNING principal_id;

-- name: user_password_put
-- Keeps a password of a principal.
INSERT INTO auth.password (principal_id, verifier)
SELECT principal_id, $2::text FROM auth.principal WHERE principal = $1::text
ON CONFLICT (principal_id) DO UPDATE SET verifier = excluded.verifier, changed_at = now();

-- name: user_role_drop
-- Takes a role from a principal, all when NULL.
DELETE FROM auth.role_grant g USING auth.principal p
WHERE p.principal_id = g.principal_id AND p.principal = $1::text AND ($2::text IS NULL OR g.role = $2::text);

-- name: user_operators_lock
-- Has changes of operators wait for each other.
SELECT 1 FROM auth.role_grant WHERE role = 'operator' ORDER BY principal_id FOR UPDATE;

-- name: user_operators
-- How many operators there are.
SELECT count(*) AS n FROM auth.role_grant g JOIN auth.principal p USING (principal_id)
WHERE g.role = 'operator' AND p.disabled_at IS NULL AND p.principal <> 'anonymous';

-- name: user_password_drop
-- Forgets a principal's password.
DELETE FROM auth.password w USING auth.principal p WHERE p.principal_id = w.principal_id AND p.principal = $1::text;

-- name: user_tokens_revoke
-- Ends all tokens of a principal.
UPDATE auth.token t SET revoked_at = now() FROM auth.principal p
WHERE p.principal_id = t.principal_id AND p.principal = $1::text AND t.revoked_at IS NULL;

-- name: user_team_drop
-- Ends a principal's own team, and with it its own grants.
DELETE FROM auth.team t USING auth.principal p WHERE p.principal_id = t.owner_id AND p.principal = $1::text;

-- name: user_member_drop
-- Takes a principal out of all teams.
DELETE FROM auth.member m USING auth.principal p WHERE p.principal_id = m.principal_id AND p.principal = $1::text;

-- name: user_disable
-- Ends a principal.
UPDATE auth.principal SET disabled_at = now() WHERE principal = $1::text;

-- name: user_kept
-- What is kept of a principal's password, and its roles.
SELECT w.verifier, p.principal,
       coalesce((SELECT string_agg(g.role, ',') FROM auth.role_grant g
                 WHERE g.principal_id = p.principal_id), '') AS roles
FROM auth.password w JOIN auth.principal p USING (principal_id)
WHERE p.principal = $1::text AND p.disabled_at IS NULL;
