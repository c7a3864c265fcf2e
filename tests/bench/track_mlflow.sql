-- Fills MLflow's own tables with the same. Indexes are made behind the rows, as that is quicker.
SELECT setseed(0.5);
INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
VALUES (:experiment, :'name', 'mlflow-artifacts:/x', 'active', 0, 0);
INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, experiment_id)
SELECT md5(i::text), 'run ' || i, 'UNKNOWN', 'ann', 'FINISHED', 1700000000000 + i, 1700000001000 + i, 'active', 'mlflow-artifacts:/x', :experiment
FROM generate_series(:first, :first + :runs - 1) AS i
UNION ALL SELECT md5('long ' || :experiment), 'long', 'UNKNOWN', 'ann', 'RUNNING', 0, NULL, 'active', 'x', :experiment;
ALTER TABLE metrics DROP CONSTRAINT metric_pk;
DROP INDEX IF EXISTS index_metrics_run_uuid;
INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
SELECT 'm' || k, random(), 1700000000000, md5(i::text), s, false
FROM generate_series(:first, :first + :runs - 1) AS i, generate_series(1, 10) AS k, generate_series(0, 9) AS s
UNION ALL SELECT 'loss', random(), 1700000000000 + i, md5('long ' || :experiment), i, false FROM generate_series(1, 100000) i;
ALTER TABLE metrics ADD CONSTRAINT metric_pk PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan);
CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
SELECT key, value, timestamp, step, is_nan, run_uuid FROM metrics WHERE step = CASE key WHEN 'loss' THEN 100000 ELSE 9 END;
INSERT INTO params (key, value, run_uuid)
SELECT 'p' || k, 'v' || (i + k) % 10, md5(i::text) FROM generate_series(:first, :first + :runs - 1) AS i, generate_series(1, 10) AS k;
INSERT INTO tags (key, value, run_uuid)
SELECT 't' || k, 'v' || (i + k) % 10, md5(i::text) FROM generate_series(:first, :first + :runs - 1) AS i, generate_series(1, 5) AS k;
ANALYZE;
