-- name: track_experiment_create
-- Makes an experiment.
INSERT INTO ml.experiment (name, artifact_location, created_ms, updated_ms)
VALUES ($1::text, $2::text, $3::bigint, $3::bigint) RETURNING experiment_id;

-- name: track_experiment_tags
-- Sets tags of an experiment.
INSERT INTO ml.experiment_tag AS t (experiment_id, key, value)
SELECT DISTINCT ON (u.key) $1::bigint, u.key, u.value
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS u (key, value, i) ORDER BY u.key, u.i DESC
ON CONFLICT (experiment_id, key) DO UPDATE SET value = EXCLUDED.value;

-- name: track_experiment_tag_delete
-- Takes a tag off an experiment.
DELETE FROM ml.experiment_tag WHERE experiment_id = $1::bigint AND key = $2::text RETURNING key;

-- name: track_experiment_read
-- Experiments by their numbers, or the one of a name, with their tags.
SELECT e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, e.created_ms, e.updated_ms,
       t.keys AS tag_keys, t.values AS tag_values
FROM (
    SELECT w.i, x.* FROM unnest($1::bigint[]) WITH ORDINALITY AS w (experiment_id, i)
    JOIN ml.experiment x USING (experiment_id)
    UNION ALL SELECT 0, x.* FROM ml.experiment x WHERE x.name = $2::text
) AS e
CROSS JOIN LATERAL (SELECT array_agg(t.key ORDER BY t.key) AS keys, array_agg(t.value ORDER BY t.key) AS values
                    FROM ml.experiment_tag t WHERE t.experiment_id = e.experiment_id) AS t
ORDER BY e.i;

-- name: track_experiment_stage
-- Deletes or restores an experiment that is not so already.
UPDATE ml.experiment SET lifecycle_stage = $2::text, updated_ms = $3::bigint
WHERE experiment_id = $1::bigint AND lifecycle_stage <> $2::text RETURNING experiment_id;

-- name: track_experiment_rename
-- Renames an experiment.
UPDATE ml.experiment SET name = $2::text, updated_ms = $3::bigint WHERE experiment_id = $1::bigint RETURNING experiment_id;

-- name: track_experiment_search
-- Finds experiments; conditions, order and page are put in.
SELECT e.experiment_id FROM ml.experiment e
WHERE true /*where*/ /*.*/
ORDER BY /*order*/ e.created_ms DESC, e.experiment_id /*.*/
LIMIT /*limit*/ 1 /*.*/;
