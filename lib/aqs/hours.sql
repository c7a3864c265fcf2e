-- name: hours_year
-- Makes the partition of a year. Who finds it missing waits for others that may be making it.
SELECT data.year_parts('sample', $1::int, $1::int)
FROM (SELECT CASE WHEN to_regclass('data.sample_' || $1::int) IS NULL
                  THEN pg_advisory_xact_lock(hashtext('partition')) END) AS turn;

-- name: hours_make
CREATE TEMPORARY TABLE IF NOT EXISTS sample_stage (
    parameter integer NOT NULL,
    site_id   integer NOT NULL,
    day       date NOT NULL,
    hour      smallint NOT NULL,
    poc       smallint NOT NULL,
    value     double precision NOT NULL,
    line      integer NOT NULL,
    method    smallint,
    qualifier text
) ON COMMIT DROP;

-- name: hours_empty
TRUNCATE sample_stage;

-- name: hours_copy
COPY sample_stage (parameter, site_id, day, hour, poc, value, line, method, qualifier)
FROM STDIN (FORMAT binary);

-- name: hours_copy_direct
COPY data.sample (parameter, site_id, day, hour, poc, value, object_id, method, qualifier)
FROM STDIN (FORMAT binary);

-- name: hours_memory
-- Sorting a million rows in 4 MB would go to disk many times.
SELECT set_config('work_mem', '64MB', true);

-- name: hours_lose
-- Of several rows of one hour the later line stays.
WITH ranked AS (
    SELECT ctid AS place, row_number() OVER (PARTITION BY parameter, site_id, day, hour, poc
                                             ORDER BY line DESC) AS rank
    FROM sample_stage
), gone AS (
    DELETE FROM sample_stage USING ranked
    WHERE sample_stage.ctid = ranked.place AND ranked.rank > 1 RETURNING 1
)
SELECT count(*) AS n_repeated FROM gone;

-- name: hours_move
-- Moves the staged hours of the days $3..$4: a value that differs replaces the one that was there,
-- which is kept; an equal one stays with the object that said it first, and what a later object
-- said stays when an earlier one is read again. What is met again is left out at once.
WITH news AS MATERIALIZED (
    SELECT n.*, o.object_id AS past_object, o.value AS past_value, o.qualifier AS past_qualifier
    FROM sample_stage n
    LEFT JOIN data.sample o
        ON (o.parameter, o.site_id, o.day, o.hour, o.poc)
               = (n.parameter, n.site_id, n.day, n.hour, n.poc)
        AND o.day BETWEEN $3::date AND $4::date
    WHERE o.object_id IS NULL
       OR (o.object_id <= $1::int AND (n.value, coalesce(n.method, o.method), n.qualifier)
               IS DISTINCT FROM (o.value, o.method, o.qualifier))
), past AS (
    INSERT INTO data.sample_past (parameter, site_id, day, hour, poc, value, qualifier, object_id,
                                  replaced_by, replaced_as_of)
    SELECT parameter, site_id, day, hour, poc, past_value, past_qualifier, past_object, $1::int,
           $2::timestamptz
    FROM news WHERE past_object IS NOT NULL
), changed AS (
    UPDATE data.sample o
    SET value = news.value, method = coalesce(news.method, o.method), qualifier = news.qualifier,
        object_id = $1::int
    FROM news
    WHERE (o.parameter, o.site_id, o.day, o.hour, o.poc)
              = (news.parameter, news.site_id, news.day, news.hour, news.poc)
      AND o.day BETWEEN $3::date AND $4::date
      AND news.past_object IS NOT NULL
), fresh AS (
    INSERT INTO data.sample
        (parameter, site_id, day, hour, poc, value, object_id, method, qualifier)
    SELECT parameter, site_id, day, hour, poc, value, $1::int, method, qualifier
    FROM news WHERE past_object IS NULL
)
SELECT count(*) FILTER (WHERE past_object IS NULL) AS n_new,
       count(*) FILTER (WHERE past_object IS NOT NULL) AS n_changed,
       (SELECT count(*) FROM sample_stage) - count(*) AS n_same
FROM news;

-- name: hours_touch
-- The days that the object's hours of the days $2..$3 may change: their own, and where a day goes
-- on into the next morning the day before, and where it begins the evening before the day after.
CREATE TEMPORARY TABLE IF NOT EXISTS day_touched (
    parameter integer NOT NULL,
    site_id   integer NOT NULL,
    poc       smallint NOT NULL,
    day       date NOT NULL
) ON COMMIT DROP;

