-- name: model_version_add
-- Registers a version that came from elsewhere: the next revision of the model's newest tag. The
-- model's row is locked, so that two registrations queue up; no row when there is no such model.
WITH known AS (
    UPDATE ml.model SET updated_at = now() WHERE model = $1::text RETURNING model_id
), last AS (
    SELECT v.tag, v.manual FROM ml.version v JOIN known USING (model_id)
    ORDER BY v.tag DESC, v.manual DESC LIMIT 1
)
INSERT INTO ml.version (model_id, number, tag, manual, auto, source, storage_location, run_id, run_link,
                        description, logged_model_id, user_name)
SELECT known.model_id,
       (SELECT coalesce(max(v.number), 0) + 1 FROM ml.version v WHERE v.model_id = known.model_id),
       coalesce(last.tag, 1), coalesce(last.manual + 1, 0), 0, $2::text, coalesce($3::text, ''),
       nullif($4::text, ''), coalesce($5::text, ''), coalesce($6::text, ''), nullif($7::text, ''), $8::text
FROM known LEFT JOIN last ON true
RETURNING number, version;

-- name: model_version_lock
-- Holds a model against other registrations.
SELECT model_id FROM ml.model WHERE model = $1::text FOR UPDATE;

-- name: model_version_get
-- One version, by its model and number.
SELECT * FROM ml.version_entry WHERE model = $1::text AND number = $2::bigint;

-- name: model_version_of_alias
-- The version that an alias of a model points at; one row of NULLs when there is no such alias, none
-- when there is no such model.
SELECT e.* FROM ml.model m LEFT JOIN ml.alias a ON a.model_id = m.model_id AND a.alias = $2::text
LEFT JOIN ml.version_entry e ON e.version_id = a.version_id
WHERE m.model = $1::text;

-- name: model_version_newest
-- The version of a model with the greatest number; rows as above.
SELECT e.* FROM ml.model m LEFT JOIN LATERAL (
    SELECT version_id FROM ml.version v WHERE v.model_id = m.model_id AND v.deleted_at IS NULL
    ORDER BY v.number DESC LIMIT 1) l ON true
LEFT JOIN ml.version_entry e ON e.version_id = l.version_id
WHERE m.model = $1::text;

-- name: model_version_describe
-- Changes what is said of a version.
UPDATE ml.version v SET description = $3::text, updated_at = now()
FROM ml.model m WHERE m.model_id = v.model_id AND m.model = $1::text AND v.number = $2::bigint
                  AND v.deleted_at IS NULL;

-- name: model_version_delete
-- Deletes a version for all but what it has done, with its aliases; its files may expire then.
WITH gone AS (DELETE FROM ml.alias WHERE version_id = $1::integer),
     touched AS (UPDATE ml.model m SET updated_at = now() FROM ml.version v
                 WHERE v.version_id = $1::integer AND m.model_id = v.model_id)
UPDATE ml.version SET deleted_at = now(), updated_at = now(),
    stage = CASE WHEN stage IN ('archived', 'rejected', 'aborted') THEN stage ELSE 'archived' END
WHERE version_id = $1::integer;

-- name: model_version_tell
-- Has MLflow told that a version is in production, and says why it does not answer; or takes both
-- back ('').
UPDATE ml.version SET is_told_production = $2::text <> '', status_message = $2::text, updated_at = now()
WHERE version_id = $1::integer AND (is_told_production OR $2::text <> '');

-- name: model_version_tag_set
-- Sets a tag of a version.
INSERT INTO ml.version_tag (version_id, key, value) VALUES ($1::integer, $2::text, $3::text)
ON CONFLICT (version_id, key) DO UPDATE SET value = EXCLUDED.value;

-- name: model_version_tag_drop
-- Takes a tag away, if there is one.
DELETE FROM ml.version_tag WHERE version_id = $1::integer AND key = $2::text;

-- name: model_version_latest
-- The newest version in each of MLflow's stages, of some models.
SELECT e.* FROM ml.version_entry e
WHERE e.version_id IN (
    SELECT DISTINCT ON (v.model_id, ml.stage_told(v.stage, v.is_told_production)) v.version_id FROM ml.version v
    WHERE v.model_id = ANY ($1::integer[]) AND v.deleted_at IS NULL
    ORDER BY v.model_id, ml.stage_told(v.stage, v.is_told_production), v.number DESC)
ORDER BY e.model_id, e.number;

-- name: model_version_search
-- The versions that meet all clauses ($1, JSON), in an order ($2), but for prompts unless they are
-- asked for ($3), and those that are hidden from the caller ($8); a page from $4, of $5. What a clause demands of name, run or one tag is repeated
-- ($6, $7, $9 and $10) for the indexes.
WITH clause AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
        AS c(what text, key text, operator text, value text, list jsonb)
)
SELECT e.* FROM ml.version_entry e
WHERE ($6::text IS NULL OR e.model = $6) AND ($7::text IS NULL OR e.run_id = $7)
  AND NOT EXISTS (
      SELECT FROM clause c WHERE NOT CASE c.what
          WHEN 'name' THEN ml.text_meets(e.model, c.operator, c.value, c.list)
          WHEN 'run_id' THEN ml.text_meets(coalesce(e.run_id, ''), c.operator, c.value, c.list)
          WHEN 'source_path' THEN ml.text_meets(e.source, c.operator, c.value, c.list)
          WHEN 'stage' THEN e.stage_told = c.value
          WHEN 'version_number' THEN ml.number_meets(e.number, c.operator, c.value::numeric)
          ELSE EXISTS (SELECT FROM ml.version_label t WHERE t.version_id = e.version_id AND t.key = c.key
                       AND ml.text_meets(t.value, c.operator, c.value, c.list)) END)
  AND ($3::boolean OR NOT EXISTS (
      SELECT FROM ml.version_tag t WHERE t.version_id = e.version_id
      AND t.key = 'mlflow.prompt.is_prompt' AND lower(t.value) = 'true'))
  AND ($9::text IS NULL OR e.version_id = ANY (ARRAY(
      SELECT t.version_id FROM ml.version_tag t
      WHERE t.key = $9 AND left(t.value, 250) = left($10::text, 250))))
  AND ($8::text IS NULL OR NOT EXISTS (
      SELECT FROM auth.hidden_model h WHERE h.principal = $8 AND h.model_id = e.model_id))
ORDER BY CASE ($2::text[])[1] WHEN 'name' THEN e.model END,
         CASE ($2::text[])[1] WHEN '-name' THEN e.model END DESC,
         ml.order_number(($2::text[])[1], e.number, e.created_ms, e.updated_ms),
         CASE ($2::text[])[2] WHEN 'name' THEN e.model END,
         CASE ($2::text[])[2] WHEN '-name' THEN e.model END DESC,
         ml.order_number(($2::text[])[2], e.number, e.created_ms, e.updated_ms),
         CASE ($2::text[])[3] WHEN 'name' THEN e.model END,
         CASE ($2::text[])[3] WHEN '-name' THEN e.model END DESC,
         ml.order_number(($2::text[])[3], e.number, e.created_ms, e.updated_ms),
         CASE ($2::text[])[4] WHEN 'name' THEN e.model END,
         CASE ($2::text[])[4] WHEN '-name' THEN e.model END DESC,
         ml.order_number(($2::text[])[4], e.number, e.created_ms, e.updated_ms)
OFFSET $4::bigint LIMIT $5::bigint;
