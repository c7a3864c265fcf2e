-- What has been brought from other MLflow servers, which of ours it is, and how it is taken in: from
-- their answers as they came.
CREATE TABLE ml.imported (
    source      text NOT NULL,                  -- the server's address, without credentials
    kind        text NOT NULL CHECK (kind IN ('experiments', 'runs', 'logged_models', 'models', 'versions')),
    source_id   text NOT NULL,
    our_id      text NOT NULL,
    location    text NOT NULL DEFAULT '',       -- of its artifacts, there
    is_whole    boolean NOT NULL DEFAULT false, -- its files too
    imported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, kind, source_id)
);

CREATE FUNCTION ml.import_find(its_source text, its_kind text, id text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT our_id FROM ml.imported WHERE source = its_source AND kind = its_kind AND source_id = id
$$;

-- An experiment; one of the same name is taken for it. Deleted ones come as they are.
CREATE FUNCTION ml.import_experiment(its_source text, e jsonb, OUT our_id bigint, OUT is_new boolean) LANGUAGE plpgsql AS $$
BEGIN
    our_id := ml.import_find(its_source, 'experiments', e ->> 'experiment_id')::bigint;
    is_new := our_id IS NULL;
    IF our_id IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT x.experiment_id INTO our_id FROM ml.experiment x WHERE x.name = e ->> 'name';
    is_new := our_id IS NULL;
    IF our_id IS NULL THEN
        INSERT INTO ml.experiment (name, lifecycle_stage, created_ms, updated_ms)
        VALUES (e ->> 'name', coalesce(e ->> 'lifecycle_stage', 'active'), coalesce((e ->> 'creation_time')::bigint, 0),
                coalesce((e ->> 'last_update_time')::bigint, (e ->> 'creation_time')::bigint, 0))
        RETURNING experiment_id INTO our_id;
    END IF;
    INSERT INTO ml.experiment_tag (experiment_id, key, value)
    SELECT our_id, t ->> 'key', coalesce(t ->> 'value', '') FROM jsonb_array_elements(coalesce(e -> 'tags', '[]')) t
    ON CONFLICT DO NOTHING;
    INSERT INTO ml.imported (source, kind, source_id, our_id, is_whole)
    VALUES (its_source, 'experiments', e ->> 'experiment_id', our_id::text, true);
END
$$;

-- A run without its metrics, which follow. One that came before in part is begun anew. Its id is
-- kept where no other run has it.
CREATE FUNCTION ml.import_run(its_source text, experiment bigint, run jsonb, OUT our_id text, OUT run_no integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    info jsonb := run -> 'info';
    id   text := coalesce(info ->> 'run_id', info ->> 'run_uuid');
    tags jsonb := coalesce(run #> '{data,tags}', '[]');
    one  jsonb;
    no   integer;
BEGIN
    our_id := ml.import_find(its_source, 'runs', id);
    IF our_id IS NULL THEN
        our_id := CASE WHEN id ~ '^[0-9a-f]{32}$' AND NOT EXISTS (SELECT FROM ml.run r WHERE r.run_id = id)
                       THEN id ELSE md5(its_source || ' ' || id) END;
        INSERT INTO ml.imported (source, kind, source_id, our_id, location)
        VALUES (its_source, 'runs', id, our_id, coalesce(info ->> 'artifact_uri', ''));
    END IF;
    INSERT INTO ml.run AS r (run_id, experiment_id, name, status, lifecycle_stage, started_ms, ended_ms, artifact_uri, user_id)
    SELECT our_id, experiment,
           coalesce(info ->> 'run_name', (SELECT t ->> 'value' FROM jsonb_array_elements(tags) t WHERE t ->> 'key' = 'mlflow.runName'), ''),
           coalesce(info ->> 'status', 'RUNNING'), coalesce(info ->> 'lifecycle_stage', 'active'),
           coalesce((info ->> 'start_time')::bigint, 0), (info ->> 'end_time')::bigint,
           'mlflow-artifacts:/' || experiment || '/' || our_id || '/artifacts', coalesce(info ->> 'user_id', '')
    ON CONFLICT (run_id) DO UPDATE SET name = EXCLUDED.name, status = EXCLUDED.status, ended_ms = EXCLUDED.ended_ms,
                                       lifecycle_stage = EXCLUDED.lifecycle_stage
    RETURNING r.run_no INTO no;
    run_no := no;
    DELETE FROM ml.fresh f WHERE f.run_no = no;
    DELETE FROM ml.point p WHERE p.run_no = no;
    DELETE FROM ml.latest l WHERE l.run_no = no;
    PERFORM ml.key_make(ARRAY(SELECT t ->> 'key' FROM jsonb_array_elements(tags || coalesce(run #> '{data,params}', '[]')) t));
    INSERT INTO ml.run_param (run_no, key_no, experiment_id, value)
    SELECT no, k.key_no, experiment, coalesce(p ->> 'value', '')
    FROM jsonb_array_elements(coalesce(run #> '{data,params}', '[]')) p JOIN ml.key k ON k.key = p ->> 'key'
    ON CONFLICT DO NOTHING;
    INSERT INTO ml.run_tag (run_no, key_no, experiment_id, value)
    SELECT no, k.key_no, experiment,
           coalesce(CASE WHEN k.key = 'mlflow.parentRunId' THEN ml.import_find(its_source, 'runs', t ->> 'value') END, t ->> 'value', '')
    FROM jsonb_array_elements(tags) t JOIN ml.key k ON k.key = t ->> 'key'
    ON CONFLICT ON CONSTRAINT run_tag_pkey DO UPDATE SET value = EXCLUDED.value;
    FOR one IN SELECT * FROM jsonb_array_elements(coalesce(run #> '{inputs,dataset_inputs}', '[]')) LOOP
        PERFORM ml.import_input(no, experiment, one);
    END LOOP;
    INSERT INTO ml.run_model (run_no, is_output, model_id, step)
    SELECT no, x.is_output, x.m ->> 'model_id', coalesce((x.m ->> 'step')::bigint, 0)
    FROM (SELECT false, m FROM jsonb_array_elements(coalesce(run #> '{inputs,model_inputs}', '[]')) m
          UNION ALL SELECT true, m FROM jsonb_array_elements(coalesce(run #> '{outputs,model_outputs}', '[]')) m) AS x (is_output, m)
    ON CONFLICT DO NOTHING;
END
$$;

-- A dataset that a run was given.
CREATE FUNCTION ml.import_input(run integer, experiment bigint, given jsonb) RETURNS void LANGUAGE sql AS $$
    WITH dataset AS (
        INSERT INTO ml.dataset (experiment_id, name, digest, source_type, source, schema, profile)
        SELECT experiment, d ->> 'name', d ->> 'digest', coalesce(d ->> 'source_type', ''), coalesce(d ->> 'source', ''),
               d ->> 'schema', d ->> 'profile'
        FROM (SELECT given -> 'dataset') AS x (d)
        ON CONFLICT (experiment_id, name, digest) DO UPDATE SET name = EXCLUDED.name RETURNING dataset_no
    )
    INSERT INTO ml.input (run_no, dataset_no, tag_keys, tag_values, context)
    SELECT run, dataset_no, coalesce(array_agg(t ->> 'key') FILTER (WHERE t IS NOT NULL), '{}'),
           coalesce(array_agg(t ->> 'value') FILTER (WHERE t IS NOT NULL), '{}'),
           max(t ->> 'value') FILTER (WHERE t ->> 'key' = 'mlflow.data.context')
    FROM dataset LEFT JOIN jsonb_array_elements(coalesce(given -> 'tags', '[]')) t ON true GROUP BY dataset_no
    ON CONFLICT (run_no, dataset_no) DO NOTHING
$$;

-- A page of a metric's history. Returns how many points it has.
CREATE FUNCTION ml.import_points(run integer, key text, page jsonb) RETURNS bigint LANGUAGE sql AS $$
    WITH point AS (
        SELECT coalesce((m ->> 'step')::bigint, 0) AS step, coalesce((m ->> 'timestamp')::bigint, 0) AS at_ms,
               (m ->> 'value')::double precision AS value
        FROM jsonb_array_elements(coalesce(page -> 'metrics', '[]')) m
    ), added AS (
        INSERT INTO ml.fresh (run_no, keys, steps, times, values)
        SELECT run, ARRAY[key], array_agg(step), array_agg(at_ms), array_agg(value) FROM point HAVING count(*) > 0
    )
    SELECT count(*) FROM point
$$;

-- A logged model; our_id is NULL where another one of ours has its id.
CREATE FUNCTION ml.import_logged(its_source text, experiment bigint, m jsonb, OUT our_id text, OUT is_new boolean)
LANGUAGE plpgsql AS $$
DECLARE
    info jsonb := m -> 'info';
    id   text := m #>> '{info,model_id}';
    no   integer;
BEGIN
    our_id := ml.import_find(its_source, 'logged_models', id);
    is_new := our_id IS NULL;
    IF our_id IS NOT NULL OR EXISTS (SELECT FROM ml.logged_model x WHERE x.model_id = id) THEN
        RETURN;
    END IF;
    our_id := id;
    INSERT INTO ml.logged_model (model_id, experiment_id, name, model_type, source_run_id, status, status_message,
                                 artifact_uri, created_ms, updated_ms)
    VALUES (id, experiment, coalesce(info ->> 'name', ''), info ->> 'model_type',
            coalesce(ml.import_find(its_source, 'runs', info ->> 'source_run_id'), info ->> 'source_run_id'),
            CASE info ->> 'status' WHEN 'LOGGED_MODEL_READY' THEN 2 WHEN 'LOGGED_MODEL_UPLOAD_FAILED' THEN 3 ELSE 1 END,
            info ->> 'status_message', 'mlflow-artifacts:/' || experiment || '/models/' || id || '/artifacts',
            coalesce((info ->> 'creation_timestamp_ms')::bigint, 0), coalesce((info ->> 'last_updated_timestamp_ms')::bigint, 0))
    RETURNING model_no INTO no;
    INSERT INTO ml.logged_param SELECT no, p ->> 'key', coalesce(p ->> 'value', '')
    FROM jsonb_array_elements(coalesce(m #> '{data,params}', '[]')) p ON CONFLICT DO NOTHING;
    INSERT INTO ml.logged_tag SELECT no, t ->> 'key', coalesce(t ->> 'value', '')
    FROM jsonb_array_elements(coalesce(info -> 'tags', '[]')) t ON CONFLICT DO NOTHING;
    INSERT INTO ml.logged_metric (model_no, key, at_ms, step, run_id, value, dataset_name, dataset_digest)
    SELECT no, x ->> 'key', coalesce((x ->> 'timestamp')::bigint, 0), coalesce((x ->> 'step')::bigint, 0),
           coalesce(ml.import_find(its_source, 'runs', x ->> 'run_id'), x ->> 'run_id', ''), (x ->> 'value')::double precision,
           x ->> 'dataset_name', x ->> 'dataset_digest'
    FROM jsonb_array_elements(coalesce(m #> '{data,metrics}', '[]')) x ON CONFLICT DO NOTHING;
    INSERT INTO ml.imported (source, kind, source_id, our_id, location)
    VALUES (its_source, 'logged_models', id, id, coalesce(info ->> 'artifact_uri', ''));
END
$$;

-- A registered model; our_id is NULL where another one of ours has its name.
CREATE FUNCTION ml.import_model(its_source text, m jsonb, OUT our_id integer, OUT is_new boolean) LANGUAGE plpgsql AS $$
BEGIN
    our_id := ml.import_find(its_source, 'models', m ->> 'name')::integer;
    is_new := our_id IS NULL;
    IF our_id IS NOT NULL OR EXISTS (SELECT FROM ml.model x WHERE x.model = m ->> 'name') THEN
        RETURN;
    END IF;
    INSERT INTO ml.model (model, description, created_at, updated_at, user_name)
    VALUES (m ->> 'name', coalesce(m ->> 'description', ''), to_timestamp(coalesce((m ->> 'creation_timestamp')::bigint, 0) / 1000.0),
            to_timestamp(coalesce((m ->> 'last_updated_timestamp')::bigint, 0) / 1000.0), coalesce(m ->> 'user_id', ''))
    RETURNING model_id INTO our_id;
    INSERT INTO ml.model_tag SELECT our_id, t ->> 'key', coalesce(t ->> 'value', '')
    FROM jsonb_array_elements(coalesce(m -> 'tags', '[]')) t ON CONFLICT DO NOTHING;
    INSERT INTO ml.imported (source, kind, source_id, our_id, is_whole)
    VALUES (its_source, 'models', m ->> 'name', our_id::text, true);
END
$$;

-- Where something that was brought has its artifacts here; NULL for an address of nothing that was.
CREATE FUNCTION ml.import_moved(its_source text, run text, address text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT r.artifact_uri || substr(address, length(i.location) + 1)
    FROM ml.imported i JOIN ml.run r ON r.run_id = i.our_id
    WHERE i.source = its_source AND i.kind = 'runs' AND i.source_id = run AND i.location <> ''
      AND (address = i.location OR starts_with(address, i.location || '/'))
$$;

-- A version, under its number. In MLflow's stage Production it is told to be, and does not serve.
CREATE FUNCTION ml.import_version(its_source text, model integer, v jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    id     text := (v ->> 'name') || '/' || (v ->> 'version');
    number integer := (v ->> 'version')::integer;
    logged text := substring(v ->> 'source' FROM '^models:/(m-[0-9a-f]{32})$');
    one    integer;
BEGIN
    IF ml.import_find(its_source, 'versions', id) IS NOT NULL
       OR EXISTS (SELECT FROM ml.version x WHERE x.model_id = model AND x.number = number) THEN
        RETURN false;
    END IF;
    INSERT INTO ml.version (model_id, number, tag, manual, auto, source, storage_location, run_id, run_link, description, status,
                            status_message, user_name, logged_model_id, created_at, updated_at, stage, is_told_production)
    VALUES (model, number, 1, number - 1, 0, coalesce(ml.import_moved(its_source, v ->> 'run_id', v ->> 'source'), v ->> 'source', ''),
            coalesce((SELECT x.artifact_uri FROM ml.logged_model x WHERE x.model_id = logged), ''),
            coalesce(ml.import_find(its_source, 'runs', v ->> 'run_id'), nullif(v ->> 'run_id', '')), coalesce(v ->> 'run_link', ''),
            coalesce(v ->> 'description', ''), coalesce(v ->> 'status', 'READY'),
            CASE WHEN v ->> 'current_stage' = 'Production' THEN 'in production where it came from; here it does not serve'
                 ELSE coalesce(v ->> 'status_message', '') END,
            coalesce(v ->> 'user_id', ''), logged, to_timestamp(coalesce((v ->> 'creation_timestamp')::bigint, 0) / 1000.0),
            to_timestamp(coalesce((v ->> 'last_updated_timestamp')::bigint, 0) / 1000.0),
            CASE WHEN v ->> 'current_stage' = 'Archived' THEN 'archived' ELSE 'registered' END,
            coalesce(v ->> 'current_stage', '') = 'Production')
    RETURNING version_id INTO one;
    INSERT INTO ml.version_tag SELECT one, t ->> 'key', coalesce(t ->> 'value', '')
    FROM jsonb_array_elements(coalesce(v -> 'tags', '[]')) t
    WHERE t ->> 'key' NOT IN ('airwatch.stage', 'airwatch.version') ON CONFLICT DO NOTHING;
    INSERT INTO ml.imported (source, kind, source_id, our_id, is_whole) VALUES (its_source, 'versions', id, one::text, true);
    RETURN true;
END
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ml FROM PUBLIC;
