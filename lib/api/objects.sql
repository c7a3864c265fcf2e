-- name: object_page
-- Raw objects, newest first, below a number.
SELECT object_id, sha256, name, size_bytes,
       to_char(received_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS received_at
FROM data.object WHERE $1::integer IS NULL OR object_id < $1::integer
ORDER BY object_id DESC LIMIT $2::integer;

-- name: object_get
SELECT sha256, key, name, size_bytes FROM data.object WHERE sha256 = $1::text;
