-- name: source_aqs_due
-- What is due of parameters and areas from day $4 (since) up to $5: years that were never read to
-- their end; the days from $6 before the last one held; and what may have come after that, in this
-- year and the last, as agencies deliver late. Where nothing is held that is all of both years.
WITH pair AS (
    SELECT parameter, np, area, na
    FROM unnest($2::text[]) WITH ORDINALITY AS p (parameter, np)
    CROSS JOIN unnest($3::text[]) WITH ORDINALITY AS a (area, na)
), held AS (
    SELECT parameter, area, max(newest_day) AS newest
    FROM data.source_unit WHERE source = $1::text GROUP BY parameter, area
), want AS (
    SELECT pair.*, y AS year, newest,
           greatest($4::date, make_date(y, 1, 1)) AS first,
           least($5::date, make_date(y, 12, 31)) AS last,
           coalesce(newest - $6::int,
                    make_date(extract(year FROM $5::date)::int - 1, 1, 1)) AS again
    FROM pair LEFT JOIN held USING (parameter, area)
    CROSS JOIN generate_series(extract(year FROM $4::date)::int,
                               extract(year FROM $5::date)::int) AS y
), due AS (
    SELECT want.parameter, np, want.area, na, want.year, last,
           CASE WHEN first < again AND coalesce(covered, '{}') @> daterange(first, least(last + 1, again))
                THEN greatest(first, again) ELSE first END AS first,
           want.year >= extract(year FROM $5::date) - 1
               OR want.year <= coalesce(extract(year FROM newest), 0) AS may_change,
           coalesce(covered, '{}') @> daterange(first, last, '[]') AS is_covered
    FROM want LEFT JOIN data.source_unit u
        ON u.source = $1::text AND u.unit = concat_ws(' ', want.parameter, want.area, want.year)
)
SELECT parameter, area, year, first::text AS first, last::text AS last
FROM due WHERE first <= last AND (may_change OR NOT is_covered)
ORDER BY na, year, first, np;
