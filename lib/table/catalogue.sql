-- name: catalogue_find
-- A table's declaration, and whether it says the same as another.
SELECT declaration::text AS declaration, coalesce(declaration = $2::jsonb, false) AS is_same
FROM data.declared_table WHERE name = $1::text;

-- name: catalogue_declare
SELECT data.table_declare($1::jsonb);

-- name: catalogue_audit
INSERT INTO auth.audit (actor, action, object, detail)
VALUES ('airwatch-table', $2::text, $1::text, $3::jsonb);

-- name: catalogue_list
-- All declared tables. The rows are counted by the statistics that each ingest brings up to date.
SELECT t.name, coalesce(t.declaration ->> 'description', '') AS description,
       jsonb_array_length(t.declaration -> 'columns') AS n_columns,
       coalesce((SELECT string_agg(key, ',' ORDER BY position)
                 FROM jsonb_array_elements_text(t.declaration -> 'key') WITH ORDINALITY AS k (key, position)), '') AS key,
       (SELECT greatest(c.reltuples, 0)::bigint FROM pg_class c
        WHERE c.oid = format('declared.%I', t.name)::regclass) AS n_rows,
       to_char(t.declared_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS declared_at,
       to_char(t.changed_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS changed_at
FROM data.declared_table t
ORDER BY t.name;

-- name: catalogue_declarations
SELECT name, declaration::text AS declaration FROM data.declared_table ORDER BY name;

-- name: catalogue_fillers
-- Sources that are read into a table.
SELECT source FROM data.source WHERE settings ->> 'table' = $1::text ORDER BY source;

-- name: catalogue_drop
SELECT data.table_drop($1::text);
