-- name: permit_experiment
-- How far a principal may go with an experiment; no row where there is none.
SELECT level AS n FROM auth.experiment_level WHERE principal = $1::text AND experiment_id = $2::bigint;

-- name: permit_run
-- Of which experiment a run is.
SELECT experiment_id AS n FROM ml.run WHERE run_id = $1::text;

-- name: permit_logged
-- Of which experiment a logged model is.
SELECT experiment_id AS n FROM ml.logged_model WHERE model_id = $1::text;

-- name: permit_model
-- How far a principal may go with a registered model; no row where there is none.
SELECT level AS n FROM auth.model_level WHERE principal = $1::text AND model = $2::text;

-- name: permit_manager
-- Whether a principal manages everything.
SELECT (is_operator OR is_manager)::integer AS n FROM auth.grown WHERE principal = $1::text;

-- name: permit_hides
-- Whether anything may be hidden from a principal.
SELECT (EXISTS (SELECT FROM auth.absent WHERE permission = 'NO_PERMISSIONS')
    OR EXISTS (SELECT FROM auth.held h JOIN auth.principal p USING (principal_id)
               WHERE p.principal = $1::text AND h.level = 0))::integer AS n;

-- name: permit_is_there
-- Whether there is an experiment of that id or a model of that name.
SELECT (CASE $1::text WHEN 'experiment' THEN EXISTS (SELECT FROM ml.experiment
                          WHERE experiment_id = CASE WHEN $2::text ~ '^[0-9]{1,18}$' THEN $2::bigint END)
                      ELSE EXISTS (SELECT FROM ml.model WHERE model = $2::text) END)::integer AS n;

-- name: permit_told
-- How far a principal may go with a thing; with what is not there, as far as with any.
SELECT coalesce(
    (SELECT level FROM auth.experiment_level
     WHERE $2::text = 'experiment' AND principal = $1::text
       AND experiment_id = CASE WHEN $3::text ~ '^[0-9]{1,18}$' THEN $3::bigint END),
    (SELECT level FROM auth.model_level
     WHERE $2::text = 'registered_model' AND principal = $1::text AND model = $3::text),
    CASE WHEN g.is_operator OR g.is_manager THEN 4 END,
    (SELECT max(level) FROM auth.held h
     WHERE h.principal_id = g.principal_id AND h.kind = $2::text AND h.pattern IN ('*', $3::text)),
    auth.level(a.permission)) AS n
FROM auth.grown g CROSS JOIN auth.absent a WHERE g.principal = $1::text;
