-- name: check_settings
-- Lets a check use both cores and more memory until the transaction's end; what it sums are
-- counts, so their order does not show. Row-by-row joins are left out: where the planner expects a
-- handful of rows it may meet a million; nor is anything compiled, which takes longer than to run
-- it. Returns what was set before.
SELECT current_setting('max_parallel_workers_per_gather') AS workers,
       current_setting('work_mem') AS memory,
       current_setting('enable_partitionwise_aggregate') AS partitionwise,
       current_setting('enable_nestloop') AS nested, current_setting('jit') AS jit,
       set_config('max_parallel_workers_per_gather', '2', true),
       set_config('work_mem', '64MB', true),
       set_config('enable_partitionwise_aggregate', 'on', true),
       set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true);

-- name: check_settings_back
-- Puts them back.
SELECT set_config('max_parallel_workers_per_gather', $1::text, true),
       set_config('work_mem', $2::text, true),
       set_config('enable_partitionwise_aggregate', $3::text, true),
       set_config('enable_nestloop', $4::text, true), set_config('jit', $5::text, true);

-- name: check_hashing
-- Has groups made by their order instead of a table of them all: by an index that has it, ten
-- million cost a fifth.
SELECT set_config('enable_hashagg', $1::text, true);

-- name: check_scan
-- One pass for all expectations that only count rows: their sums stand side by side.
SELECT /*sums*/ count(*) AS n_0 /*.*/
FROM /*rows*/ data.observation_row /*.*/ AS r;

-- name: check_rows_enough
-- Counts rows, but no further than it takes to know.
SELECT count(*) AS n
FROM (SELECT FROM /*rows*/ data.observation_row /*.*/ AS r LIMIT $1::bigint) AS enough;

-- name: check_newest
-- The newest day there is, however old.
SELECT max(day)::text AS day FROM /*rows*/ data.observation_row /*.*/ AS r;

-- name: check_sample
-- Some of the rows that do not hold.
SELECT coalesce(json_agg(x), '[]')::text AS sample
FROM (SELECT /*columns*/ site, day, poc, value /*.*/
      FROM /*rows*/ data.observation_row /*.*/ AS r
      WHERE /*bad*/ value < 0 /*.*/
      ORDER BY /*order*/ day DESC, site, poc /*.*/ LIMIT $1::bigint) AS x;

-- name: check_groups
-- A number for each group of rows, held against two bounds.
WITH one AS MATERIALIZED (
    SELECT /*by*/ site /*.*/ AS name, (/*number*/ count(*) /*.*/)::double precision AS x
    FROM /*rows*/ data.observation_row /*.*/ AS r
    GROUP BY 1
), judged AS (
    SELECT name, x, coalesce(x < $1::double precision, false) OR coalesce(x > $2::double precision, false) AS is_bad
    FROM one
)
SELECT count(*) AS n, count(*) FILTER (WHERE is_bad) AS n_bad, min(x) AS lowest, max(x) AS highest,
       (SELECT coalesce(json_agg(w), '[]')::text
        FROM (SELECT name AS /*label*/ site /*.*/, x AS observed FROM judged
              WHERE is_bad ORDER BY x, name LIMIT $3::bigint) AS w) AS sample
FROM judged;

-- name: check_distinct
-- How many different values there are for each row that has one, group by group.
WITH one AS MATERIALIZED (
    SELECT name, count(*)::double precision / sum(n)::double precision AS x
    FROM (SELECT /*by*/ site /*.*/ AS name, /*column*/ value /*.*/ AS value, count(*) AS n
          FROM /*rows*/ data.observation_row /*.*/ AS r
          WHERE /*counted*/ value IS NOT NULL /*.*/
          GROUP BY 1, 2) AS each
    GROUP BY name
), judged AS (
    SELECT name, x, coalesce(x < $1::double precision, false) OR coalesce(x > $2::double precision, false) AS is_bad
    FROM one
)
SELECT count(*) AS n, count(*) FILTER (WHERE is_bad) AS n_bad, min(x) AS lowest, max(x) AS highest,
       (SELECT coalesce(json_agg(w), '[]')::text
        FROM (SELECT name AS /*label*/ site /*.*/, x AS observed FROM judged
              WHERE is_bad ORDER BY x, name LIMIT $3::bigint) AS w) AS sample
