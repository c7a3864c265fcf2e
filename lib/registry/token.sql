-- name: token_principal_add
-- Makes a principal unless it is there.
INSERT INTO auth.principal (principal) VALUES ($1::text) ON CONFLICT (principal) DO NOTHING;

-- name: token_role_add
-- Grants a role to a principal.
INSERT INTO auth.role_grant (principal_id, role)
SELECT principal_id, $2::text FROM auth.principal WHERE principal = $1::text
ON CONFLICT DO NOTHING;

-- name: token_add
-- Keeps a token's hash.
INSERT INTO auth.token (principal_id, sha256, label, expires_at)
SELECT principal_id, $2::text, $3::text, $4::timestamptz
FROM auth.principal WHERE principal = $1::text
RETURNING token_id;

-- name: token_revoke
-- Ends a token that is still good.
UPDATE auth.token t SET revoked_at = now()
FROM auth.principal p
WHERE p.principal_id = t.principal_id AND t.token_id = $1::integer AND t.revoked_at IS NULL
RETURNING p.principal;

-- name: token_announce
-- Tells the programs to forget what they have cached.
SELECT pg_notify($1::text, 'token');

-- name: token_list
-- All tokens with their owners, newest first.
SELECT t.token_id, p.principal,
       coalesce((SELECT string_agg(g.role, ',' ORDER BY g.role) FROM auth.role_grant g
                 WHERE g.principal_id = p.principal_id), '') AS roles,
       t.label, to_char(t.created_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(t.expires_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at,
       CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked'
            WHEN t.expires_at <= now() THEN 'expired'
            WHEN p.disabled_at IS NOT NULL THEN 'disabled'
            ELSE 'good' END AS state
FROM auth.token t JOIN auth.principal p USING (principal_id)
ORDER BY t.token_id DESC;

-- name: token_find
-- The owner of a token that is still good, by the token's hash.
SELECT p.principal,
       coalesce((SELECT string_agg(g.role, ',') FROM auth.role_grant g
                 WHERE g.principal_id = p.principal_id), '') AS roles,
       extract(epoch FROM t.expires_at)::bigint AS expires_at
FROM auth.token t JOIN auth.principal p USING (principal_id)
WHERE t.sha256 = $1::text AND t.revoked_at IS NULL AND p.disabled_at IS NULL
  AND (t.expires_at IS NULL OR t.expires_at > now());
