-- name: extract_view
-- Makes table_out of a table, which nobody fills meanwhile; and tells the moment of the newest of
-- what filled it, where that is after another.
SELECT data.table_out(t.name),
       (SELECT to_char(max(at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        FROM (SELECT i.as_of AS at FROM data.ingest i
              WHERE i.table_name = t.name AND i.n_new + i.n_changed > 0 AND i.finished_at >= t.declared_at
              UNION ALL SELECT p.replaced_as_of FROM data.declared_past p WHERE p.name = t.name) AS filled
        WHERE at > $2::timestamptz) AS later
FROM (SELECT name, declared_at FROM data.declared_table WHERE name = $1::text FOR SHARE) AS t;

-- name: extract_copy
-- Its rows. (On two lines, as the view is not there when statements are tried.)
COPY (SELECT * FROM table_out)
TO STDOUT (FORMAT csv, HEADER);

-- name: extract_view_drop
-- Lets go of the table.
DROP VIEW table_out;

-- name: extract_add
-- Records a dataset version of a table, or finds it.
INSERT INTO data.dataset_version (model, table_name, recipe_sha256, as_of, sha256, key, n_rows, n_sites,
                                  size_bytes, columns, recipe)
SELECT t.name, t.name, encode(sha256(convert_to(t.declaration::text, 'UTF8')), 'hex'), $2::date, $3::text,
       $4::text, $5::bigint, 0, $6::bigint,
       (SELECT json_agg(json_build_object('name', c.name, 'type', c.type, 'unit', c.unit) ORDER BY c.position)
        FROM data.declared_column c WHERE c.table_name = t.name),
       t.declaration::json
FROM data.declared_table t WHERE t.name = $1::text
ON CONFLICT (model, recipe_sha256, as_of, sha256) DO UPDATE SET key = EXCLUDED.key
RETURNING dataset_id;

-- name: extract_lineage
-- Records whose words the rows are.
INSERT INTO data.dataset_object (dataset_id, object_id)
SELECT $1::integer, data.table_objects($2::text) ON CONFLICT DO NOTHING;
