-- name: delivery_lock
-- Keeps others from filling the same table; tells whether it is declared so still.
SELECT declaration = $2::jsonb AS is_same FROM data.declared_table WHERE name = $1::text FOR UPDATE;

-- name: delivery_stage
-- Makes table_stage for a table.
SELECT data.table_stage($1::text);

-- name: delivery_copy
COPY table_stage FROM STDIN (FORMAT binary);

-- name: delivery_settle
-- Moves the staged rows of an object, and counts.
SELECT n_new, n_changed, n_same, n_removed, n_repeated, n_older
FROM data.table_settle($1::text, $2::int, $3::timestamptz);

-- name: delivery_record
-- Records a reading; the first one of an object and moment stays as it was.
INSERT INTO data.ingest (object_id, as_of, n_rows, n_new, n_changed, n_same, n_skipped, n_rejected,
                         skipped, table_name)
VALUES ($1::int, $2::timestamptz, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint,
        $8::bigint, $9::jsonb, $10::text)
ON CONFLICT (object_id, as_of) DO NOTHING;

-- name: delivery_audit
-- Rows changed: of which table, by which object, how many.
INSERT INTO auth.audit (actor, action, object, detail)
VALUES ('airwatch-ingest', 'table.ingested', $1::text,
        jsonb_build_object('sha256', $2::text, 'new', $3::bigint, 'changed', $4::bigint,
                           'removed', $5::bigint));
