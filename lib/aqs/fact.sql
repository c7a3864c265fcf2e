-- name: fact_make
CREATE TEMPORARY TABLE IF NOT EXISTS fact_stage (
    line integer NOT NULL,
    site text NOT NULL,
    name text, state text, county text, city text, cbsa text, address text, agency text,
    land_use text, setting text,
    latitude float8, longitude float8, elevation_m float8, gmt_offset_h float8,
    opened_on date, closed_on date
) ON COMMIT DROP;

-- name: fact_empty
TRUNCATE fact_stage;

-- name: fact_add
-- Stages lines, a JSON array of objects; an empty text tells nothing.
INSERT INTO fact_stage
SELECT line, site, nullif(name, ''), nullif(state, ''), nullif(county, ''), nullif(city, ''),
       nullif(cbsa, ''), nullif(address, ''), nullif(agency, ''), nullif(land_use, ''),
       nullif(setting, ''), latitude, longitude, elevation_m, gmt_offset_h, opened_on, closed_on
FROM jsonb_to_recordset($1::jsonb)
     AS r (line integer, site text, name text, state text, county text, city text, cbsa text,
           address text, agency text, land_use text, setting text, latitude float8,
           longitude float8, elevation_m float8, gmt_offset_h float8, opened_on date,
           closed_on date);

-- name: fact_lose
-- Of several lines of one site the later stays.
WITH ranked AS (
    SELECT ctid AS place, row_number() OVER (PARTITION BY site ORDER BY line DESC) AS rank
    FROM fact_stage
), gone AS (
    DELETE FROM fact_stage USING ranked
    WHERE fact_stage.ctid = ranked.place AND ranked.rank > 1 RETURNING 1
)
SELECT count(*) AS n_repeated FROM gone;

-- name: fact_move
-- Makes and changes sites; counts those that are new to data.site, changed, and as they were. Who
-- meets the same new site at once waits for the other.
WITH met AS MATERIALIZED (
    SELECT f.site, k.site_id,
           coalesce(f.name, k.name, '') AS name, coalesce(f.state, k.state, '') AS state,
           coalesce(f.county, k.county, '') AS county, coalesce(f.city, k.city) AS city,
           coalesce(f.cbsa, k.cbsa) AS cbsa, coalesce(f.address, k.address) AS address,
           coalesce(f.agency, k.agency) AS agency, coalesce(f.land_use, k.land_use) AS land_use,
           coalesce(f.setting, k.setting) AS setting,
           coalesce(f.latitude, k.latitude) AS latitude,
           coalesce(f.longitude, k.longitude) AS longitude,
           coalesce(f.elevation_m, k.elevation_m) AS elevation_m,
           coalesce(f.gmt_offset_h, k.gmt_offset_h) AS gmt_offset_h,
           coalesce(f.opened_on, k.opened_on) AS opened_on,
           coalesce(f.closed_on, k.closed_on) AS closed_on,
           coalesce(k.fact_object, 0) <= $1::int AS may,
           (k.name, k.state, k.county, k.city, k.cbsa, k.address, k.agency, k.land_use, k.setting,
            k.latitude, k.longitude, k.elevation_m, k.gmt_offset_h, k.opened_on, k.closed_on) AS was
    FROM fact_stage f LEFT JOIN data.site k USING (site)
), judged AS (
    SELECT *, site_id IS NULL AS is_new,
           site_id IS NOT NULL AND may
           AND (name, state, county, city, cbsa, address, agency, land_use, setting, latitude,
                longitude, elevation_m, gmt_offset_h, opened_on, closed_on)
               IS DISTINCT FROM was AS differs
    FROM met
), put AS (
    INSERT INTO data.site AS known
        (site, name, state, county, city, cbsa, address, agency, land_use, setting, latitude,
         longitude, elevation_m, gmt_offset_h, opened_on, closed_on, fact_object)
    SELECT site, name, state, county, city, cbsa, address, agency, land_use, setting, latitude,
           longitude, elevation_m, gmt_offset_h, opened_on, closed_on, $1::int
    FROM judged WHERE is_new OR differs
    ON CONFLICT (site) DO UPDATE SET
        name = excluded.name, state = excluded.state, county = excluded.county,
        city = excluded.city, cbsa = excluded.cbsa, address = excluded.address,
        agency = excluded.agency, land_use = excluded.land_use, setting = excluded.setting,
        latitude = excluded.latitude, longitude = excluded.longitude,
        elevation_m = excluded.elevation_m, gmt_offset_h = excluded.gmt_offset_h,
        opened_on = excluded.opened_on, closed_on = excluded.closed_on,
        fact_object = excluded.fact_object
)
SELECT count(*) FILTER (WHERE is_new) AS n_new,
       count(*) FILTER (WHERE differs) AS n_changed,
       count(*) FILTER (WHERE NOT is_new AND NOT differs) AS n_same
FROM judged;
