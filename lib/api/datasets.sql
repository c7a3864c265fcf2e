-- name: dataset_page
-- Dataset versions, newest first, below a number; of one model, or of one declared table.
SELECT dataset_id, CASE WHEN table_name IS NULL THEN model END AS model, table_name,
       as_of, sha256, key, n_rows, n_sites, first_day, last_day, size_bytes,
       to_char(made_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS made_at
FROM data.dataset_version
WHERE ($1::integer IS NULL OR dataset_id < $1::integer)
  AND ($2::text IS NULL OR (model = $2::text AND table_name IS NULL))
  AND ($3::text IS NULL OR table_name = $3::text)
ORDER BY dataset_id DESC LIMIT $4::integer;

-- name: dataset_get
-- One dataset version and what it was made of.
SELECT d.dataset_id, CASE WHEN d.table_name IS NULL THEN d.model END AS model, d.table_name,
       d.as_of, d.sha256, d.key, d.n_rows, d.n_sites, d.first_day, d.last_day, d.size_bytes,
       to_char(d.made_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS made_at,
       d.recipe_sha256, d.recipe, d.columns, to_json(d.sites) AS sites,
       (SELECT count(*) FROM data.dataset_object o WHERE o.dataset_id = d.dataset_id) AS n_objects
FROM data.dataset_version d WHERE d.dataset_id = $1::integer;

-- name: dataset_objects
-- The raw objects behind a dataset version.
SELECT o.sha256, o.name, o.size_bytes, to_char(o.received_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS received_at
FROM data.dataset_object l JOIN data.object o USING (object_id)
WHERE l.dataset_id = $1::integer ORDER BY o.object_id;

-- name: dataset_stranger
-- The first of some sites that a dataset version has no value of. Of versions that do not tell
-- their sites, one that is no station at all.
SELECT w.site FROM unnest($2::text[]) WITH ORDINALITY AS w (site, place)
WHERE NOT coalesce((SELECT w.site = ANY (d.sites) FROM data.dataset_version d WHERE d.dataset_id = $1::integer),
                   EXISTS (SELECT FROM data.site s WHERE s.site = w.site))
ORDER BY w.place LIMIT 1;