-- name: hours_touch_empty
TRUNCATE day_touched;

-- name: hours_touch_fill
WITH touched AS (
    SELECT DISTINCT parameter, site_id, poc, day
    FROM data.sample
    WHERE object_id = $1::int AND day BETWEEN $2::date AND $3::date
)
INSERT INTO day_touched (parameter, site_id, poc, day)
SELECT parameter, site_id, poc, day FROM touched
UNION
SELECT parameter, site_id, poc, day - 1
FROM touched JOIN data.parameter USING (parameter) WHERE day_rule = 'maximum of 8 hours begun'
UNION
SELECT parameter, site_id, poc, day + 1
FROM touched JOIN data.parameter USING (parameter) WHERE day_rule = 'maximum of 8 hours ended';

-- name: hours_touch_know
ANALYZE day_touched;

-- name: hours_plan
-- Nothing is known yet of rows that have just been copied, and so the planner may choose to look at
-- all of them for each hour, or to sort what falls into a few groups; $1 is "off" to forbid it.
SELECT set_config('enable_nestloop', $1::text, true), set_config('enable_sort', $1::text, true);

-- name: hours_days_plain
-- Days as means or maxima of at least 18 of their 24 hours. A hair is added before a mean is cut,
-- as 4.1 * 10 is less than 41.
INSERT INTO observation_stage
    (parameter, site_id, day, poc, value, n_hours, method, event, line, grade)
SELECT parameter, site_id, day, poc,
       CASE day_rule WHEN 'maximum' THEN highest
                     WHEN 'mean' THEN mean
                     ELSE trunc(mean * 10 + sign(mean) * 1e-6) / 10 END,
       n, method, 'N', 0, 1
FROM (
    SELECT t.parameter, t.site_id, t.day, t.poc, count(*) AS n, avg(h.value) AS mean,
           max(h.value) AS highest,
           CASE WHEN min(h.method) = max(h.method) THEN min(h.method) END AS method
    FROM day_touched t JOIN data.sample h
        ON (h.parameter, h.site_id, h.poc, h.day) = (t.parameter, t.site_id, t.poc, t.day)
        AND h.day BETWEEN $1::date AND $2::date
    GROUP BY t.parameter, t.site_id, t.day, t.poc
) AS days JOIN data.parameter USING (parameter)
WHERE day_rule IN ('mean', 'mean truncated', 'maximum') AND n >= 18;

-- name: hours_days_begun
-- Ozone's days (40 CFR 50, appendix U): hours cut to 0.001 ppm; the greatest of the 17 means of 8
-- hours that begin at 7 to 23 o'clock. A mean counts with 6 hours, or when the hours that are there
-- alone, with 0 for the others, lift it above the standard (their sum above 0.567 ppm); it is cut to
-- 0.001. A day counts with 13 means, or when its maximum is above 0.070. `at` is 0 at midnight.
INSERT INTO observation_stage
    (parameter, site_id, day, poc, value, n_hours, method, event, line, grade)
SELECT parameter, site_id, day, poc, max(mean), max(n_day),
       CASE WHEN min(method) = max(method) THEN min(method) END, 'N', 0, 1
FROM (
    SELECT parameter, site_id, day, poc, at, n_day, method,
           CASE WHEN n >= 6 THEN floor(total * 1000 / n + 1e-6) / 1000
                WHEN total > 0.567 + 1e-9 THEN floor(total * 1000 / 8 + 1e-6) / 1000 END AS mean
    FROM (
        SELECT parameter, site_id, day, poc, at, method, count(value) OVER eight AS n,
               sum(value) OVER eight AS total,
               count(value) FILTER (WHERE at < 24) OVER (PARTITION BY parameter, site_id, poc, day)
                   AS n_day
        FROM (
            SELECT t.parameter, t.site_id, t.day, t.poc, g.at, h.method,
                   trunc(h.value * 1000 + sign(h.value) * 1e-6) / 1000 AS value
            FROM day_touched t
            JOIN data.parameter p ON p.parameter = t.parameter
                AND p.day_rule = 'maximum of 8 hours begun'
            CROSS JOIN (SELECT at, at / 24 AS days, (at % 24)::smallint AS hour
                        FROM generate_series(0, 30) AS at) AS g
            LEFT JOIN data.sample h
                ON (h.parameter, h.site_id, h.poc, h.day, h.hour)
                       = (t.parameter, t.site_id, t.poc, t.day + g.days, g.hour)
                AND h.day BETWEEN $1::date - 1 AND $2::date + 1
        ) AS hours
        WINDOW eight AS (PARTITION BY parameter, site_id, poc, day ORDER BY at
                         ROWS BETWEEN CURRENT ROW AND 7 FOLLOWING)
    ) AS sums
    WHERE at BETWEEN 7 AND 23
) AS windows
GROUP BY parameter, site_id, day, poc
HAVING count(mean) >= 13 OR max(mean) > 0.070 + 1e-9;

