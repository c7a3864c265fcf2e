-- Expectations and what came of them: each run its own report, kept.

-- The rows that expectations over observations look at, by the names their conditions know. What
-- is not a number is missing.
CREATE VIEW data.observation_row AS
SELECT o.parameter, o.site_id, s.site, o.day, o.poc, nullif(o.value, 'NaN'::double precision) AS value,
       o.n_hours, o.method, o.event::text AS event, s.state, s.county, s.latitude, s.longitude
FROM data.observation o LEFT JOIN data.site s USING (site_id);

CREATE TABLE data.quality_run (
    quality_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject    text NOT NULL,                   -- 'pm-next-day', a recipe; 'table.housing'
    target     text NOT NULL,                   -- in words: 'observations of 81102'
    as_of      timestamptz NOT NULL,
    ran_at     timestamptz NOT NULL DEFAULT now(),
    verdict    text NOT NULL CHECK (verdict IN ('pass', 'warn', 'fail')),
    seconds    double precision NOT NULL,
    key        text                             -- of the report in the lake; NULL for none
);
CREATE INDEX ON data.quality_run (subject, as_of DESC, quality_id DESC);

CREATE TABLE data.quality_result (
    quality_id bigint NOT NULL REFERENCES data.quality_run ON DELETE CASCADE,
    place      integer NOT NULL,                -- in the recipe, from 0
    name       text NOT NULL,
    expect     text NOT NULL,                   -- its kind
    severity   text NOT NULL CHECK (severity IN ('warn', 'fail')),
    verdict    text NOT NULL CHECK (verdict IN ('pass', 'warn', 'fail')),
    condition  text,                            -- which rows, as written
    observed   double precision,
    bound      double precision,
    n_rows     bigint,                          -- counted: rows, stations, groups, columns
    n_bad      bigint,
    detail     text NOT NULL,                   -- in words
    sample     jsonb NOT NULL DEFAULT '[]',     -- some of what did not hold
    seconds    double precision NOT NULL,
    PRIMARY KEY (quality_id, place)
);

-- The reports from before, each as a run.
WITH run AS (
    INSERT INTO data.quality_run (subject, target, as_of, ran_at, verdict, seconds)
    SELECT model, 'observations', as_of, as_of,
           CASE WHEN bool_or(verdict = 'fail') THEN 'fail' WHEN bool_or(verdict = 'warn') THEN 'warn' ELSE 'pass' END, 0
    FROM data.quality_report GROUP BY model, as_of ORDER BY as_of, model
    RETURNING quality_id, subject, as_of
)
INSERT INTO data.quality_result (quality_id, place, name, expect, severity, verdict, observed, bound, detail, seconds)
SELECT run.quality_id, row_number() OVER (PARTITION BY run.quality_id ORDER BY q.name) - 1, q.name,
       CASE q.name WHEN 'rows' THEN 'row_count' WHEN 'unit' THEN 'range' WHEN 'duplicates' THEN 'unique'
                   WHEN 'flat' THEN 'flat_line' ELSE q.name END,
       q.severity, q.verdict, q.observed, q.bound, q.detail, 0
FROM data.quality_report q JOIN run ON run.subject = q.model AND run.as_of = q.as_of;

DROP TABLE data.quality_report;
