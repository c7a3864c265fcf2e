-- name: dataset_add
-- Records a dataset version, or finds it. The empty update makes RETURNING tell either.
INSERT INTO data.dataset_version (model, recipe_sha256, as_of, sha256, key, n_rows, n_sites,
                                  first_day, last_day)
VALUES ($1::text, $2::text, $3::date, $4::text, $5::text, $6::bigint, $7::integer, $8::date, $9::date)
ON CONFLICT (model, recipe_sha256, as_of, sha256) DO UPDATE SET key = EXCLUDED.key
RETURNING dataset_id;
