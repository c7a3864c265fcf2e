-- A small world for the site's tests and for its makers: stations (one with a hostile name), two
-- years of values, three versions, a year of predictions with outcomes, and what the jobs left.
-- The number of stations is the setting fixture.sites (12 by default).

INSERT INTO data.source (source, kind) VALUES ('sample', 'url');
INSERT INTO data.site (site, name, latitude, longitude)
SELECT 'DEXX' || lpad(i::text, 3, '0'), CASE WHEN i % 3 = 0 THEN '' ELSE 'Station ' || i END,
       47.6 + 6.8 * (sin(i * 12.9898) * 0.5 + 0.5), 6.2 + 8.2 * (cos(i * 78.233) * 0.5 + 0.5)
FROM generate_series(1, coalesce(nullif(current_setting('fixture.sites', true), ''), '12')::int) AS i;
INSERT INTO data.site (site, name, latitude, longitude)
VALUES ('../<b>"x"&''', '<script>alert("1")</script> & ''Sons''', 51.5, 10.5),
       ('DEOLD01', 'Closed long ago', 50.1, -8.1);

INSERT INTO data.object (sha256, key, name, size_bytes, received_at)
SELECT encode(sha256(convert_to(i::text, 'UTF8')), 'hex'), 'raw_data/00/' || i || '.csv',
       'pm10_germany.csv', 1000 + i, '2010-01-01Z'
FROM generate_series(1, 30) AS i;
INSERT INTO data.ingest (object_id, as_of, n_rows, n_new, n_changed, n_same, n_skipped, n_rejected, finished_at)
SELECT object_id, timestamptz '2009-12-31 23:59:59Z' - (30 - object_id) * interval '1 day', 44, 42, 1, 0, 0, 1,
       '2010-01-01Z'
FROM data.object;
INSERT INTO data.reject (object_id, line, reason, content)
SELECT object_id, 7, 'value is not a number', 'DEXX001,2009-12-01,<img src=x>,13.4,52.5' FROM data.object;

SELECT data.observation_years('2004-01-01', '2009-12-31');
INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id)
SELECT 81102, s.site_id, d::date, 1,
       round((3 + 18 * exp(0.7 * sin(d.n * 0.9 + s.i * 0.05) + 0.5 * sin(d.n * 0.137)
                   + 0.3 * cos(d.n * 2.1 + s.i)))::numeric, 2)::float8, 1
FROM (SELECT *, row_number() OVER (ORDER BY site_id) AS i FROM data.site) s,
     (SELECT d, (d::date - date '2000-01-01') AS n
      FROM generate_series(timestamp '2008-01-01', timestamp '2009-12-31', interval '1 day') AS d) d
WHERE s.site <> 'DEOLD01' AND ((d.n * 7 + s.i * 13) % 23 <> 0 OR d >= '2009-12-31');
INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id)
SELECT 81102, site_id, '2004-03-01', 1, 20, 1 FROM data.site WHERE site = 'DEOLD01';

INSERT INTO data.dataset_version (model, recipe_sha256, as_of, sha256, key, n_rows, n_sites, first_day, last_day, made_at)
SELECT 'pm-next-day', repeat('a', 64), d, repeat('b', 64), 'processed_data/pm-next-day/' || d, 120000, 44,
       '1998-01-01', d, '2010-01-01Z'
FROM (VALUES (date '2009-10-01'), ('2009-11-05'), ('2009-12-03')) AS v(d);
INSERT INTO ml.experiment (name, created_ms, updated_ms) VALUES ('pm-next-day', 0, 0);
INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms)
SELECT md5(i::text), (SELECT experiment_id FROM ml.experiment WHERE name = 'pm-next-day'), 'run ' || i, 'FINISHED', i
FROM generate_series(1, 3) AS i;
INSERT INTO ml.model (model, description, created_at)
VALUES ('pm-next-day', 'Tomorrow''s mean PM10 at each station, from the stations'' own history', '2010-01-01Z');
INSERT INTO ml.version (model_id, number, tag, manual, auto, run_id, dataset_id, as_of, recipe, recipe_sha256,
                        family, reason, artifact_key, artifact_sha256, stage, metrics, created_at)
