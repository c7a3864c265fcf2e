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

-- name: reject_list
SELECT r.reject_id, r.object_id, o.name AS file, r.line, r.reason, r.content,
       count(*) OVER () AS n_found
FROM data.reject r JOIN data.object o USING (object_id)
WHERE ($1::int IS NULL OR r.object_id = $1)
  AND ($2::text IS NULL OR o.name = $2 OR right(o.name, length($2) + 1) = '/' || $2)
  AND ($3::text IS NULL OR r.reason ILIKE '%' || $3 || '%')
ORDER BY r.object_id DESC, r.line LIMIT $4::bigint;

-- name: reject_get
SELECT r.reject_id, r.object_id, o.name AS file, r.line, r.reason, r.content, o.key, o.sha256
FROM data.reject r JOIN data.object o USING (object_id) WHERE r.reject_id = $1::bigint;

-- name: reject_objects
-- Objects with what to read them again takes. As long as all their rejects are kept these are
-- counted; else the last reading's count is all there is.
SELECT o.object_id, o.name AS file, o.key, o.sha256, o.size_bytes, o.parameter, last.table_name,
       CASE WHEN kept.n < $2::int THEN kept.n ELSE greatest(kept.n, last.n_rejected) END
           AS n_rejected
FROM data.object o
CROSS JOIN LATERAL (SELECT count(*) AS n FROM data.reject r WHERE r.object_id = o.object_id) AS kept
CROSS JOIN LATERAL (SELECT i.table_name, i.n_rejected FROM data.ingest i
                    WHERE i.object_id = o.object_id ORDER BY i.ingest_id DESC LIMIT 1) AS last
WHERE CASE WHEN $1::int IS NULL
           THEN kept.n > 0
           ELSE o.object_id = $1 END
ORDER BY o.object_id;
