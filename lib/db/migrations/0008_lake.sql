-- The lake's upkeep: what refers to objects, what may go and when, and what has gone.

-- How long objects below a prefix are kept; the longest prefix decides. NULL: for ever.
CREATE TABLE data.lake_policy (
    prefix     text PRIMARY KEY CHECK (prefix ~ '^([A-Za-z0-9._=+-]+/)*$'),
    keep_days  integer CHECK (keep_days >= 1),
    takes_used boolean NOT NULL DEFAULT false,  -- also what rows refer to that can do without
    changed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO data.lake_policy (prefix, keep_days) VALUES
    ('',                    NULL),              -- an operator's own files
    ('raw_data/',           NULL),
    ('processed_data/',     90),                -- what no dataset version refers to
    ('predictions/',        90),                -- what no prediction refers to
    ('artifacts/models/',   365),               -- of archived, rejected and aborted versions
    ('monitoring_reports/', 365),
    ('health/',             1);                 -- a check that was killed

-- Objects that were deleted by the policy. Rows that refer to one tell the truth about the past;
-- the object itself is no more. Bytes that come again bring it back.
CREATE TABLE data.object_expired (
    key        text PRIMARY KEY,
    sha256     text NOT NULL,                   -- '' where nobody knew it
    size_bytes bigint NOT NULL,
    reference  text NOT NULL,                   -- what referred to it: 'raw object', '' for nothing
    expired_as_of timestamptz NOT NULL,
    expired_at timestamptz NOT NULL DEFAULT now()
);

-- The raw objects that any row of data refers to, whatever table it is in.
CREATE FUNCTION data.object_used() RETURNS SETOF integer LANGUAGE plpgsql AS $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT n.nspname AS schema, t.relname AS name, a.attname AS field
        FROM pg_class t
        JOIN pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE t.relkind = 'r' AND n.nspname IN ('data', 'declared')
          AND a.attname IN ('object_id', 'replaced_by', '_object_id', 'fact_object')
          AND NOT (n.nspname = 'data' AND t.relname IN ('object', 'ingest'))
    LOOP
        RETURN QUERY EXECUTE format('SELECT DISTINCT %I FROM %I.%I WHERE %1$I IS NOT NULL',
                                    c.field, c.schema, c.name);
    END LOOP;
END
$$;

-- Makes the session's list of all keys that the database refers to, and how firmly:
-- 3 held: a dataset version or a live model needs it; 2 used: rows came from it or went with it;
-- 1 spent: it is known, and nothing needs it any more.
CREATE FUNCTION data.lake_reference_make() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.lake_reference;
    CREATE TEMPORARY TABLE lake_reference AS
    WITH used AS MATERIALIZED (SELECT DISTINCT u AS object_id FROM data.object_used() AS u),
    each_one AS (
        SELECT o.key, o.sha256, o.size_bytes, 'raw object' AS what,
               CASE WHEN EXISTS (SELECT FROM data.dataset_object d WHERE d.object_id = o.object_id) THEN 3
                    WHEN EXISTS (SELECT FROM used u WHERE u.object_id = o.object_id) THEN 2
                    ELSE 1 END AS hold
        FROM data.object o
        UNION ALL
        SELECT key, sha256, NULL, 'dataset version', 3 FROM data.dataset_version
        UNION ALL
        SELECT v.artifact_key, v.artifact_sha256, NULL, 'model version',
               CASE WHEN v.stage NOT IN ('archived', 'rejected', 'aborted')
                      OR EXISTS (SELECT FROM ml.alias a WHERE a.version_id = v.version_id) THEN 3
                    ELSE 1 END
        FROM ml.version v
        UNION ALL
        SELECT 'predictions/' || p.model ||
               to_char(p.made_at AT TIME ZONE 'UTC', '"/"YYYY"/"MM"/"YYYY-MM-DD"T"HH24MISS"Z.csv"'),
               NULL, NULL, 'predictions', 2
        FROM (SELECT DISTINCT model, made_at FROM serve.prediction WHERE kind = 'batch') AS p
        UNION ALL
        SELECT key, NULL, NULL, 'quality report', 1 FROM data.quality_run WHERE key IS NOT NULL
    )
    SELECT key COLLATE "C" AS key, coalesce(max(sha256), '') AS sha256, max(size_bytes) AS size_bytes,
           min(what) AS what, max(hold) AS hold,
           EXISTS (SELECT FROM data.object_expired e WHERE e.key = each_one.key) AS is_expired
    FROM each_one GROUP BY key;
    CREATE UNIQUE INDEX ON lake_reference (key);
    ANALYZE lake_reference;
END
$$;

-- A page of that list, in the order of the lake's listings.
CREATE FUNCTION data.lake_reference_page(beginning text, after text, most integer)
RETURNS TABLE (key text, sha256 text, size_bytes bigint, what text, hold integer, is_expired boolean)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT r.key, r.sha256, r.size_bytes, r.what, r.hold, r.is_expired
                 FROM pg_temp.lake_reference r
                 WHERE r.key > after COLLATE "C" AND starts_with(r.key, beginning)
                 ORDER BY r.key LIMIT most;
END
$$;

-- The hash that the database knows of a key; none for predictions.
CREATE FUNCTION data.lake_hash(one text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT max(sha256) FROM (
        SELECT sha256 FROM data.object WHERE key = one
        UNION ALL SELECT sha256 FROM data.dataset_version WHERE key = one
        UNION ALL SELECT artifact_sha256 FROM ml.version WHERE artifact_key = one) AS known
$$;
