-- name: reject_put
-- Makes an object's rejects what a JSON array of objects says; those that go on keep their ids.
WITH now AS (
    SELECT line, reason, content
    FROM jsonb_to_recordset($2::jsonb) AS r (line bigint, reason text, content text)
), gone AS (
    DELETE FROM data.reject
    WHERE object_id = $1::int AND line NOT IN (SELECT line FROM now)
)
INSERT INTO data.reject (object_id, line, reason, content)
SELECT $1::int, line, reason, content FROM now ORDER BY line
ON CONFLICT (object_id, line) DO UPDATE SET reason = excluded.reason, content = excluded.content;