-- name: hours_days_ended
-- CO's days (40 CFR 50.8): the greatest of the 24 means of 8 hours that end within the day, to
-- 0.1 ppm. A mean counts with 6 hours, a day with 18 means. `at` is 0 at midnight.
INSERT INTO observation_stage
    (parameter, site_id, day, poc, value, n_hours, method, event, line, grade)
SELECT parameter, site_id, day, poc, max(mean), max(n_day),
       CASE WHEN min(method) = max(method) THEN min(method) END, 'N', 0, 1
FROM (
    SELECT parameter, site_id, day, poc, n_day, method,
           CASE WHEN n >= 6 THEN floor(total * 10 / n + 0.5 + 1e-6) / 10 END AS mean
    FROM (
        SELECT parameter, site_id, day, poc, at, method, count(value) OVER eight AS n,
               sum(value) OVER eight AS total,
               count(value) FILTER (WHERE at >= 0) OVER (PARTITION BY parameter, site_id, poc, day)
                   AS n_day
        FROM (
            SELECT t.parameter, t.site_id, t.day, t.poc, g.at, h.method, h.value
            FROM day_touched t
            JOIN data.parameter p ON p.parameter = t.parameter
                AND p.day_rule = 'maximum of 8 hours ended'
            CROSS JOIN (SELECT at, (at + 24) / 24 - 1 AS days, ((at + 24) % 24)::smallint AS hour
                        FROM generate_series(-7, 23) AS at) AS g
            LEFT JOIN data.sample h
                ON (h.parameter, h.site_id, h.poc, h.day, h.hour)
                       = (t.parameter, t.site_id, t.poc, t.day + g.days, g.hour)
                AND h.day BETWEEN $1::date - 1 AND $2::date + 1
        ) AS hours
        WINDOW eight AS (PARTITION BY parameter, site_id, poc, day ORDER BY at
                         ROWS BETWEEN 7 PRECEDING AND CURRENT ROW)
    ) AS sums
    WHERE at >= 0
) AS windows
GROUP BY parameter, site_id, day, poc
HAVING count(mean) >= 18;

-- name: hours_days_gone
-- Derived days $2..$3 that corrected hours do not make any more, as ozone's that counted for being
-- above the standard: they go, and are kept as past.
WITH gone AS (
    DELETE FROM data.observation o USING day_touched t
    WHERE (o.parameter, o.site_id, o.day, o.poc) = (t.parameter, t.site_id, t.day, t.poc)
      AND o.day BETWEEN $2::date - 1 AND $3::date + 1 AND o.grade = 1
      AND NOT EXISTS (SELECT FROM observation_stage n
                      WHERE (n.parameter, n.site_id, n.day, n.poc) = (t.parameter, t.site_id, t.day, t.poc))
    RETURNING o.*
), past AS (
    INSERT INTO data.observation_past
        (parameter, site_id, day, poc, value, grade, object_id, replaced_by, replaced_as_of)
    SELECT parameter, site_id, day, poc, value, grade, object_id, $1::int, $4::timestamptz FROM gone
)
SELECT count(*) AS n FROM gone;

-- name: hours_days_span
-- The first and the last derived day, and how many there are.
SELECT min(day) AS first_day, max(day) AS last_day, count(*) AS n FROM observation_stage;

-- name: hours_days_years
-- Makes the partitions of the derived days' years.
SELECT data.observation_years($1::date, $2::date)
FROM (SELECT pg_advisory_xact_lock(hashtext('partition'))) AS turn;