FROM judged;

-- name: check_unique
-- How many rows share their key with another.
SELECT coalesce(sum(n), 0)::bigint AS n, coalesce(sum(n) FILTER (WHERE n > 1), 0)::bigint AS n_bad
FROM (SELECT count(*) AS n
      FROM /*rows*/ data.observation_row /*.*/ AS r
      WHERE /*counted*/ true /*.*/
      GROUP BY /*key*/ site_id, day, poc /*.*/) AS same;

-- name: check_unique_sample
-- The keys that stand most often.
SELECT coalesce(json_agg(x), '[]')::text AS sample
FROM (SELECT /*key*/ day, poc /*.*/, /*more*/ min(site) AS site, max(site) AS other, /*.*/ count(*) AS n_rows
      FROM /*rows*/ data.observation_row /*.*/ AS r
      WHERE /*counted*/ true /*.*/
      GROUP BY /*key*/ day, poc /*.*/
      HAVING count(*) > 1
      ORDER BY n_rows DESC, /*key*/ day, poc /*.*/ LIMIT $1::bigint) AS x;

-- name: check_complete_sites
-- The share of days with a value, station by station, over a window from a day on. A station is
-- active where it has a value in the last days; expected are the days since the first value of any:
-- the rows reach back before the window by as many days as a value keeps a station active. Days are
-- counted one by one only where there are several instruments.
WITH instrument AS MATERIALIZED (
    SELECT site_id, poc, count(*) FILTER (WHERE day >= $2::date) AS n, min(day) AS first_day,
           max(day) AS last_day
    FROM /*rows*/ data.observation_row /*.*/ AS r
    WHERE value IS NOT NULL
    GROUP BY site_id, poc
), several AS MATERIALIZED (
    SELECT site_id, count(*) AS n
    FROM (SELECT site_id, day FROM /*rows*/ data.observation_row /*.*/ AS r
          WHERE value IS NOT NULL AND day >= $2::date
            AND site_id = ANY (ARRAY(SELECT site_id FROM instrument GROUP BY site_id HAVING count(*) > 1))
          GROUP BY site_id, day) AS days
    GROUP BY site_id
), station AS MATERIALIZED (
    SELECT i.site_id, coalesce(min(s.n), sum(i.n)) AS n,
           $3::date - greatest($2::date, (SELECT min(first_day) FROM instrument)) + 1 AS n_days
    FROM instrument i LEFT JOIN several s USING (site_id)
    GROUP BY i.site_id
    HAVING max(i.last_day) > $3::date - $4::int
), judged AS (
    SELECT site_id, n, n_days, n::double precision / n_days AS x FROM station
)
SELECT count(*) AS n, count(*) FILTER (WHERE x < $5::double precision) AS n_bad,
       sum(n::double precision) / sum(n_days) AS overall,
       (SELECT coalesce(json_agg(w), '[]')::text
        FROM (SELECT site, n AS days, n_days AS expected, round(x::numeric, 4) AS share
              FROM judged JOIN data.site USING (site_id)
              WHERE x < $5::double precision ORDER BY x, site LIMIT $1::bigint) AS w) AS sample
FROM judged;

-- name: check_complete_days
-- The share of the stations at work that have a value, day by day. A station is at work from its
-- first day to its last, or to the end where it is still active; the rows reach back as above.
WITH one AS MATERIALIZED (
    SELECT site_id, day FROM /*rows*/ data.observation_row /*.*/ AS r
    WHERE value IS NOT NULL
    GROUP BY site_id, day
), station AS MATERIALIZED (
    SELECT greatest($2::date, min(day)) AS first_day,
           CASE WHEN max(day) > $3::date - $4::int THEN $3::date ELSE max(day) END AS last_day
    FROM one GROUP BY site_id
), day AS (
    SELECT d::date AS day
    FROM generate_series((SELECT min(first_day) FROM station)::timestamp, $3::date::timestamp, '1 day') AS d
), judged AS MATERIALIZED (
    SELECT day, coalesce(seen.n, 0) AS n, due.n AS n_sites, coalesce(seen.n, 0)::double precision / due.n AS x
    FROM day
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM station WHERE day.day BETWEEN first_day AND last_day) AS due
    LEFT JOIN (SELECT day, count(*) AS n FROM one GROUP BY day) AS seen USING (day)
    WHERE due.n > 0
)
SELECT count(*) AS n, count(*) FILTER (WHERE x < $5::double precision) AS n_bad,
       sum(n::double precision) / sum(n_sites) AS overall,
       (SELECT coalesce(json_agg(w), '[]')::text
        FROM (SELECT day, n AS sites, n_sites AS expected, round(x::numeric, 4) AS share FROM judged
              WHERE x < $5::double precision ORDER BY x, day LIMIT $1::bigint) AS w) AS sample
