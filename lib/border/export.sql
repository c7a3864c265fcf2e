-- name: export_experiments
-- Experiments, a line of JSON each. No line holds the quote or the delimiter, so each comes as it is.
COPY (
    SELECT json_build_object('experiment_id', e.experiment_id::text, 'name', e.name, 'lifecycle_stage', e.lifecycle_stage,
        'creation_time', e.created_ms, 'last_update_time', e.updated_ms, 'artifact_location', e.artifact_location,
        'tags', (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
                 FROM ml.experiment_tag t WHERE t.experiment_id = e.experiment_id))
    FROM ml.experiment e ORDER BY e.experiment_id
) TO STDOUT (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');

-- name: export_runs
-- Runs with their params, tags and inputs.
COPY (
    SELECT json_build_object('run_id', r.run_id, 'experiment_id', r.experiment_id::text, 'run_name', r.name, 'user_id', r.user_id,
        'status', r.status, 'start_time', r.started_ms, 'end_time', r.ended_ms, 'lifecycle_stage', r.lifecycle_stage,
        'artifact_uri', r.artifact_uri,
        'params', (SELECT coalesce(json_agg(json_build_object('key', k.key, 'value', p.value) ORDER BY k.key), '[]')
                   FROM ml.run_param p JOIN ml.key k USING (key_no) WHERE p.run_no = r.run_no),
        'tags', (SELECT coalesce(json_agg(json_build_object('key', k.key, 'value', t.value) ORDER BY k.key), '[]')
                 FROM ml.run_tag t JOIN ml.key k USING (key_no) WHERE t.run_no = r.run_no),
        'dataset_inputs', (SELECT coalesce(json_agg(json_build_object('name', d.name, 'digest', d.digest, 'source_type', d.source_type,
                               'source', d.source, 'schema', d.schema, 'profile', d.profile, 'context', i.context) ORDER BY d.dataset_no), '[]')
                           FROM ml.input i JOIN ml.dataset d USING (dataset_no) WHERE i.run_no = r.run_no),
        'model_inputs', (SELECT coalesce(json_agg(m.model_id), '[]') FROM ml.run_model m WHERE m.run_no = r.run_no AND NOT m.is_output),
        'model_outputs', (SELECT coalesce(json_agg(m.model_id), '[]') FROM ml.run_model m WHERE m.run_no = r.run_no AND m.is_output))
    FROM ml.run r ORDER BY r.run_no
) TO STDOUT (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');

-- name: export_metrics
-- Every point of every metric; a NaN and an infinity are texts.
COPY (
    SELECT json_build_object('run_id', run_id, 'key', key, 'value', value, 'timestamp', at_ms, 'step', step) FROM ml.metric
) TO STDOUT (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');

-- name: export_logged_models
-- Logged models.
COPY (
    SELECT json_build_object('model_id', m.model_id, 'experiment_id', m.experiment_id::text, 'name', m.name, 'model_type', m.model_type,
        'source_run_id', m.source_run_id, 'status', m.status, 'lifecycle_stage', m.lifecycle_stage, 'artifact_uri', m.artifact_uri,
        'creation_time', m.created_ms, 'last_update_time', m.updated_ms,
        'params', (SELECT coalesce(json_agg(json_build_object('key', p.key, 'value', p.value) ORDER BY p.key), '[]')
                   FROM ml.logged_param p WHERE p.model_no = m.model_no),
        'tags', (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
                 FROM ml.logged_tag t WHERE t.model_no = m.model_no))
    FROM ml.logged_model m ORDER BY m.model_no
) TO STDOUT (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');

-- name: export_models
-- Registered models.
COPY (
    SELECT json_build_object('name', model, 'description', description, 'user_id', user_name, 'creation_time', created_ms,
        'last_update_time', updated_ms, 'tags', coalesce(tags, '[]'), 'aliases', coalesce(aliases, '[]'))
    FROM ml.model_entry ORDER BY model_id
) TO STDOUT (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');

-- name: export_versions
-- Versions of registered models.
COPY (
    SELECT json_build_object('name', e.model, 'version', e.number::text, 'v_number', e.version, 'stage', e.stage,
        'current_stage', e.stage_told, 'description', e.description, 'source', e.source, 'run_id', e.run_id, 'status', e.status,
        'user_id', e.user_name, 'creation_time', e.created_ms, 'last_update_time', e.updated_ms,
        'tags', coalesce(e.tags, '[]'), 'aliases', coalesce(e.aliases, '[]'))
    FROM ml.version_entry e ORDER BY e.version_id
) TO STDOUT (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');

-- name: export_artifacts
-- The next artifacts, by path.
SELECT folder, name, key, sha256 FROM ml.artifact
WHERE (folder, name) > ($1::text COLLATE "C", $2::text COLLATE "C") ORDER BY folder, name LIMIT 500;
