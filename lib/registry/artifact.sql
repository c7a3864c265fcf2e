-- name: artifact_put
-- Gives a path its object; '' or the path that stands in the way.
SELECT ml.artifact_put($1::text, $2::text, $3::text, $4::text, $5::bigint, $6::text) AS in_the_way;

-- name: artifact_hold
-- Keeps the lake's upkeep from deleting objects until the transaction ends.
SELECT pg_advisory_xact_lock_shared(hashtextextended('artifact objects', 0));

-- name: artifact_find
-- The object of a path.
SELECT key, sha256, coalesce(size_bytes, -1) AS size_bytes
FROM ml.artifact WHERE folder = $1::text AND name = $2::text;

-- name: artifact_folder_find
-- Whether there is a folder that ends with "/", up to where it ends.
SELECT EXISTS (SELECT FROM ml.artifact
               WHERE folder >= $1::text COLLATE "C" AND folder < $2::text COLLATE "C") AS is_there;

-- name: artifact_list
-- What is in a folder: from each folder below it one row is read, the next beyond where it ends.
WITH RECURSIVE below (at) AS (
    (SELECT folder FROM ml.artifact
     WHERE folder > $1::text COLLATE "C" AND folder < $2::text COLLATE "C" ORDER BY folder LIMIT 1)
    UNION ALL
    SELECT (SELECT a.folder FROM ml.artifact a
            WHERE a.folder >= ($1::text || split_part(substr(b.at, length($1::text) + 1), '/', 1) || '0') COLLATE "C"
              AND a.folder < $2::text COLLATE "C"
            ORDER BY a.folder LIMIT 1)
    FROM below b WHERE b.at IS NOT NULL
)
SELECT split_part(substr(at, length($1::text) + 1), '/', 1) COLLATE "C" AS name, '' AS key,
       0::bigint AS size_bytes, true AS is_folder
FROM below WHERE at IS NOT NULL
UNION ALL
SELECT name, key, coalesce(size_bytes, -1), false FROM ml.artifact WHERE folder = $1::text COLLATE "C"
ORDER BY 1;

-- name: artifact_size_set
-- Notes the size of an older training's object.
UPDATE ml.artifact SET size_bytes = $3::bigint
WHERE folder = $1::text AND name = $2::text AND size_bytes IS NULL;

-- name: artifact_delete
-- Deletes a file, or all of a folder.
DELETE FROM ml.artifact
WHERE (folder = $1::text AND name = $2::text)
   OR (folder >= $3::text COLLATE "C" AND folder < $4::text COLLATE "C");

-- name: artifact_experiment
-- Whose a path is: the experiment's that its first segment names; else the oldest's that has its
-- artifacts where the path is, or above.
SELECT experiment_id FROM ml.experiment
WHERE CASE WHEN $1::bigint IS NOT NULL THEN experiment_id = $1::bigint
           ELSE starts_with('mlflow-artifacts:/' || $2::text || '/', rtrim(artifact_location, '/') || '/')
                AND artifact_location LIKE 'mlflow-artifacts:/_%' END
ORDER BY experiment_id LIMIT 1;
