-- name: track_log
-- Logs metrics, params and tags to a run, all or nothing. No row: no active run of that id.
SELECT run_no, due FROM ml.log($1::text, $2::text[], $3::bigint[], $4::bigint[], $5::double precision[],
                                  $6::text[], $7::text[], $8::text[], $9::text[]);

-- name: track_fold
-- Takes what was logged to a run, and what has waited long, to where it is read. Should the server fail before this is on disk,
-- it is as it was before, and nothing is lost; so nobody waits for the disk.
SELECT ml.fold_some($1::integer, $2::bigint), set_config('synchronous_commit', 'off', true);

-- name: track_log_state
-- Why nothing could be logged to a run.
SELECT is_active FROM ml.run_alive WHERE run_id = $1::text;

-- name: track_log_models
-- Keeps metrics with the logged models that they are about, too. Returns those models that exist.
WITH logged AS (
    SELECT u.*, m.model_no
    FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::double precision[], $7::text[], $8::text[])
         AS u (model_id, key, at_ms, step, value, dataset_name, dataset_digest)
    JOIN ml.logged_model m USING (model_id)
), added AS (
    INSERT INTO ml.logged_metric (model_no, key, at_ms, step, run_id, value, dataset_name, dataset_digest)
    SELECT model_no, key, at_ms, step, $1::text, value, dataset_name, dataset_digest FROM logged
    ORDER BY model_no, key, at_ms, step ON CONFLICT DO NOTHING
)
SELECT DISTINCT model_id FROM logged;

-- name: track_tag_delete
-- Takes a tag off a run.
DELETE FROM ml.run_tag t USING ml.run r, ml.key k
WHERE r.run_id = $1::text AND k.key = $2::text AND t.run_no = r.run_no AND t.key_no = k.key_no
RETURNING t.run_no;

-- name: track_log_lock
-- Has one at a time change what a run's history of models says.
SELECT run_no FROM ml.run WHERE run_id = $1::text FOR NO KEY UPDATE;

-- name: track_log_model
-- Adds a model to the tag that older clients keep a run's models in, a JSON array.
SELECT ml.key_make(ARRAY[$2::text]), ml.tags_set($1::integer, ARRAY[$2::text], ARRAY[coalesce(
    (SELECT left(t.value, -1) || ', ' FROM ml.run_tag t JOIN ml.key k USING (key_no)
     WHERE t.run_no = $1::integer AND k.key = $2::text AND t.value LIKE '[%_]'), '[') || $3::text || ']']);
