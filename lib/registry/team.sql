-- name: team_list
-- Teams as MLflow tells its roles: of a workspace, by number, or of a principal; each when not NULL.
SELECT t.entry, t.name, t.owner_id IS NOT NULL AS own
FROM auth.team_entry t
WHERE ($1::text IS NULL OR t.workspace = $1::text) AND ($2::integer IS NULL OR t.team_id = $2::integer)
  AND ($3::text IS NULL OR EXISTS (SELECT FROM auth.member m JOIN auth.principal p USING (principal_id)
                                   WHERE m.team_id = t.team_id AND p.principal = $3::text))
ORDER BY t.team_id;

-- name: team_add
-- Makes a team.
INSERT INTO auth.team (workspace, name, description) VALUES ($1::text, $2::text, $3::text)
ON CONFLICT DO NOTHING
RETURNING team_id;

-- name: team_change
-- Changes a team's name and description, where they are given; not one of a principal's own.
UPDATE auth.team SET name = coalesce($2::text, name), description = coalesce($3::text, description)
WHERE team_id = $1::integer AND owner_id IS NULL
RETURNING team_id;

-- name: team_drop
-- Ends a team, not one of a principal's own.
DELETE FROM auth.team WHERE team_id = $1::integer AND owner_id IS NULL RETURNING name;

-- name: team_hold_add
-- Gives a team a grant.
INSERT INTO auth.hold (team_id, kind, pattern, permission)
VALUES ($1::integer, $2::text, $3::text, $4::text)
ON CONFLICT DO NOTHING
RETURNING hold_id, json_build_object('id', hold_id, 'role_id', team_id, 'resource_type', kind,
    'resource_pattern', pattern, 'permission', permission) AS entry;

-- name: team_holds
-- A team's grants.
SELECT json_build_object('id', hold_id, 'role_id', team_id, 'resource_type', kind,
    'resource_pattern', pattern, 'permission', permission) AS entry
FROM auth.hold WHERE team_id = $1::integer ORDER BY hold_id;

-- name: team_hold_find
-- A grant's kind.
SELECT kind FROM auth.hold WHERE hold_id = $1::integer;

-- name: team_hold_change
-- Gives a grant another permission.
UPDATE auth.hold SET permission = $2::text WHERE hold_id = $1::integer
RETURNING hold_id, json_build_object('id', hold_id, 'role_id', team_id, 'resource_type', kind,
    'resource_pattern', pattern, 'permission', permission) AS entry;

-- name: team_hold_drop
-- Takes a grant away.
DELETE FROM auth.hold h USING auth.team t
WHERE t.team_id = h.team_id AND h.hold_id = $1::integer
RETURNING t.name, h.kind, h.pattern, h.permission;

-- name: team_members
-- Who is in a team.
SELECT json_build_object('id', member_id, 'user_id', principal_id, 'role_id', team_id) AS entry
FROM auth.member WHERE team_id = $1::integer ORDER BY member_id;

-- name: team_join
-- Makes a principal a member.
INSERT INTO auth.member (team_id, principal_id)
SELECT $1::integer, principal_id FROM auth.principal WHERE principal = $2::text
ON CONFLICT DO NOTHING
RETURNING json_build_object('id', member_id, 'user_id', principal_id, 'role_id', team_id) AS entry;

-- name: team_leave
-- Ends a membership.
DELETE FROM auth.member m USING auth.principal p
WHERE p.principal_id = m.principal_id AND m.team_id = $1::integer AND p.principal = $2::text
RETURNING p.principal;

-- name: team_own_add
-- Makes a principal's own team unless it is there.
INSERT INTO auth.team (name, owner_id)
SELECT '__user_' || principal_id || '__', principal_id FROM auth.principal WHERE principal = $1::text
ON CONFLICT DO NOTHING;

-- name: team_own_join
-- Makes a principal a member of its own team.
INSERT INTO auth.member (team_id, principal_id)
SELECT t.team_id, t.owner_id FROM auth.team t JOIN auth.principal p ON p.principal_id = t.owner_id
WHERE p.principal = $1::text
ON CONFLICT DO NOTHING;

-- name: team_own_grant
-- Gives a principal a grant of its own.
INSERT INTO auth.hold (team_id, kind, pattern, permission)
SELECT t.team_id, $2::text, $3::text, $4::text
FROM auth.team t JOIN auth.principal p ON p.principal_id = t.owner_id WHERE p.principal = $1::text
ON CONFLICT DO NOTHING
RETURNING hold_id;

-- name: team_own_find
-- A principal's own grant on one thing.
SELECT p.principal_id AS user_id, h.permission
FROM auth.hold h JOIN auth.team t USING (team_id) JOIN auth.principal p ON p.principal_id = t.owner_id
WHERE p.principal = $1::text AND h.kind = $2::text AND h.pattern = $3::text;

-- name: team_own_change
-- Gives a principal's own grant another permission.
UPDATE auth.hold h SET permission = $4::text FROM auth.team t, auth.principal p
WHERE t.team_id = h.team_id AND p.principal_id = t.owner_id
  AND p.principal = $1::text AND h.kind = $2::text AND h.pattern = $3::text;

-- name: team_own_drop
-- Takes a principal's own grant away.
DELETE FROM auth.hold h USING auth.team t, auth.principal p
WHERE t.team_id = h.team_id AND p.principal_id = t.owner_id
  AND p.principal = $1::text AND h.kind = $2::text AND h.pattern = $3::text;

-- name: team_grants
-- All that a principal is granted.
SELECT t.owner_id IS NOT NULL AS own, h.kind, h.pattern, h.permission, p.principal_id AS user_id,
       json_build_object('role_id', t.team_id, 'role_name', t.name, 'workspace', t.workspace,
           'resource_type', h.kind, 'resource_pattern', h.pattern, 'permission', h.permission) AS entry
FROM auth.principal p JOIN auth.member m USING (principal_id) JOIN auth.team t USING (team_id)
JOIN auth.hold h USING (team_id)
WHERE p.principal = $1::text
ORDER BY h.hold_id;

-- name: team_absent_set
-- What holds where nothing is granted; no row when it was that.
UPDATE auth.absent SET permission = $1::text WHERE permission <> $1::text RETURNING permission;

-- name: team_anonymous_drop
-- Takes from who shows nothing what is not this role.
DELETE FROM auth.role_grant g USING auth.principal p
WHERE p.principal_id = g.principal_id AND p.principal = 'anonymous' AND g.role <> $1::text
RETURNING g.role;

-- name: team_anonymous_add
-- Gives who shows nothing a role.
INSERT INTO auth.role_grant (principal_id, role)
SELECT principal_id, $1::text FROM auth.principal WHERE principal = 'anonymous' AND $1::text <> 'none'
ON CONFLICT DO NOTHING
RETURNING role;
