-- Fills an experiment of ours with runs as the bench's: 10 metrics of 10 points, 10 params, 5 tags.
-- psql -v experiment=1 -v name=bench -v first=1 -v runs=1000
SELECT setseed(0.5);
INSERT INTO ml.experiment (experiment_id, name, created_ms, updated_ms) OVERRIDING SYSTEM VALUE
VALUES (:experiment, :'name', 0, 0);
INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms, ended_ms, artifact_uri)
SELECT md5(i::text), :experiment, 'run ' || i, 'FINISHED', 1700000000000 + i, 1700000001000 + i, 'mlflow-artifacts:/x'
FROM generate_series(:first, :first + :runs - 1) AS i;
SELECT ml.key_make(ARRAY(SELECT c || i FROM unnest('{m,p,t}'::text[]) c, generate_series(1, 10) i) || '{loss}'::text[]);
CREATE TEMPORARY TABLE made AS SELECT run_no FROM ml.run WHERE experiment_id = :experiment;
INSERT INTO ml.point (run_no, key_no, steps, times, values)
SELECT r.run_no, k.key_no, ARRAY[0,1,2,3,4,5,6,7,8,9], array_fill(1700000000000, ARRAY[10]),
       ARRAY[random(),random(),random(),random(),random(),random(),random(),random(),random(),random()]
FROM made r, ml.key k WHERE k.key ~ '^m[0-9]+$';
INSERT INTO ml.latest (run_no, key_no, experiment_id, value, step, at_ms)
SELECT p.run_no, p.key_no, :experiment, p.values[10], 9, 1700000000000 FROM ml.point p JOIN made USING (run_no);
INSERT INTO ml.run_param (run_no, key_no, experiment_id, value)
SELECT r.run_no, k.key_no, :experiment, 'v' || (r.run_no + k.key_no) % 10 FROM made r, ml.key k WHERE k.key ~ '^p[0-9]+$';
INSERT INTO ml.run_tag (run_no, key_no, experiment_id, value)
SELECT r.run_no, k.key_no, :experiment, 'v' || (r.run_no + k.key_no) % 10 FROM made r, ml.key k WHERE k.key ~ '^t[1-5]$';
-- One with a long history.
INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms) VALUES (md5('long ' || :experiment), :experiment, 'long', 'RUNNING', 0);
INSERT INTO ml.fresh (run_no, keys, steps, times, values)
SELECT run_no, '{loss}', array_agg(i), array_agg(1700000000000 + i), array_agg(random())
FROM ml.run, generate_series(1, 100000) i WHERE run_id = md5('long ' || :experiment) GROUP BY run_no, i / 1000;
SELECT ml.fold(ARRAY(SELECT run_no FROM ml.run WHERE run_id = md5('long ' || :experiment)));
DROP TABLE made;
ANALYZE ml.run, ml.point, ml.latest, ml.run_param, ml.run_tag, ml.key, ml.fresh;
