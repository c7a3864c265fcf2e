-- name: scientist_put
SELECT auth.scientist_put($1::text, $2::text, $3::timestamptz) AS is_new;

-- name: scientist_shut
-- Lets nobody connect by a login any more.
SELECT auth.scientist_shut($1::text);

-- name: scientist_drop
SELECT auth.scientist_drop($1::text) AS was_there;

-- name: scientist_list
-- The logins of scientists.
SELECT scientist, is_expired, CASE WHEN isfinite(until) THEN to_char(until, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') ELSE '' END AS until
FROM auth.scientist ORDER BY scientist;

-- name: scientist_grant
-- Grants the group what it may; says what is lacking.
SELECT data.scientist_grant() AS lacking;

-- name: scientist_open
-- What the group may do that it has no need of, with the statement that ends it.
SELECT what, statement FROM data.scientist_open();

-- name: scientist_revoke
-- Ends of that what we may end.
SELECT data.public_revoke();
