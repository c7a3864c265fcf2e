-- Experiments and runs as MLflow's clients write them, at their speed.
--
-- Keys of metrics, params and tags are numbered once. What is logged goes, a row for each call, into
-- ml.fresh; ml.fold takes it from there, set-wise and for many calls at a time, into ml.point (the
-- history, in arrays by key) and ml.latest (the value that searches and pages show). Whoever reads
-- latest values folds first, and histories are read from both; so all that was acknowledged is seen.

CREATE TABLE ml.key (
    key_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key    text COLLATE "C" NOT NULL UNIQUE
);

-- Numbers those keys that have none yet; in their order, so that two who do so do not wait in a ring.
CREATE FUNCTION ml.key_make(wanted text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ml.key (key)
    SELECT DISTINCT w.key COLLATE "C" FROM unnest(wanted) AS w (key)
    WHERE NOT EXISTS (SELECT FROM ml.key k WHERE k.key = w.key) ORDER BY 1
    ON CONFLICT DO NOTHING
$$;

-- ---- experiments ---------------------------------------------------------------------------------

UPDATE ml.experiment SET name = name || ' (' || experiment_id || ')' WHERE name = 'Default';
INSERT INTO ml.experiment (experiment_id, name, created_ms, updated_ms) OVERRIDING SYSTEM VALUE
SELECT 0, 'Default', t.ms, t.ms FROM (SELECT (extract(epoch FROM now()) * 1000)::bigint AS ms) t;
CREATE FUNCTION ml.experiment_root() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.artifact_location = '' THEN
        NEW.artifact_location := 'mlflow-artifacts:/' || NEW.experiment_id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER experiment_root BEFORE INSERT OR UPDATE OF artifact_location ON ml.experiment
    FOR EACH ROW EXECUTE FUNCTION ml.experiment_root();
UPDATE ml.experiment SET artifact_location = '' WHERE artifact_location = '';
CREATE INDEX ON ml.experiment (created_ms DESC, experiment_id);

CREATE TABLE ml.experiment_tag (
    experiment_id bigint NOT NULL REFERENCES ml.experiment,
    key           text COLLATE "C" NOT NULL,
    value         text NOT NULL,
    PRIMARY KEY (experiment_id, key)
);

-- ---- runs ----------------------------------------------------------------------------------------

ALTER TABLE ml.run
    ADD COLUMN run_no  integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN user_id text NOT NULL DEFAULT '';
UPDATE ml.run r SET user_id = t.value FROM ml.tag t WHERE t.run_id = r.run_id AND t.key = 'mlflow.user';

-- A run is deleted with its experiment; its own stage stays as it was.
CREATE VIEW ml.run_alive AS
SELECT r.run_no, r.run_id, r.experiment_id,
       r.lifecycle_stage = 'active' AND e.lifecycle_stage = 'active' AS is_active
FROM ml.run r JOIN ml.experiment e USING (experiment_id);

-- Params and tags. The index holds the beginning of a value, as values may be longer than it takes.
ALTER TABLE ml.param RENAME TO param_past;
ALTER TABLE ml.tag RENAME TO tag_past;
ALTER TABLE ml.metric RENAME TO metric_past;

CREATE TABLE ml.run_param (
    run_no        integer NOT NULL,
    key_no        integer NOT NULL,
    experiment_id bigint NOT NULL,               -- its run's, for the index
    value         text COLLATE "C" NOT NULL,
    PRIMARY KEY (run_no, key_no)
);
CREATE INDEX ON ml.run_param (experiment_id, key_no, left(value, 250));

CREATE TABLE ml.run_tag (
    run_no        integer NOT NULL,
    key_no        integer NOT NULL,
    experiment_id bigint NOT NULL,
    value         text COLLATE "C" NOT NULL,
    PRIMARY KEY (run_no, key_no)
);
CREATE INDEX ON ml.run_tag (experiment_id, key_no, left(value, 250));

-- ---- metrics -------------------------------------------------------------------------------------

-- What was logged in one call: the i-th of each array belong together. An array of one element
-- holds for all.
CREATE TABLE ml.fresh (
    run_no   integer NOT NULL,
    fresh_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    keys     text[] NOT NULL,
    steps    bigint[] NOT NULL,
    times    bigint[] NOT NULL,
    values   double precision[] NOT NULL
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX ON ml.fresh (run_no);
ALTER TABLE ml.fresh ALTER keys SET STORAGE EXTERNAL, ALTER steps SET STORAGE EXTERNAL,
    ALTER times SET STORAGE EXTERNAL, ALTER values SET STORAGE EXTERNAL;

-- The history: pieces of what a run has of one key, with all arrays of one length.
CREATE TABLE ml.point (
    run_no integer NOT NULL,
    key_no integer NOT NULL,
    steps  bigint[] NOT NULL,
    times  bigint[] NOT NULL,
    values double precision[] NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX ON ml.point (run_no, key_no);
ALTER TABLE ml.point ALTER steps SET STORAGE EXTERNAL, ALTER times SET STORAGE EXTERNAL, ALTER values SET STORAGE EXTERNAL;

-- Of all points of a key the one with the greatest (step, time, value); NaN is the greatest value.
CREATE TABLE ml.latest (
    run_no        integer NOT NULL,
    key_no        integer NOT NULL,
    experiment_id bigint NOT NULL,
    value         double precision NOT NULL,
    step          bigint NOT NULL,
    at_ms         bigint NOT NULL,
    PRIMARY KEY (run_no, key_no)
);
CREATE INDEX ON ml.latest (experiment_id, key_no, value);

-- Takes what was logged to some runs into ml.point and ml.latest. One at a time does so for a run.
CREATE FUNCTION ml.fold(runs integer[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one   integer;
    taken bigint[];
BEGIN
    FOR one IN SELECT DISTINCT r FROM unnest(runs) r ORDER BY r LOOP
        PERFORM pg_advisory_xact_lock(1836347244, one);
    END LOOP;
    taken := ARRAY(SELECT fresh_no FROM ml.fresh WHERE run_no = ANY (runs)); -- others may come meanwhile
    IF taken = '{}' THEN
        RETURN;
    END IF;
    PERFORM ml.key_make(ARRAY(SELECT DISTINCT u.key FROM ml.fresh f, unnest(f.keys) AS u (key)
                              WHERE f.run_no = ANY (runs) AND f.fresh_no = ANY (taken)));
    WITH gone AS (
        DELETE FROM ml.fresh WHERE run_no = ANY (runs) AND fresh_no = ANY (taken) RETURNING *
    ), point AS MATERIALIZED (
        SELECT g.run_no, k.key_no, coalesce(u.step, g.steps[1]) AS step, coalesce(u.at_ms, g.times[1]) AS at_ms, u.value
        FROM gone g CROSS JOIN unnest(g.keys, g.steps, g.times, g.values) AS u (key, step, at_ms, value)
        JOIN ml.key k ON k.key = coalesce(u.key, g.keys[1])
    ), history AS (
        INSERT INTO ml.point (run_no, key_no, steps, times, values)
        SELECT run_no, key_no, array_agg(step), array_agg(at_ms), array_agg(value) FROM point GROUP BY run_no, key_no
    )
    INSERT INTO ml.latest AS l (run_no, key_no, experiment_id, value, step, at_ms)
    SELECT DISTINCT ON (p.run_no, p.key_no) p.run_no, p.key_no, r.experiment_id, p.value, p.step, p.at_ms
    FROM point p JOIN ml.run r USING (run_no) ORDER BY p.run_no, p.key_no, p.step DESC, p.at_ms DESC, p.value DESC
    ON CONFLICT (run_no, key_no) DO UPDATE SET value = EXCLUDED.value, step = EXCLUDED.step, at_ms = EXCLUDED.at_ms
    WHERE (EXCLUDED.step, EXCLUDED.at_ms, EXCLUDED.value) > (l.step, l.at_ms, l.value);
END
$$;

-- The same for the run that a call was about, when it is time to: each 32nd call sees to its own run
-- and to the oldest ones beyond 1024, so that nobody who reads ever finds much more to fold than that.
-- A run that another sees to is left to them.
CREATE FUNCTION ml.fold_some(run integer, number bigint) RETURNS void LANGUAGE sql AS $$
    SELECT ml.fold(ARRAY(
        SELECT c.r FROM (SELECT run UNION SELECT f.run_no FROM (SELECT run_no, fresh_no FROM ml.fresh ORDER BY fresh_no LIMIT 64) f
                                          WHERE f.fresh_no < number - 1024) AS c (r)
        WHERE pg_try_advisory_xact_lock(1836347244, c.r)))
$$;

-- What people read: a row for each point, parameter and tag.
CREATE VIEW ml.metric AS
SELECT r.run_id, k.key, u.step, u.at_ms, u.value
FROM ml.point p JOIN ml.run r USING (run_no) JOIN ml.key k USING (key_no),
     unnest(p.steps, p.times, p.values) AS u (step, at_ms, value)
UNION
SELECT r.run_id, coalesce(u.key, f.keys[1]), coalesce(u.step, f.steps[1]), coalesce(u.at_ms, f.times[1]), u.value
FROM ml.fresh f JOIN ml.run r USING (run_no), unnest(f.keys, f.steps, f.times, f.values) AS u (key, step, at_ms, value);
CREATE VIEW ml.param AS
SELECT r.run_id, k.key, p.value FROM ml.run_param p JOIN ml.run r USING (run_no) JOIN ml.key k USING (key_no);
CREATE VIEW ml.tag AS
SELECT r.run_id, k.key, t.value FROM ml.run_tag t JOIN ml.run r USING (run_no) JOIN ml.key k USING (key_no);

-- All points of a key of a run, each once.
CREATE FUNCTION ml.history(run integer, wanted text) RETURNS TABLE (at_ms bigint, step bigint, value double precision)
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT h.at_ms, h.step, h.value FROM (
        SELECT u.at_ms, u.step, u.value FROM ml.point p, unnest(p.times, p.steps, p.values) AS u (at_ms, step, value)
        WHERE p.run_no = run AND p.key_no = (SELECT k.key_no FROM ml.key k WHERE k.key = wanted)
        UNION ALL
        SELECT coalesce(u.at_ms, f.times[1]), coalesce(u.step, f.steps[1]), u.value
        FROM ml.fresh f, unnest(f.keys, f.times, f.steps, f.values) AS u (key, at_ms, step, value)
        WHERE f.run_no = run AND coalesce(u.key, f.keys[1]) = wanted
    ) AS h
$$;

-- ---- what a call logs ----------------------------------------------------------------------------

-- Sets tags; the later of two of a key holds. A name set as a tag is the run's name.
CREATE FUNCTION ml.tags_set(run integer, tag_keys text[], tag_values text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ml.run_tag AS t (run_no, key_no, experiment_id, value)
    SELECT DISTINCT ON (k.key_no) run, k.key_no, r.experiment_id, u.value
    FROM unnest(tag_keys, tag_values) WITH ORDINALITY AS u (key, value, i) JOIN ml.key k USING (key)
    JOIN ml.run r ON r.run_no = run ORDER BY k.key_no, u.i DESC
    ON CONFLICT (run_no, key_no) DO UPDATE SET value = EXCLUDED.value WHERE t.value <> EXCLUDED.value;
    IF 'mlflow.runName' = ANY (tag_keys) THEN
        UPDATE ml.run r SET name = t.value FROM ml.run_tag t JOIN ml.key k USING (key_no)
        WHERE r.run_no = run AND t.run_no = run AND k.key = 'mlflow.runName' AND r.name <> t.value;
    END IF;
END
$$;

-- Makes a run in an experiment that is active. No row when there is none of that number.
CREATE FUNCTION ml.run_create(id text, experiment bigint, name text, user_id text, started_ms bigint,
                              tag_keys text[], tag_values text[])
RETURNS TABLE (is_active boolean, artifact_uri text) LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    run integer;
BEGIN
    SELECT e.lifecycle_stage = 'active', rtrim(e.artifact_location, '/') || '/' || id || '/artifacts'
    INTO is_active, artifact_uri FROM ml.experiment e WHERE e.experiment_id = experiment;
    IF is_active IS NULL THEN
        RETURN;
    END IF;
    IF is_active THEN
        INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms, artifact_uri, user_id)
        VALUES (id, experiment, name, 'RUNNING', started_ms, artifact_uri, user_id) RETURNING ml.run.run_no INTO run;
        PERFORM ml.key_make(tag_keys), ml.tags_set(run, tag_keys, tag_values);
    END IF;
    RETURN NEXT;
END
$$;

-- Logs to a run, all or nothing. Returns the run's number, and the call's where it is time to fold;
-- nothing when there is no active run of that id.
CREATE FUNCTION ml.log(id text, metric_keys text[], steps bigint[], times bigint[], metric_values double precision[],
                       param_keys text[], param_values text[], tag_keys text[], tag_values text[])
RETURNS TABLE (run_no integer, due bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    run       integer;
    exp       bigint;
    number    bigint := 1;
    clash     record;
BEGIN
    IF 'mlflow.runName' = ANY (tag_keys) THEN    -- before its tag, as renaming it goes
        PERFORM FROM ml.run r WHERE r.run_id = id FOR NO KEY UPDATE;
    END IF;
    SELECT a.run_no, a.experiment_id INTO run, exp FROM ml.run_alive a WHERE a.run_id = id AND a.is_active;
    IF run IS NULL THEN
        RETURN;
    END IF;
    IF param_keys <> '{}' OR tag_keys <> '{}' THEN
        PERFORM ml.key_make(param_keys || tag_keys);
    END IF;
    IF param_keys <> '{}' THEN
        INSERT INTO ml.run_param (run_no, key_no, experiment_id, value)
        SELECT run, k.key_no, exp, u.value FROM unnest(param_keys, param_values) AS u (key, value) JOIN ml.key k USING (key)
        ORDER BY k.key_no ON CONFLICT DO NOTHING;
        SELECT u.key, p.value AS old, u.value AS new INTO clash
        FROM unnest(param_keys, param_values) AS u (key, value) JOIN ml.key k USING (key)
        JOIN ml.run_param p ON p.run_no = run AND p.key_no = k.key_no WHERE p.value <> u.value LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'Changing param values is not allowed. Param with key=''%'' was already logged with value=''%'' for run ID=''%''. Attempted logging new value ''%''.',
                clash.key, left(clash.old, 60), id, left(clash.new, 60);
        END IF;
    END IF;
    IF metric_keys <> '{}' THEN
        INSERT INTO ml.fresh (run_no, keys, steps, times, values) VALUES (run, metric_keys, steps, times, metric_values)
        RETURNING fresh_no INTO number;
    END IF;
    IF tag_keys <> '{}' THEN
        PERFORM ml.tags_set(run, tag_keys, tag_values);
    END IF;
    RETURN QUERY SELECT run, CASE WHEN number % 32 = 0 THEN number END;
END
$$;

-- ---- datasets and logged models ------------------------------------------------------------------

CREATE TABLE ml.dataset (
    dataset_no    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    experiment_id bigint NOT NULL REFERENCES ml.experiment,
    name          text COLLATE "C" NOT NULL,
    digest        text COLLATE "C" NOT NULL,
    source_type   text NOT NULL,
    source        text NOT NULL,
    schema        text,
    profile       text,
    UNIQUE (experiment_id, name, digest)
);

CREATE TABLE ml.input (
    run_no     integer NOT NULL REFERENCES ml.run (run_no),
    dataset_no integer NOT NULL REFERENCES ml.dataset,
    tag_keys   text[] NOT NULL,
    tag_values text[] NOT NULL,
    context    text COLLATE "C",                 -- the tag mlflow.data.context
    PRIMARY KEY (run_no, dataset_no)
);
CREATE INDEX ON ml.input (dataset_no);

CREATE TABLE ml.logged_model (
    model_no        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_id        text NOT NULL UNIQUE,        -- m- and 32 hexadecimal digits
    experiment_id   bigint NOT NULL REFERENCES ml.experiment,
    name            text COLLATE "C" NOT NULL,
    model_type      text COLLATE "C",
    source_run_id   text COLLATE "C",
    status          integer NOT NULL DEFAULT 1,  -- 1 pending, 2 ready, 3 failed
    status_message  text,
    lifecycle_stage text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
    artifact_uri    text NOT NULL,
    created_ms      bigint NOT NULL,
    updated_ms      bigint NOT NULL
);
CREATE INDEX ON ml.logged_model (experiment_id, created_ms DESC, model_id);
CREATE INDEX ON ml.logged_model (source_run_id);

CREATE TABLE ml.logged_param (
    model_no integer NOT NULL REFERENCES ml.logged_model,
    key      text COLLATE "C" NOT NULL,
    value    text COLLATE "C" NOT NULL,
    PRIMARY KEY (model_no, key)
);
CREATE TABLE ml.logged_tag (
    model_no integer NOT NULL REFERENCES ml.logged_model,
    key      text COLLATE "C" NOT NULL,
    value    text COLLATE "C" NOT NULL,
    PRIMARY KEY (model_no, key)
);
CREATE TABLE ml.logged_metric (                  -- runs have them too
    model_no       integer NOT NULL REFERENCES ml.logged_model,
    key            text COLLATE "C" NOT NULL,
    at_ms          bigint NOT NULL,
    step           bigint NOT NULL,
    run_id         text NOT NULL,
    value          double precision NOT NULL,
    dataset_name   text COLLATE "C",
    dataset_digest text COLLATE "C",
    PRIMARY KEY (model_no, key, at_ms, step, run_id)
);

-- Logged models that a run was given or gave out.
CREATE TABLE ml.run_model (
    run_no    integer NOT NULL REFERENCES ml.run (run_no),
    is_output boolean NOT NULL,
    model_id  text NOT NULL,
    step      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (run_no, is_output, model_id)
);

-- Runs as they are told, each with its latest metrics, params and tags.
CREATE VIEW ml.run_whole AS
SELECT r.run_no, r.run_id, r.experiment_id, r.name, r.user_id, r.status,
       e.lifecycle_stage = 'active' AND r.lifecycle_stage = 'active' AS is_active, r.started_ms, r.ended_ms, r.artifact_uri,
       m.keys AS metric_keys, m.values AS metric_values, m.steps, m.times, p.keys AS param_keys, p.values AS param_values,
       t.keys AS tag_keys, t.values AS tag_values,
       EXISTS (SELECT FROM ml.fresh f WHERE f.run_no = r.run_no) AS is_fresh,
       EXISTS (SELECT FROM ml.input i WHERE i.run_no = r.run_no) AS has_datasets,
       EXISTS (SELECT FROM ml.run_model o WHERE o.run_no = r.run_no) AS has_models
FROM ml.run r JOIN ml.experiment e USING (experiment_id)
CROSS JOIN LATERAL (SELECT array_agg(k.key) AS keys, array_agg(l.value) AS values, array_agg(l.step) AS steps,
                           array_agg(l.at_ms) AS times
                    FROM ml.latest l JOIN ml.key k USING (key_no) WHERE l.run_no = r.run_no) AS m
CROSS JOIN LATERAL (SELECT array_agg(k.key) AS keys, array_agg(x.value) AS values
                    FROM ml.run_param x JOIN ml.key k USING (key_no) WHERE x.run_no = r.run_no) AS p
CROSS JOIN LATERAL (SELECT array_agg(k.key) AS keys, array_agg(x.value) AS values
                    FROM ml.run_tag x JOIN ml.key k USING (key_no) WHERE x.run_no = r.run_no) AS t;

-- ---- what there was ------------------------------------------------------------------------------

SELECT ml.key_make(ARRAY(SELECT key FROM ml.param_past UNION SELECT key FROM ml.tag_past UNION SELECT key FROM ml.metric_past));
INSERT INTO ml.run_param (run_no, key_no, experiment_id, value)
SELECT r.run_no, k.key_no, r.experiment_id, p.value FROM ml.param_past p JOIN ml.run r USING (run_id) JOIN ml.key k USING (key);
INSERT INTO ml.run_tag (run_no, key_no, experiment_id, value)
SELECT r.run_no, k.key_no, r.experiment_id, t.value FROM ml.tag_past t JOIN ml.run r USING (run_id) JOIN ml.key k USING (key);
INSERT INTO ml.fresh (run_no, keys, steps, times, values)
SELECT r.run_no, array_agg(m.key), array_agg(m.step), array_agg(m.at_ms), array_agg(m.value)
FROM ml.metric_past m JOIN ml.run r USING (run_id) GROUP BY r.run_no;
SELECT ml.fold(ARRAY(SELECT run_no FROM ml.fresh));
DROP TABLE ml.param_past, ml.tag_past, ml.metric_past;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ml FROM PUBLIC;
