-- name: track_search_prepare
-- What a search has to know first: which of the experiments are there and may be seen, the numbers of
-- its keys, and the runs that have fresh points, where it asks for metrics.
SELECT ARRAY(SELECT e.experiment_id FROM ml.experiment e WHERE e.experiment_id = ANY ($1::bigint[]) AND e.lifecycle_stage = 'active'
             AND ($4::text IS NULL OR NOT EXISTS (SELECT FROM auth.hidden_experiment h
                  WHERE h.principal = $4::text AND h.experiment_id = e.experiment_id))) AS active,
       ARRAY(SELECT e.experiment_id FROM ml.experiment e WHERE e.experiment_id = ANY ($1::bigint[]) AND e.lifecycle_stage = 'deleted'
             AND ($4::text IS NULL OR NOT EXISTS (SELECT FROM auth.hidden_experiment h
                  WHERE h.principal = $4::text AND h.experiment_id = e.experiment_id))) AS deleted,
       ARRAY(SELECT coalesce(k.key_no, 0) FROM unnest($2::text[]) WITH ORDINALITY AS u (key, i) LEFT JOIN ml.key k USING (key)
             ORDER BY u.i) AS keys,
       ARRAY(SELECT DISTINCT f.run_no FROM ml.fresh f JOIN ml.run r USING (run_no)
             WHERE $3::boolean AND r.experiment_id = ANY ($1::bigint[])) AS fresh;

-- name: track_search_runs
-- A page of the runs that parts find, one part after the other.
SELECT page.run_id FROM (/*parts*/ SELECT run_id FROM ml.run /*.*/) AS page LIMIT /*limit*/ 1 /*.*/;
