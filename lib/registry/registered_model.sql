-- name: registered_model_add
-- Makes a model; no row when there is one of that name.
INSERT INTO ml.model (model, description, user_name) VALUES ($1::text, $2::text, $3::text)
ON CONFLICT (model) DO NOTHING RETURNING model_id;

-- name: registered_model_get
-- One model, by its name.
SELECT * FROM ml.model_entry WHERE model = $1::text;

-- name: registered_model_lock
-- Holds a model against other changes; tells whether it has ever been in production.
SELECT m.model_id,
       EXISTS (SELECT FROM ml.release r JOIN ml.version v USING (version_id)
               WHERE v.model_id = m.model_id AND r.to_stage = 'production')
       OR EXISTS (SELECT FROM ml.version v WHERE v.model_id = m.model_id AND v.stage = 'production') AS has_served
FROM ml.model m WHERE m.model = $1::text FOR UPDATE OF m;

-- name: registered_model_rename
-- Gives a model another name.
UPDATE ml.model SET model = $2::text, updated_at = now() WHERE model_id = $1::integer;

-- name: registered_model_describe
-- Changes what is said of a model.
UPDATE ml.model SET description = $2::text, updated_at = now() WHERE model = $1::text;

-- name: registered_model_delete
-- Deletes a model that has never been in production, and all that hangs on it. What a statement
-- deletes is checked at its end, so one with its parts will do.
WITH versions AS (SELECT version_id FROM ml.version WHERE model_id = $1::integer),
     releases AS (DELETE FROM ml.release r USING versions v WHERE r.version_id = v.version_id),
     aliases AS (DELETE FROM ml.alias WHERE model_id = $1::integer),
     gone AS (DELETE FROM ml.version WHERE model_id = $1::integer)
DELETE FROM ml.model WHERE model_id = $1::integer;

-- name: registered_model_tag_set
-- Sets a tag of a model; no row when there is no such model.
INSERT INTO ml.model_tag (model_id, key, value)
SELECT model_id, $2::text, $3::text FROM ml.model WHERE model = $1::text
ON CONFLICT (model_id, key) DO UPDATE SET value = EXCLUDED.value
RETURNING model_id;

-- name: registered_model_tag_drop
-- Takes a tag away, if there is one; a row when there is such a model.
WITH gone AS (
    DELETE FROM ml.model_tag t USING ml.model m
    WHERE t.model_id = m.model_id AND m.model = $1::text AND t.key = $2::text
)
SELECT model_id FROM ml.model WHERE model = $1::text;

-- name: registered_model_search
-- The models that meet all clauses ($1, JSON), in an order ($2), but for prompts unless they are
-- asked for ($3), and those that are hidden from the caller ($7); a page from $4, of $5.
WITH clause AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
        AS c(what text, key text, operator text, value text, list jsonb)
)
SELECT e.* FROM ml.model_entry e
WHERE ($6::text IS NULL OR e.model = $6)
  AND NOT EXISTS (
      SELECT FROM clause c WHERE NOT CASE c.what
          WHEN 'name' THEN ml.text_meets(e.model, c.operator, c.value, c.list)
          ELSE EXISTS (SELECT FROM ml.model_tag t WHERE t.model_id = e.model_id AND t.key = c.key
                       AND ml.text_meets(t.value, c.operator, c.value, c.list)) END)
  AND ($3::boolean OR NOT EXISTS (
      SELECT FROM ml.model_tag t WHERE t.model_id = e.model_id
      AND t.key = 'mlflow.prompt.is_prompt' AND lower(t.value) = 'true'))
  AND ($7::text IS NULL OR NOT EXISTS (
      SELECT FROM auth.hidden_model h WHERE h.principal = $7 AND h.model_id = e.model_id))
ORDER BY CASE ($2::text[])[1] WHEN 'name' THEN e.model END,
         CASE ($2::text[])[1] WHEN '-name' THEN e.model END DESC,
         ml.order_number(($2::text[])[1], 0, e.created_ms, e.updated_ms),
         CASE ($2::text[])[2] WHEN 'name' THEN e.model END,
         CASE ($2::text[])[2] WHEN '-name' THEN e.model END DESC,
         ml.order_number(($2::text[])[2], 0, e.created_ms, e.updated_ms),
         CASE ($2::text[])[3] WHEN 'name' THEN e.model END,
         CASE ($2::text[])[3] WHEN '-name' THEN e.model END DESC,
         ml.order_number(($2::text[])[3], 0, e.created_ms, e.updated_ms)
OFFSET $4::bigint LIMIT $5::bigint;
