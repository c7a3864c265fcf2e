-- name: history_run
-- Keeps a run.
INSERT INTO data.quality_run (subject, target, as_of, verdict, seconds, key)
VALUES ($1::text, $2::text, $3::timestamptz, $4::text, $5::double precision, $6::text)
RETURNING quality_id;

-- name: history_results
-- Keeps a run's results, as its document has them.
INSERT INTO data.quality_result (quality_id, place, name, expect, severity, verdict, condition, observed, bound,
                                 n_rows, n_bad, detail, sample, seconds)
SELECT $1::bigint, place - 1, x->>'name', x->>'expect', x->>'severity', x->>'verdict', x->>'where',
       (x->>'observed')::double precision, (x->>'bound')::double precision, (x->>'n_rows')::bigint,
       (x->>'n_bad')::bigint, x->>'detail', x->'sample', (x->>'seconds')::double precision
FROM jsonb_array_elements($2::jsonb->'expectations') WITH ORDINALITY AS e (x, place);

-- name: history_list
-- The newest runs, from before an id on.
SELECT r.quality_id, subject, target, to_char(as_of, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS as_of,
       to_char(ran_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS ran_at, verdict, seconds, key,
       (SELECT count(*) FROM data.quality_result q WHERE q.quality_id = r.quality_id) AS n_checks,
       (SELECT count(*) FROM data.quality_result q WHERE q.quality_id = r.quality_id AND q.verdict = 'warn') AS n_warnings,
       (SELECT count(*) FROM data.quality_result q WHERE q.quality_id = r.quality_id AND q.verdict = 'fail') AS n_failures
FROM data.quality_run r
WHERE ($1::text IS NULL OR subject = $1::text) AND ($2::bigint IS NULL OR quality_id < $2::bigint)
  AND ($3::bigint IS NULL OR quality_id = $3::bigint)
ORDER BY quality_id DESC LIMIT $4::bigint;

-- name: history_show
-- The results of a run, in the recipe's order.
SELECT name, expect, severity, verdict, condition, observed, bound, n_rows, n_bad, detail, sample::text AS sample,
       seconds
FROM data.quality_result WHERE quality_id = $1::bigint ORDER BY place;
