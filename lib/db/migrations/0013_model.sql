-- Models and versions as a client of the registry sees them, whoever made them.
ALTER TABLE ml.model
    ADD COLUMN user_name  text NOT NULL DEFAULT '',
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
UPDATE ml.model SET updated_at = created_at;

-- What only our own training knows may be absent: a version may come from anywhere.
ALTER TABLE ml.version
    DROP CONSTRAINT version_run_id_fkey,        -- a run of another server's may be named
    ALTER COLUMN run_id DROP NOT NULL,
    ALTER COLUMN as_of DROP NOT NULL,
    ALTER COLUMN recipe DROP NOT NULL,
    ALTER COLUMN recipe_sha256 DROP NOT NULL,
    ALTER COLUMN artifact_key DROP NOT NULL,    -- with it a version can be served
    ALTER COLUMN artifact_sha256 DROP NOT NULL,
    ALTER COLUMN family SET DEFAULT '',
    ALTER COLUMN reason SET DEFAULT '',
    ADD COLUMN source           text NOT NULL DEFAULT '', -- as the client said it
    ADD COLUMN storage_location text NOT NULL DEFAULT '', -- what it was found to mean
    ADD COLUMN run_link         text NOT NULL DEFAULT '',
    ADD COLUMN description      text NOT NULL DEFAULT '',
    ADD COLUMN status           text NOT NULL DEFAULT 'READY'
               CHECK (status IN ('PENDING_REGISTRATION', 'FAILED_REGISTRATION', 'READY')),
    ADD COLUMN status_message   text NOT NULL DEFAULT '',
    ADD COLUMN user_name        text NOT NULL DEFAULT '',
    ADD COLUMN logged_model_id  text,
    ADD COLUMN updated_at       timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN deleted_at       timestamptz,    -- its number is not given again
    ADD COLUMN is_told_production boolean NOT NULL DEFAULT false, -- in MLflow's stage, though it cannot be served
    ADD CONSTRAINT version_artifact_check CHECK ((artifact_key IS NULL) = (artifact_sha256 IS NULL)),
    ADD CONSTRAINT version_serves_check CHECK (stage <> 'production' OR artifact_key IS NOT NULL),
    ADD CONSTRAINT version_deleted_check CHECK (stage <> 'production' OR deleted_at IS NULL);
UPDATE ml.version v SET updated_at = greatest(v.created_at, (SELECT max(at) FROM ml.release r WHERE r.version_id = v.version_id));
UPDATE ml.version v SET source = r.artifact_uri || '/model' FROM ml.run r
WHERE r.run_id = v.run_id AND r.artifact_uri <> '';
UPDATE ml.model m SET updated_at = greatest(m.updated_at, (SELECT max(updated_at) FROM ml.version v WHERE v.model_id = m.model_id));
CREATE INDEX ON ml.version (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX ON ml.version (updated_at DESC);
CREATE INDEX ON ml.alias (version_id);

CREATE TABLE ml.model_tag (
    model_id integer NOT NULL REFERENCES ml.model ON DELETE CASCADE,
    key      text NOT NULL,
    value    text NOT NULL,
    PRIMARY KEY (model_id, key)
);

CREATE TABLE ml.version_tag (
    version_id integer NOT NULL REFERENCES ml.version ON DELETE CASCADE,
    key        text NOT NULL,
    value      text NOT NULL,
    PRIMARY KEY (version_id, key)
);

CREATE INDEX ON ml.version_tag (key, left(value, 250)); -- the beginning: values may be longer than an index takes

-- A version's tags together with those that tell what we know of it, and so cannot be out of step:
-- of versions that we can serve or that have been moved to a stage. Others are left as they came.
CREATE VIEW ml.version_label AS
SELECT version_id, key, value FROM ml.version_tag
UNION ALL SELECT version_id, 'airwatch.version', version FROM ml.version
          WHERE artifact_key IS NOT NULL OR stage <> 'registered'
UNION ALL SELECT version_id, 'airwatch.stage', stage FROM ml.version
          WHERE artifact_key IS NOT NULL OR stage <> 'registered';

-- The four stages of MLflow's that ours are to its client.
CREATE FUNCTION ml.stage_told(stage text, is_told_production boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN is_told_production OR stage = 'production' THEN 'Production'
                WHEN stage = 'archived' THEN 'Archived'
                WHEN stage IN ('shadow', 'canary') THEN 'Staging' ELSE 'None' END
$$;

CREATE FUNCTION ml.ms(t timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT floor(extract(epoch FROM t) * 1000)::bigint
$$;

-- Models and versions with their tags and aliases, as JSON.
CREATE VIEW ml.model_entry AS
SELECT m.model_id, m.model, m.description, m.user_name,
       ml.ms(m.created_at) AS created_ms, ml.ms(m.updated_at) AS updated_ms,
       (SELECT json_agg(json_build_object('key', key, 'value', value) ORDER BY key)
        FROM ml.model_tag t WHERE t.model_id = m.model_id) AS tags,
       (SELECT json_agg(json_build_object('alias', alias, 'version', number::text) ORDER BY alias)
        FROM ml.alias a JOIN ml.version v USING (version_id) WHERE a.model_id = m.model_id) AS aliases
FROM ml.model m;

CREATE VIEW ml.version_entry AS
SELECT v.version_id, v.model_id, m.model, v.number, v.version, v.stage,
       ml.stage_told(v.stage, v.is_told_production) AS stage_told, v.description, v.source,
       coalesce(nullif(v.storage_location, ''), v.source) AS location, v.run_id, v.run_link,
       v.status, v.status_message, v.user_name, v.logged_model_id,
       ml.ms(v.created_at) AS created_ms, ml.ms(v.updated_at) AS updated_ms,
       (SELECT json_agg(json_build_object('key', key, 'value', value) ORDER BY key)
        FROM ml.version_label t WHERE t.version_id = v.version_id) AS tags,
       (SELECT json_agg(alias ORDER BY alias)
        FROM ml.alias a WHERE a.version_id = v.version_id) AS aliases
FROM ml.version v JOIN ml.model m USING (model_id) WHERE v.deleted_at IS NULL;

-- Tells whether a text meets a clause of a search.
CREATE FUNCTION ml.text_meets(x text, operator text, wanted text, list jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE operator WHEN '=' THEN x = wanted WHEN '<>' THEN x <> wanted
                         WHEN 'LIKE' THEN x LIKE wanted WHEN 'ILIKE' THEN x ILIKE wanted
                         WHEN 'IN' THEN list ? x WHEN 'NOT IN' THEN NOT list ? x END
$$;

CREATE FUNCTION ml.number_meets(x numeric, operator text, wanted numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE operator WHEN '=' THEN x = wanted WHEN '<>' THEN x <> wanted WHEN '<' THEN x < wanted
                         WHEN '<=' THEN x <= wanted WHEN '>' THEN x > wanted WHEN '>=' THEN x >= wanted END
$$;

-- What rows are put in order by, as a search says it: "updated", or "-updated" for the newest first.
CREATE FUNCTION ml.order_number(key text, number bigint, created bigint, updated bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE key WHEN 'number' THEN number WHEN '-number' THEN -number
                    WHEN 'created' THEN created WHEN '-created' THEN -created
                    WHEN 'updated' THEN updated WHEN '-updated' THEN -updated END
$$;
