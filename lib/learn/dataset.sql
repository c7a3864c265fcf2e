-- name: dataset_add
-- Records a dataset version, or finds it. The empty update makes RETURNING tell either.
INSERT INTO data.dataset_version (model, recipe_sha256, as_of, sha256, key, n_rows, n_sites,
                                  first_day, last_day, size_bytes, columns, recipe, sites)
VALUES ($1::text, $2::text, $3::date, $4::text, $5::text, $6::bigint, $7::integer, $8::date, $9::date,
        $10::bigint, $11::json, $12::json,
        (SELECT array_agg(site) FROM jsonb_array_elements_text($13::jsonb) AS site))
ON CONFLICT (model, recipe_sha256, as_of, sha256) DO UPDATE SET key = EXCLUDED.key
RETURNING dataset_id;

-- name: dataset_lineage
-- Records whose words a dataset version's values are.
INSERT INTO data.dataset_object (dataset_id, object_id)
SELECT DISTINCT $1::integer, object_id FROM data.observation
WHERE parameter = $2::integer AND day <= $3::date
ON CONFLICT DO NOTHING;