FROM judged;

-- name: check_instruments
-- Where several instruments of a station gave a value for one day: whether they lie apart by more
-- than a share of their middle.
WITH judged AS MATERIALIZED (
    SELECT site_id, day, lowest, highest,
           highest - lowest > $2::double precision * abs((lowest + highest) / 2) AS is_bad
    FROM (SELECT site_id, day, min(value) AS lowest, max(value) AS highest
          FROM /*rows*/ data.observation_row /*.*/ AS r
          WHERE site_id = ANY (ARRAY(SELECT site_id FROM /*rows*/ data.observation_row /*.*/ AS r
                                     GROUP BY site_id HAVING min(poc) < max(poc)))
          GROUP BY site_id, day
          HAVING count(value) > 1) AS several
)
SELECT count(*) AS n, count(*) FILTER (WHERE is_bad) AS n_bad,
       (SELECT coalesce(json_agg(w), '[]')::text
        FROM (SELECT site, day, lowest, highest FROM judged JOIN data.site USING (site_id)
              WHERE is_bad ORDER BY highest - lowest DESC, site, day LIMIT $1::bigint) AS w) AS sample
FROM judged;

-- name: check_flat_line
-- Stations where an instrument gave one value on so many days in a row. Such a run holds a pair of
-- neighbouring days whose first is divisible by the run's length less one: only those are compared,
-- and what is found there is followed to both sides, pair for pair by the index (OFFSET 0).
WITH pair AS MATERIALIZED (
    SELECT b.site_id, b.poc, b.day, b.value
    FROM (SELECT * FROM /*rows*/ data.observation_row /*.*/ AS r
          WHERE (day - date '1800-01-01') % ($2::int - 1) = 0) AS a
    JOIN (SELECT * FROM /*rows*/ data.observation_row /*.*/ AS r
          WHERE (day - date '1800-01-01') % ($2::int - 1) = 1 % ($2::int - 1)) AS b
         ON b.site_id = a.site_id AND b.poc = a.poc AND b.day = a.day + 1 AND b.value = a.value
), near AS (
    SELECT DISTINCT p.site_id, p.poc, around.day, p.value
    FROM pair p CROSS JOIN LATERAL (
        SELECT r.day FROM /*rows*/ data.observation_row /*.*/ AS r
        WHERE r.site_id = p.site_id AND r.poc = p.poc AND r.value = p.value
          AND r.day BETWEEN p.day - $2::int AND p.day + $2::int
        OFFSET 0) AS around
), run AS MATERIALIZED (
    SELECT site_id, poc, value, min(day) AS first_day, max(day) AS last_day, count(*) AS n
    FROM (SELECT *, day - row_number() OVER (PARTITION BY site_id, poc, value ORDER BY day)::int AS island
          FROM near) AS islands
    GROUP BY site_id, poc, value, island
    HAVING count(*) >= $2::int
)
SELECT (SELECT count(*) FROM (SELECT site_id FROM /*rows*/ data.observation_row /*.*/ AS r
                              GROUP BY site_id) AS station) AS n,
       count(DISTINCT site_id) AS n_bad,
       (SELECT coalesce(json_agg(w), '[]')::text
        FROM (SELECT site, poc, value, first_day, last_day, n AS at_least_days FROM run JOIN data.site USING (site_id)
              ORDER BY n DESC, site, poc, first_day LIMIT $1::bigint) AS w) AS sample
FROM run;

