-- What a model's page shows. The metrics' shape is told in learn/train.h.

-- name: model_candidates
-- The candidates of a version, on held-out time, in order of simplicity.
SELECT c ->> 'family' AS family, (c ->> 'n')::float8 AS n, (c ->> 'rmse')::float8 AS rmse,
       (c ->> 'mae')::float8 AS mae, (c ->> 'r2')::float8 AS r2, (c ->> 'bias')::float8 AS bias,
       (c ->> 'skill')::float8 AS skill, (c ->> 'skill_climatology')::float8 AS skill_climatology,
       (c ->> 'validation_rmse')::float8 AS validation_rmse, (c ->> 'gap')::float8 AS gap,
       coalesce((c ->> 'eligible')::bool, false) AS eligible,
       coalesce((c ->> 'chosen')::bool, false) AS chosen,
       coalesce((SELECT string_agg(key || ' ' || value, ', ' ORDER BY key)
                 FROM jsonb_each_text(c -> 'params')), '') AS params
FROM ml.version v, jsonb_array_elements(v.metrics -> 'candidates') WITH ORDINALITY AS e(c, i)
WHERE v.version_id = $1::int ORDER BY i;

-- name: model_parts
-- The days and rows of a version's training, calibration and test, and its interval.
SELECT p.part, coalesce(v.metrics #>> ARRAY[p.part, 'from'], '') AS first,
       coalesce(v.metrics #>> ARRAY[p.part, 'to'], '') AS last,
       coalesce((v.metrics #>> ARRAY[p.part, 'n'])::float8, 0) AS n
FROM ml.version v, (VALUES (1, 'train'), (2, 'calibrate'), (3, 'test')) AS p(i, part)
WHERE v.version_id = $1::int AND v.metrics ? p.part ORDER BY p.i;

-- name: model_interval
-- A version's interval as measured on test, and its medians over stations.
SELECT (metrics #>> '{coverage,nominal}')::float8 AS nominal,
       (metrics #>> '{coverage,measured}')::float8 AS measured,
       (metrics #>> '{coverage,width}')::float8 AS width,
       (metrics #>> '{median,rmse}')::float8 AS median_rmse,
       (metrics #>> '{median,r2}')::float8 AS median_r2,
       (metrics #>> '{median,skill}')::float8 AS median_skill
FROM ml.version WHERE version_id = $1::int;

-- name: model_sites
-- A version's scores at each station on test.
SELECT c ->> 'site' AS site, (c ->> 'n')::float8 AS n, (c ->> 'rmse')::float8 AS rmse,
       (c ->> 'mae')::float8 AS mae, (c ->> 'r2')::float8 AS r2, (c ->> 'bias')::float8 AS bias,
       (c ->> 'skill')::float8 AS skill
FROM ml.version v, jsonb_array_elements(v.metrics -> 'sites') AS c
WHERE v.version_id = $1::int ORDER BY 1;

-- name: model_versions
-- All versions of a model, newest first, with the chosen family's scores.
SELECT v.number, v.version, v.as_of, v.family, v.stage, v.reason, left(v.recipe_sha256, 12) AS recipe,
       left(v.artifact_sha256, 12) AS artifact,
       (c ->> 'rmse')::float8 AS rmse, (c ->> 'mae')::float8 AS mae, (c ->> 'r2')::float8 AS r2,
       (c ->> 'skill')::float8 AS skill, (v.metrics #>> '{coverage,measured}')::float8 AS coverage,
       coalesce(d.n_rows, 0) AS n_rows
FROM ml.version v JOIN ml.model m USING (model_id)
LEFT JOIN data.dataset_version d USING (dataset_id)
LEFT JOIN LATERAL (SELECT c FROM jsonb_array_elements(v.metrics -> 'candidates') AS e(c)
                   WHERE (c ->> 'chosen')::bool LIMIT 1) chosen ON true
WHERE m.model = $1::text ORDER BY v.number DESC;

-- name: model_releases
-- The newest transitions of a model's versions.
SELECT v.version, coalesce(r.from_stage, '') AS from_stage, r.to_stage, r.actor,
       to_char(r.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS as_of
FROM ml.release r JOIN ml.version v USING (version_id) JOIN ml.model m USING (model_id)
WHERE m.model = $1::text AND r.as_of <= $2::timestamptz
ORDER BY r.release_id DESC LIMIT 20;

-- name: model_features
-- The features of a version's recipe, each part with its settings.
SELECT f.key AS part, f.value::text AS settings
FROM ml.version v, jsonb_each(v.recipe -> 'features') AS f
WHERE v.version_id = $1::int ORDER BY f.key;