SELECT (SELECT model_id FROM ml.model), i, 1, 0, i - 1, md5(i::text), d.dataset_id, d.as_of,
       '{"name": "pm-next-day", "data": {"parameter": 81102}, "target": {"name": "pm10", "unit": "ug/m3", "horizon_days": 1},
         "features": {"lags": [0, 1, 2], "calendar": {"harmonics": 2, "weekday": true}, "position": true},
         "interval": {"coverage": 0.8}, "retrain_days": 28}',
       repeat('a', 64), 'boost',
       'boost has the lowest validation RMSE (6.87 against 6.98 of ridge) and no sign of overfitting',
       'artifacts/models/pm-next-day/x/model.json', repeat('c', 64),
       CASE WHEN i = 3 THEN 'production' ELSE 'archived' END,
       jsonb_build_object('chosen', 'boost',
           'train', '{"from": "1998-01-15", "to": "2007-12-03", "n": 98123}'::jsonb,
           'calibrate', '{"from": "2007-12-04", "to": "2008-12-02", "n": 14567}'::jsonb,
           'test', '{"from": "2008-12-03", "to": "2009-12-03", "n": 14067}'::jsonb,
           'median', '{"rmse": 6.6, "r2": 0.42, "skill": 0.2}'::jsonb,
           'coverage', '{"nominal": 0.8, "measured": 0.807, "width": 14.33}'::jsonb,
           'sites', (SELECT jsonb_agg(jsonb_build_object('site', site, 'n', 340, 'rmse', 5 + site_id % 4, 'mae', 3.9,
                                                         'r2', 0.4, 'bias', -0.3, 'skill', 0.21)) FROM data.site),
           'candidates', '[
             {"family": "persistence", "n": 14067, "rmse": 7.73, "mae": 4.99, "r2": 0.347, "bias": -0.02, "skill": 0,
              "skill_climatology": 0.388, "validation_rmse": 7.9, "gap": null, "eligible": true, "chosen": false, "params": {}},
             {"family": "climatology", "n": 14067, "rmse": 9.88, "mae": 7.35, "r2": -0.068, "bias": 3.1, "skill": -0.635,
              "skill_climatology": 0, "validation_rmse": 9.7, "gap": null, "eligible": true, "chosen": false, "params": {}},
             {"family": "ridge", "n": 14067, "rmse": 6.94, "mae": 4.63, "r2": 0.474, "bias": 0.58, "skill": 0.194,
              "skill_climatology": 0.507, "validation_rmse": 6.98, "gap": 1.02, "eligible": true, "chosen": false, "params": {"alpha": 100}},
             {"family": "boost", "n": 14067, "rmse": 6.88, "mae": 4.56, "r2": 0.48, "bias": 0.15, "skill": 0.208,
              "skill_climatology": 0.515, "validation_rmse": 6.87, "gap": 1.21, "eligible": true, "chosen": true, "params": {"rounds": 71}}]'::jsonb),
       '2010-01-01Z'
FROM (SELECT row_number() OVER (ORDER BY dataset_id)::int AS i, * FROM data.dataset_version) d;
INSERT INTO ml.release (version_id, from_stage, to_stage, actor, as_of, at)
SELECT version_id, 'registered', 'production', 'replay', as_of + interval '23:59:59', '2010-01-01Z' FROM ml.version;

SELECT serve.prediction_month(m) FROM generate_series(timestamptz '2008-12-01Z', '2009-12-31Z', interval '1 month') AS m;
INSERT INTO serve.prediction (prediction_id, made_at, kind, model, version, site_id, parameter, day, value, lower, upper,
                              persistence, climatology)
SELECT md5('p' || s.site_id || o.day)::uuid, (o.day + time '23:59:59') AT TIME ZONE 'UTC', 'batch',
       'pm-next-day', CASE WHEN o.day < '2009-11-05' THEN 'V1.0.0' WHEN o.day < '2009-12-03' THEN 'V1.0.1' ELSE 'V1.0.2' END,
       s.site_id, 81102, o.day + 1, g, g * 0.6, g * 1.55, o.value, 21
