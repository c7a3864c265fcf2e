-- name: extract_view
-- Makes table_out of a table, which nobody fills meanwhile; and tells the moment of the newest of
-- what filled it, where that is after another.
SELECT data.table_out(t.name),
       (SELECT to_char(max(i.as_of), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM data.ingest i
        WHERE i.table_name = t.name AND i.as_of > $2::timestamptz AND i.n_new + i.n_changed > 0) AS later
FROM (SELECT name FROM data.declared_table WHERE name = $1::text FOR SHARE) AS t;

-- name: extract_copy
-- Its rows. (On two lines, as the view is not there when statements are tried.)
COPY (SELECT * FROM table_out)
TO STDOUT (FORMAT csv, HEADER);

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
