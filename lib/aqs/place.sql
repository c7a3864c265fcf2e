-- name: place_list
-- All stations, for telling the ids of a file's codes without asking again.
SELECT site_id, site, latitude IS NOT NULL AS is_placed, name <> '' AS is_named, state <> '' AS is_stated
FROM data.site;

-- name: place_put
-- Makes stations, or fills in what was not known about them; a JSON array of objects.
INSERT INTO data.site AS known (site, name, state, county, latitude, longitude)
SELECT site, name, state, county, latitude, longitude
FROM jsonb_to_recordset($1::jsonb)
     AS r (site text, name text, state text, county text, latitude float8, longitude float8)
ON CONFLICT (site) DO UPDATE SET
    name = CASE WHEN known.name = '' THEN excluded.name ELSE known.name END,
    state = CASE WHEN known.state = '' THEN excluded.state ELSE known.state END,
    county = CASE WHEN known.county = '' THEN excluded.county ELSE known.county END,
    latitude = coalesce(known.latitude, excluded.latitude),
    longitude = coalesce(known.longitude, excluded.longitude)
RETURNING site_id, site;
