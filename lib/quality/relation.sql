-- name: relation_columns
-- The columns of a table or view in order, each with our word for its type; "other" for types
-- that expectations cannot look into. Names of the house's own begin with a low line.
SELECT a.attname AS name,
       CASE WHEN t.typname IN ('int2', 'int4', 'int8') THEN 'integer'
            WHEN t.typname IN ('float4', 'float8', 'numeric') THEN 'number'
            WHEN t.typname IN ('text', 'varchar', 'bpchar', 'char', 'name') THEN 'text'
            WHEN t.typname = 'date' THEN 'day'
            WHEN t.typname = 'timestamptz' THEN 'time'
            WHEN t.typname = 'bool' THEN 'boolean'
            ELSE 'other' END AS type
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1::text AND c.relname = $2::text AND a.attnum > 0 AND NOT a.attisdropped
  AND left(a.attname, 1) <> '_'
ORDER BY a.attnum;

-- name: relation_units
-- The units that a table's declaration tells.
SELECT name, unit FROM data.declared_column WHERE table_name = $1::text;