FROM data.site s JOIN data.observation o USING (site_id),
     LATERAL (SELECT 0.55 * o.value + 9 + 2 * sin(o.day - date '2000-01-01' + s.site_id) AS g) guess
WHERE o.day >= '2008-12-31';
-- One station with bad air tomorrow, so that colours and words can be told apart.
UPDATE serve.prediction SET value = 92.4, lower = 55, upper = 143 WHERE day = '2010-01-01'
   AND site_id = (SELECT min(site_id) FROM data.site);
UPDATE serve.prediction SET value = 178, lower = 106, upper = 275 WHERE day = '2010-01-01'
   AND site_id = (SELECT min(site_id) + 1 FROM data.site);
INSERT INTO serve.accuracy (model, version, window_days, as_of, n, mse, rmse, mae, r2, bias, skill, persistence_rmse, coverage)
SELECT 'pm-next-day', '', w, d, w * 42, 49, r, r * 0.66, 0.46, 0.1, 1 - (r / p) ^ 2, p, 0.8 + 0.02 * sin(extract(doy FROM d))
FROM (VALUES (1), (7), (30), (90), (365)) AS v(w),
     generate_series(date '2009-02-01', date '2009-12-31', interval '1 day') AS d,
     LATERAL (SELECT 6.5 + sin(extract(doy FROM d) / 30) AS r, 7.4 + sin(extract(doy FROM d) / 29) AS p) a;

INSERT INTO ops.job (job, as_of, state, exit_code, summary, started_at, finished_at)
SELECT j, timestamptz '2009-12-31 23:59:59Z', 'finished', 0, '{}'::jsonb, timestamptz '2010-01-01 06:00Z',
       timestamptz '2010-01-01 06:00:01.5Z'
FROM unnest(ARRAY['ingest', 'outcomes', 'check', 'predict']) AS j
UNION ALL SELECT 'train', '2009-12-03 23:59:59Z', 'failed', 69, '{}', '2009-12-04 02:00Z', '2009-12-04 02:00:04Z';
INSERT INTO data.quality_run (subject, target, as_of, ran_at, verdict, seconds)
SELECT 'pm-next-day', 'observations of 81102', timestamptz '2009-12-31 23:59:59Z' - n * interval '1 day', '2010-01-01Z',
       CASE WHEN n IN (40, 41) THEN 'fail' WHEN n % 9 = 0 THEN 'warn' ELSE 'pass' END, 0.1
FROM generate_series(45, 0, -1) AS n;
INSERT INTO data.quality_result (quality_id, place, name, expect, severity, verdict, condition, observed, bound, n_rows, n_bad, detail, sample, seconds)
SELECT r.quality_id, x.place, x.name, x.expect, x.severity,
       CASE WHEN x.name = 'freshness' AND r.verdict = 'fail' THEN 'fail' WHEN x.name = 'completeness' AND r.verdict = 'warn' THEN 'warn' ELSE 'pass' END,
       x.condition, x.observed, x.bound, x.n_rows, x.n_bad, x.detail, x.sample::jsonb, 0.01
FROM data.quality_run r, (VALUES
    (0, 'freshness', 'freshness', 'fail', NULL, 0::float8, 3::float8, 1, 0, 'the newest row is of 2009-12-31', '[]'),
    (1, 'completeness', 'completeness', 'warn', NULL, 0.48, 0.5, 14, 6, '8 of 14 active stations have 50 % of the last 90 days',
     '[{"site": "<b>DEXX003", "days": 12, "expected": 90, "share": 0.1333}, {"site": "DEXX004", "days": 44, "expected": 90, "share": 0.4889}]'),
    (2, 'range', 'range', 'fail', 'poc = 1 and value > 0', 1, 0.999, 1260, 0, '0 of 1260 are not at most the parameter''s high', '[]'))
    AS x (place, name, expect, severity, condition, observed, bound, n_rows, n_bad, detail, sample);
