-- name: source_aqs_due
-- What is due of parameters and areas from day $4 (since) up to $5, in units of $7 months: those
-- that were never read to their end; the days from $6 before the last one held; and what may have come after that, in this
-- year and the last, as agencies deliver late. Where nothing is held that is all of both years.
WITH pair AS (
    SELECT parameter, np, area, na
    FROM unnest($2::text[]) WITH ORDINALITY AS p (parameter, np)
    CROSS JOIN unnest($3::text[]) WITH ORDINALITY AS a (area, na)
), held AS (
    SELECT parameter, area, max(newest_day) AS newest
    FROM data.source_unit WHERE source = $1::text GROUP BY parameter, area
), want AS (
    SELECT pair.*, extract(year FROM began)::int AS year, newest,
           concat_ws(' ', parameter, area, extract(year FROM began)::int,
                     CASE WHEN $7::int < 12 THEN to_char(began, '"Q"Q') END) AS unit,
           greatest($4::date, began::date) AS first,
           least($5::date, (began + make_interval(months => $7::int))::date - 1) AS last,
           coalesce(newest - $6::int,
                    make_date(extract(year FROM $5::date)::int - 1, 1, 1)) AS again
    FROM pair LEFT JOIN held USING (parameter, area)
    CROSS JOIN generate_series(date_trunc('year', $4::date::timestamp), $5::date::timestamp,
                               make_interval(months => $7::int)) AS began
), due AS (
    SELECT want.parameter, np, want.area, na, want.year, last,
           CASE WHEN first < again AND coalesce(covered, '{}') @> daterange(first, least(last + 1, again))
                THEN greatest(first, again) ELSE first END AS first,
           want.year >= extract(year FROM $5::date) - 1
               OR want.year <= coalesce(extract(year FROM newest), 0) AS may_change,
           coalesce(covered, '{}') @> daterange(first, last, '[]') AS is_covered
    FROM want LEFT JOIN data.source_unit u
        ON u.source = $1::text AND u.unit = want.unit
    WHERE want.first <= want.last
)
SELECT parameter, area, year, first::text AS first, last::text AS last
FROM due WHERE first <= last AND (may_change OR NOT is_covered)
ORDER BY na, year, first, np;
