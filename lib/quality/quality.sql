-- name: quality_run
-- All checks of one parameter up to a day, as rows of the report. Values are looked at over the
-- last 90 days; a station is active if it has a value in the last 30 of them.
WITH asked AS (
    SELECT $4::date AS today, $4::date - 89 AS since, $5::int AS fresh_days,
           $6::double precision AS completeness, $7::double precision AS range_share,
           $8::int AS flat_days, $9::bigint AS rows_at_least
), recent AS MATERIALIZED (
    SELECT site_id, day, avg(value) AS value, min(value) AS lowest, max(value) AS highest,
           count(*) AS n_instruments
    FROM data.observation
    WHERE parameter = $1::int AND day BETWEEN $4::date - 89 AND $4::date
    GROUP BY site_id, day
), newest AS (
    SELECT coalesce((SELECT max(day) FROM recent),
                    (SELECT max(day) FROM data.observation
                     WHERE parameter = $1::int AND day < $4::date - 89)) AS day
), station AS MATERIALIZED (
    SELECT r.site_id, s.site, s.latitude, s.longitude,
           count(*)::double precision / (a.today - greatest(a.since, (SELECT min(day) FROM recent)) + 1) AS share,
           count(DISTINCT r.value) FILTER (WHERE r.nth <= a.flat_days) = 1
               AND count(*) >= a.flat_days AS is_flat
    FROM (SELECT site_id, day, value, row_number() OVER (PARTITION BY site_id ORDER BY day DESC) AS nth
          FROM recent) r
    JOIN data.site s USING (site_id) CROSS JOIN asked a
    GROUP BY r.site_id, s.site, s.latitude, s.longitude, a.today, a.since, a.flat_days
    HAVING max(r.day) > a.today - 30
), counted AS (
    SELECT count(*) AS n FROM (SELECT FROM data.observation
        WHERE parameter = $1::int AND day <= $4::date LIMIT $9::bigint) AS enough
), checks (name, severity, is_good, is_worth_a_word, observed, bound, detail) AS (
    SELECT 'rows', 'fail', n >= rows_at_least, false, n, rows_at_least,
           CASE WHEN n >= rows_at_least THEN format('at least %s values', n)
                ELSE format('%s values, fewer than %s', n, rows_at_least) END
    FROM counted, asked
    UNION ALL
    SELECT 'freshness', 'fail', coalesce(today - day <= fresh_days, false), false, today - day, fresh_days,
           CASE WHEN day IS NULL THEN 'there is no value at all'
                ELSE format('the newest value is of %s, %s days before %s (at most %s)',
                            day, today - day, today, fresh_days) END
    FROM newest, asked
    UNION ALL
    SELECT 'completeness', 'fail', coalesce(share >= 0.5, false), coalesce(share < 0.8, false), share, 0.5,
           CASE WHEN n = 0 THEN 'no station is active'
                ELSE format('%s of %s active stations have %s %% of the last 90 days%s', n_good, n,
                            completeness * 100,
                            '; the worst: ' || worst) END
    FROM asked, LATERAL (
        SELECT count(*) AS n, count(*) FILTER (WHERE share >= completeness) AS n_good,
               avg((share >= completeness)::int)::double precision AS share,
               (SELECT string_agg(format('%s %s %%', site, round((share * 100)::numeric)), ', ' ORDER BY share, site)
                FROM (SELECT site, share FROM station WHERE share < completeness
                      ORDER BY share, site LIMIT 5) AS low) AS worst
        FROM station) AS complete
    UNION ALL
    SELECT 'range', 'fail', coalesce(share <= range_share, true), coalesce(share > 0, false), share, range_share,
           CASE WHEN n = 0 THEN 'there is no value in the last 90 days'
                WHEN n_high = 0 THEN format('none of %s values is above %s %s', n, high, unit)
                ELSE format('%s of %s values are above %s %s: %s', n_high, n, high, unit, worst) END
    FROM asked, LATERAL (
        SELECT count(*) AS n, count(*) FILTER (WHERE highest > high) AS n_high,
               min(high) AS high, min(unit) AS unit,
               avg((highest > high)::int)::double precision AS share,
               (SELECT string_agg(format('%s on %s: %s', site, day, highest), ', ' ORDER BY highest DESC, site, day)
                FROM (SELECT site, day, highest FROM recent JOIN data.site USING (site_id)
                      WHERE highest > (SELECT high FROM data.parameter WHERE parameter = $1::int)
                      ORDER BY highest DESC, site, day LIMIT 5) AS top) AS worst
        FROM recent LEFT JOIN data.parameter ON parameter = $1::int) AS ranged
    UNION ALL
    SELECT 'unit', 'fail', coalesce(middle > 0 AND middle <= high, unit IS NOT NULL AND middle IS NULL), false,
           middle, high,
           CASE WHEN unit IS NULL THEN format('parameter %s is not known', $1::int)
                WHEN middle IS NULL THEN format('nothing to hold against %s', unit)
                ELSE format('half of the values are below %s, in %s', round(middle::numeric, 4), unit) END
    FROM asked
    LEFT JOIN data.parameter ON parameter = $1::int
    CROSS JOIN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS middle FROM recent) AS half
    UNION ALL
    SELECT 'duplicates', 'warn', n = 0, false, n, 0,
           CASE WHEN n = 0 THEN 'no two active stations stand at one place'
                ELSE format('%s active stations share their place with another: %s', n, named) END
    FROM (SELECT coalesce(sum(n), 0)::bigint AS n, string_agg(sites, '; ' ORDER BY sites) AS named
          FROM (SELECT count(*) AS n, string_agg(site, ' = ' ORDER BY site) AS sites FROM station
                WHERE latitude IS NOT NULL GROUP BY latitude, longitude HAVING count(*) > 1
                LIMIT 20) AS place) AS places
    UNION ALL
    SELECT 'instruments', 'warn', coalesce(share <= 0.05, true), false, share, 0.05,
           CASE WHEN n = 0 THEN 'no station has several instruments'
                ELSE format('%s of %s station-days with several instruments differ by more than their mean%s',
                            n_apart, n, ': ' || worst) END
    FROM (SELECT count(*) AS n, count(*) FILTER (WHERE highest - lowest > abs(value)) AS n_apart,
                 avg((highest - lowest > abs(value))::int)::double precision AS share,
                 (SELECT string_agg(format('%s on %s: %s and %s', site, day, lowest, highest), ', ' ORDER BY site, day)
                  FROM (SELECT site, day, lowest, highest FROM recent JOIN data.site USING (site_id)
                        WHERE n_instruments > 1 AND highest - lowest > abs(value)
                        ORDER BY highest - lowest DESC, site, day LIMIT 3) AS top) AS worst
          FROM recent WHERE n_instruments > 1) AS several
    UNION ALL
    SELECT 'flat', 'fail', coalesce(share <= 0.1, true), coalesce(share > 0, false), share, 0.1,
           CASE WHEN n_flat = 0 THEN format('no station repeats one value for %s days', flat_days)
                ELSE format('%s of %s active stations repeat one value for %s days: %s', n_flat, n, flat_days, named)
                END
    FROM asked, LATERAL (
        SELECT count(*) AS n, count(*) FILTER (WHERE is_flat) AS n_flat,
               avg(is_flat::int)::double precision AS share,
               (SELECT string_agg(site, ', ' ORDER BY site)
                FROM (SELECT site FROM station WHERE is_flat ORDER BY site LIMIT 5) AS few) AS named
        FROM station) AS flats
)
INSERT INTO data.quality_report AS old (model, as_of, name, severity, verdict, observed, bound, detail)
SELECT $2::text, $3::timestamptz, name, severity,
       CASE WHEN NOT is_good THEN severity WHEN is_worth_a_word THEN 'warn' ELSE 'pass' END,
       observed, bound, detail
FROM checks
ON CONFLICT (model, as_of, name) DO UPDATE
SET severity = excluded.severity, verdict = excluded.verdict, observed = excluded.observed,
    bound = excluded.bound, detail = excluded.detail
RETURNING name, verdict, detail;