-- name: check_jump_neighbours
-- How far each station's day is from the middle of its nearest neighbours' same day, in robust
-- standard deviations of that very difference at that station. Pairs of stations are sought in
-- bands of latitude as high as the distance, so that far ones never meet; they are joined (met)
-- before their days are, as all stations of a day with all others are too many.
WITH seen AS MATERIALIZED (
    SELECT site_id, day, (min(value) + max(value)) / 2 AS v, bool_or(/*asked*/ true /*.*/) AS is_asked
    FROM /*rows*/ data.observation_row /*.*/ AS r
    WHERE value IS NOT NULL
    GROUP BY site_id, day
), place AS MATERIALIZED (
    SELECT site_id, latitude, longitude, floor(latitude / ($2::double precision / 111))::int AS band
    FROM data.site
    WHERE latitude IS NOT NULL AND longitude IS NOT NULL AND site_id IN (SELECT site_id FROM seen)
), pair AS MATERIALIZED (
    SELECT site_id, other
    FROM (SELECT a.site_id, b.site_id AS other,
                 row_number() OVER (PARTITION BY a.site_id ORDER BY km, b.site_id) AS nth
          FROM place a CROSS JOIN generate_series(-1, 1) AS step
          JOIN place b ON b.band = a.band + step AND b.site_id <> a.site_id
          CROSS JOIN LATERAL (
              SELECT 2 * 6371.0 * asin(sqrt(least(1, sind((b.latitude - a.latitude) / 2) ^ 2
                     + cosd(a.latitude) * cosd(b.latitude) * sind((b.longitude - a.longitude) / 2) ^ 2))) AS km
          ) AS distance
          WHERE km <= $2::double precision) AS ranked
    WHERE nth <= $3::int
), met AS MATERIALIZED (
    SELECT site_id, day, v, is_asked, other FROM seen JOIN pair USING (site_id)
), near AS MATERIALIZED (
    SELECT a.site_id, a.day, a.v, a.is_asked, percentile_cont(0.5) WITHIN GROUP (ORDER BY b.v) AS middle
    FROM met a JOIN seen b ON b.site_id = a.other AND b.day = a.day
    GROUP BY a.site_id, a.day, a.v, a.is_asked
    HAVING count(*) >= $4::int
), centre AS (
    SELECT site_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY v - middle) AS centre
    FROM near GROUP BY site_id
), spread AS (
    SELECT site_id, min(centre) AS centre,
           greatest(1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(v - middle - centre)),
                    coalesce($5::double precision, (SELECT high / 500 FROM data.parameter WHERE parameter = $6::int), 1e-9))
           AS scale
    FROM near JOIN centre USING (site_id) GROUP BY site_id
), judged AS MATERIALIZED (
    SELECT site_id, day, v, middle, (v - middle - centre) / scale AS z
    FROM near JOIN spread USING (site_id) WHERE is_asked
)
SELECT count(*) AS n, count(*) FILTER (WHERE abs(z) > $7::double precision) AS n_bad, max(abs(z)) AS highest,
       (SELECT coalesce(json_agg(w), '[]')::text
        FROM (SELECT site, day, v AS value, middle AS neighbours, round(z::numeric, 2) AS z
              FROM judged JOIN data.site USING (site_id)
              WHERE abs(z) > $7::double precision ORDER BY abs(z) DESC, site, day LIMIT $1::bigint) AS w) AS sample
FROM judged;

-- name: check_jump_previous
-- How far each station's day is from its own day before, in robust standard deviations of that
-- difference at that station.
WITH seen AS MATERIALIZED (
    SELECT site_id, day, (min(value) + max(value)) / 2 AS v, bool_or(/*asked*/ true /*.*/) AS is_asked
    FROM /*rows*/ data.observation_row /*.*/ AS r
    WHERE value IS NOT NULL
    GROUP BY site_id, day
), near AS MATERIALIZED (
    SELECT site_id, day, v, is_asked, v_before AS middle
    FROM (SELECT site_id, day, v, is_asked, lag(v) OVER w AS v_before, lag(day) OVER w AS day_before FROM seen
          WINDOW w AS (PARTITION BY site_id ORDER BY day)) AS ordered
    WHERE day = day_before + 1
), centre AS (
    SELECT site_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY v - middle) AS centre
    FROM near GROUP BY site_id
), spread AS (
    SELECT site_id, min(centre) AS centre,
           greatest(1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(v - middle - centre)),
                    coalesce($3::double precision, (SELECT high / 500 FROM data.parameter WHERE parameter = $4::int), 1e-9))
           AS scale
    FROM near JOIN centre USING (site_id) GROUP BY site_id
), judged AS MATERIALIZED (
    SELECT site_id, day, v, middle, (v - middle - centre) / scale AS z
    FROM near JOIN spread USING (site_id) WHERE is_asked
)
SELECT count(*) AS n, count(*) FILTER (WHERE abs(z) > $2::double precision) AS n_bad, max(abs(z)) AS highest,
       (SELECT coalesce(json_agg(w), '[]')::text
        FROM (SELECT site, day, v AS value, middle AS day_before, round(z::numeric, 2) AS z
              FROM judged JOIN data.site USING (site_id)
              WHERE abs(z) > $2::double precision ORDER BY abs(z) DESC, site, day LIMIT $1::bigint) AS w) AS sample
