-- name: history_load
-- One parameter's observations by station, as two arrays of the same length. The mean over a
-- station's instruments, which the view data.site_day also takes, is left to the reader: it is
-- three times as fast, and does not depend on the order in which rows lie.
SELECT s.site, s.latitude, s.longitude, o.first_day, o.days, o.values
FROM (
    SELECT site_id, min(day) - DATE '1970-01-01' AS first_day,
           array_agg(day - DATE '1970-01-01') AS days, array_agg(value) AS values
    FROM data.observation
    WHERE parameter = $1::integer AND day BETWEEN $2::date AND $3::date
    GROUP BY site_id
) AS o JOIN data.site s USING (site_id)
ORDER BY s.site COLLATE "C";
