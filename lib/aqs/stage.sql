-- name: stage_year
-- Makes the partition of a year. Who finds it missing waits for others that may be making it.
SELECT data.observation_years(make_date($1::int, 1, 1), make_date($1::int, 1, 1))
FROM (SELECT CASE WHEN to_regclass('data.observation_' || $1::int) IS NULL
                  THEN pg_advisory_xact_lock(hashtext('partition')) END) AS turn;

-- name: stage_make
CREATE TEMPORARY TABLE IF NOT EXISTS observation_stage (
    parameter integer NOT NULL,
    site_id   integer NOT NULL,
    day       date NOT NULL,
    poc       smallint NOT NULL,
    value     double precision NOT NULL,
    n_hours   smallint,
    method    smallint,
    event     "char",
    line      integer NOT NULL,
    grade     smallint NOT NULL DEFAULT 3
) ON COMMIT DROP;

-- name: stage_empty
TRUNCATE observation_stage;

-- name: stage_copy
COPY observation_stage (parameter, site_id, day, poc, value, n_hours, method, event, line)
FROM STDIN (FORMAT binary);

-- name: stage_copy_graded
COPY observation_stage (parameter, site_id, day, poc, value, n_hours, method, event, line, grade)
FROM STDIN (FORMAT binary);

-- name: stage_copy_direct
COPY data.observation (parameter, site_id, day, poc, value, n_hours, method, event, object_id)
FROM STDIN (FORMAT binary);

-- name: stage_memory
-- Sorting a million rows in 4 MB would go to disk many times; and hashing one side is less work than
-- sorting both, which nobody knows who has not counted the rows.
SELECT set_config('work_mem', '128MB', true), set_config('enable_mergejoin', 'off', true);

-- name: stage_lose
-- Of several rows of one key the best stays: the higher grade, then a method that corrects
-- 236/238, then an included event, then the later line. Says how many went, and why.
WITH ranked AS (
    SELECT ctid AS place, method, event, grade,
           row_number() OVER best AS rank,
           first_value(method) OVER best AS best_method,
           first_value(event) OVER best AS best_event,
           first_value(grade) OVER best AS best_grade
    FROM observation_stage
    WINDOW best AS (PARTITION BY parameter, site_id, day, poc
                    ORDER BY grade DESC, coalesce(method IN (236, 238), false), event = 'I' DESC, line DESC)
), gone AS (
    DELETE FROM observation_stage USING ranked
    WHERE observation_stage.ctid = ranked.place AND ranked.rank > 1
    RETURNING CASE WHEN ranked.grade < ranked.best_grade THEN 'preliminary'
                   WHEN ranked.method IN (236, 238)
                         AND coalesce(ranked.best_method NOT IN (236, 238), true) THEN 'method'
                   WHEN ranked.event = 'N' AND ranked.best_event = 'I' THEN 'event'
                   ELSE 'repeated' END AS reason
)
SELECT count(*) FILTER (WHERE reason = 'method') AS n_method,
       count(*) FILTER (WHERE reason = 'event') AS n_event,
       count(*) FILTER (WHERE reason = 'repeated') AS n_repeated,
       count(*) FILTER (WHERE reason = 'preliminary') AS n_preliminary
FROM gone;

-- name: stage_move
-- Moves the staged rows of the days $3..$4 into the observations: a value that differs replaces
-- the one that was there, which is kept; an equal one stays with the object that said it first,
-- and what a later object said stays when an earlier one is read again. A lower grade never
-- replaces a higher one, a higher one always the lower. A derived row knows all hours, whichever
-- object brought them last. What a row does not tell stays as another of its grade told it. What is met again is left out at once: mostly that is nearly all.
WITH news AS MATERIALIZED (
    SELECT n.parameter, n.site_id, n.day, n.poc, n.value,
           coalesce(n.n_hours, CASE WHEN o.grade = n.grade THEN o.n_hours END) AS n_hours,
           coalesce(n.method, CASE WHEN o.grade = n.grade THEN o.method END) AS method,
           coalesce(n.event, CASE WHEN o.grade = n.grade THEN o.event END, 'N') AS event, n.grade,
           o.object_id AS past_object, o.value AS past_value, o.grade AS past_grade
    FROM observation_stage n
    LEFT JOIN data.observation o
        ON (o.parameter, o.site_id, o.day, o.poc) = (n.parameter, n.site_id, n.day, n.poc)
        AND o.day BETWEEN $3::date AND $4::date
    WHERE o.object_id IS NULL OR o.grade < n.grade
       OR (o.grade = n.grade AND (o.object_id <= $1::int OR n.grade = 1)
           AND (n.value, coalesce(n.n_hours, o.n_hours), coalesce(n.method, o.method),
                coalesce(n.event, o.event))
               IS DISTINCT FROM (o.value, o.n_hours, o.method, o.event))
), past AS (
    INSERT INTO data.observation_past
        (parameter, site_id, day, poc, value, grade, object_id, replaced_by, replaced_as_of)
    SELECT parameter, site_id, day, poc, past_value, past_grade, past_object, $1::int,
           $2::timestamptz
    FROM news WHERE past_object IS NOT NULL
), changed AS (
    UPDATE data.observation o
    SET value = news.value, n_hours = news.n_hours, method = news.method, event = news.event,
        grade = news.grade, object_id = $1::int
    FROM news
    WHERE (o.parameter, o.site_id, o.day, o.poc)
          = (news.parameter, news.site_id, news.day, news.poc)
      AND o.day BETWEEN $3::date AND $4::date
      AND news.past_object IS NOT NULL
), fresh AS (
    INSERT INTO data.observation
        (parameter, site_id, day, poc, value, n_hours, method, event, grade, object_id)
    SELECT parameter, site_id, day, poc, value, n_hours, method, event, grade, $1::int
    FROM news WHERE past_object IS NULL
)
SELECT count(*) FILTER (WHERE past_object IS NULL) AS n_new,
       count(*) FILTER (WHERE past_object IS NOT NULL) AS n_changed,
       (SELECT count(*) FROM observation_stage) - count(*) AS n_same
FROM news;