FROM judged;

-- name: check_shift_sides
-- What is to be compared, group by group: how many values the days before and the days looked at
-- have, their ends, and how many different ones the days before have (counted to 21). Rows that tell
-- no group are one of their own, without a name.
SELECT name, sum(n) FILTER (WHERE is_before)::bigint AS n_before, sum(n) FILTER (WHERE NOT is_before)::bigint AS n_now,
       min(x) AS lowest, max(x) AS highest, least(count(*) FILTER (WHERE is_before), 21) AS n_distinct
FROM (SELECT coalesce((/*by*/ site /*.*/)::text, '') AS name, day <= $1::date AS is_before, /*column*/ value /*.*/::double precision AS x, count(*) AS n
      FROM /*rows*/ data.observation_row /*.*/ AS r
      WHERE /*counted*/ value IS NOT NULL /*.*/
      GROUP BY 1, 2, 3) AS each
GROUP BY name ORDER BY name;

-- name: check_shift_bins
-- How many values of either side fall into each bin. $2 names the groups, $3 their lowest values,
-- $4 their highest, $5 how many bins between; 0 for a bin for each value.
WITH g AS MATERIALIZED (
    SELECT name, n_bins,
           (SELECT array_agg(lowest + j * ((highest - lowest) / n_bins) ORDER BY j)
            FROM generate_series(0, n_bins - 1) AS j) AS edges
    FROM unnest($2::text[], $3::double precision[], $4::double precision[], $5::int[])
         AS u (name, lowest, highest, n_bins)
)
SELECT name, bin, sum(n) FILTER (WHERE is_before)::bigint AS n_before, sum(n) FILTER (WHERE NOT is_before)::bigint AS n_now
FROM (SELECT g.name, is_before, n,
             CASE WHEN g.n_bins = 0 THEN x
                  ELSE least(width_bucket(x, g.edges), g.n_bins) END AS bin
      FROM (SELECT coalesce((/*by*/ site /*.*/)::text, '') AS name, day <= $1::date AS is_before, /*column*/ value /*.*/::double precision AS x,
                   count(*) AS n
            FROM /*rows*/ data.observation_row /*.*/ AS r
            WHERE /*counted*/ value IS NOT NULL /*.*/
            GROUP BY 1, 2, 3) AS each
      JOIN g USING (name)) AS binned
GROUP BY name, bin ORDER BY name, bin;

-- name: check_shift_distance
-- The largest distance between the two sides' empirical distributions, group by group.
SELECT name, max(abs(before / before_all - now / now_all)) AS d
FROM (SELECT name, x,
             sum(coalesce(before, 0)) OVER upto AS before, sum(coalesce(before, 0)) OVER (PARTITION BY name) AS before_all,
             sum(coalesce(now, 0)) OVER upto AS now, sum(coalesce(now, 0)) OVER (PARTITION BY name) AS now_all
      FROM (SELECT coalesce((/*by*/ site /*.*/)::text, '') AS name, /*column*/ value /*.*/::double precision AS x,
                   count(*) FILTER (WHERE day <= $1::date)::double precision AS before,
                   count(*) FILTER (WHERE day > $1::date)::double precision AS now
            FROM /*rows*/ data.observation_row /*.*/ AS r
            WHERE /*counted*/ value IS NOT NULL /*.*/
            GROUP BY 1, 2) AS each
      WINDOW upto AS (PARTITION BY name ORDER BY x)) AS summed
WHERE before_all > 0 AND now_all > 0
GROUP BY name;

-- name: check_parameter
-- What is known of a parameter.
SELECT name, unit FROM data.parameter WHERE parameter = $1::int;
