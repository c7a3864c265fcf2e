-- Hourly samples, the daily values derived from them, weather, and what is known of stations.

-- A table that goes by year gets the partitions of all years from one to another.
CREATE FUNCTION data.year_parts(parent text, first integer, last integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    FOR y IN first..last LOOP
        IF to_regclass(format('data.%s_%s', parent, y)) IS NULL THEN
            EXECUTE format('CREATE TABLE data.%1$s_%2$s (LIKE data.%1$s INCLUDING ALL)', parent, y);
            EXECUTE format('ALTER TABLE data.%1$s ATTACH PARTITION data.%1$s_%2$s '
                           'FOR VALUES FROM (%3$L) TO (%4$L)',
                           parent, y, make_date(y, 1, 1), make_date(y + 1, 1, 1));
        END IF;
    END LOOP;
END
$$;

-- How an hour is judged, and how a day is made of hours; lib/aqs/RULES.md says it in full.
ALTER TABLE data.parameter
    ADD COLUMN hour_floor   double precision,   -- NULL: as the daily value's
    ADD COLUMN hour_ceiling double precision,
    ADD COLUMN day_rule     text CHECK (day_rule IN ('mean', 'mean truncated', 'maximum',
                                                     'maximum of 8 hours begun',
                                                     'maximum of 8 hours ended'));
UPDATE data.parameter p SET hour_floor = r.floor, hour_ceiling = r.ceiling, day_rule = r.rule
FROM (VALUES (88101, -50,    10000, 'mean truncated'),
             (88502, -50,    10000, 'mean truncated'),
             (81102, -50,    50000, 'mean truncated'),
             (44201, -0.005, 1,     'maximum of 8 hours begun'),
             (42101, -1,     200,   'maximum of 8 hours ended'),
             (42401, -5,     5000,  'maximum'),
             (42602, -5,     5000,  'maximum')) AS r (parameter, floor, ceiling, rule)
WHERE p.parameter = r.parameter;

-- Weather of AQS. Bounds are the records of the earth's surface; sea-level pressures and those of
-- mountains both occur.
INSERT INTO data.parameter (parameter, name, unit, floor, ceiling, high, day_rule) VALUES
    (62101, 'Temperature',              'degF',   -100, 140,  120,  'mean'),
    (62103, 'Dew point',                'degF',   -130, 100,  85,   'mean'),
    (62201, 'Relative humidity',        '%',      0,    105,  100,  'mean'),
    (61103, 'Wind speed, resultant',    'knot',   0,    200,  60,   'mean'),
    (61104, 'Wind direction, resultant', 'degree', 0,   360,  360,  NULL), -- no mean of angles
    (64101, 'Pressure',                 'mbar',   500,  1100, 1060, 'mean');

-- How much a daily value weighs against another of the same key: 3 AQS's own, 2 preliminary
-- (AirNow's, in EPA's exports), 1 derived here from hours. A lower one never replaces a higher one.
ALTER TABLE data.observation ADD COLUMN grade smallint NOT NULL DEFAULT 3;
ALTER TABLE data.observation_past ADD COLUMN grade smallint NOT NULL DEFAULT 3;

-- One value of one instrument and hour.
CREATE TABLE data.sample (
    parameter integer NOT NULL,
    site_id   integer NOT NULL,
    day       date NOT NULL,
    hour      smallint NOT NULL,                -- that it begins at, 0 to 23 in local standard time
    poc       smallint NOT NULL,
    value     double precision NOT NULL,        -- in data.parameter's unit
    object_id integer NOT NULL,                 -- who said so
    method    smallint,                         -- AQS method code, where known
    qualifier text,                             -- AQS qualifier code, where there is one
    PRIMARY KEY (parameter, site_id, day, hour, poc)
) PARTITION BY RANGE (day);

-- Hours that a later object corrected.
CREATE TABLE data.sample_past (
    parameter   integer NOT NULL,
    site_id     integer NOT NULL,
    day         date NOT NULL,
    hour        smallint NOT NULL,
    poc         smallint NOT NULL,
    value       double precision NOT NULL,
    qualifier   text,
    object_id   integer NOT NULL,
    replaced_by integer NOT NULL,               -- the object that corrected it
    replaced_as_of timestamptz NOT NULL
);
CREATE INDEX ON data.sample_past (parameter, site_id, day);

-- What EPA's lists of sites and monitors tell.
ALTER TABLE data.site
    ADD COLUMN elevation_m  double precision,
    ADD COLUMN gmt_offset_h double precision,   -- of local standard time
    ADD COLUMN land_use     text,
    ADD COLUMN setting      text,               -- 'URBAN AND CENTER CITY', 'SUBURBAN', 'RURAL' …
    ADD COLUMN address      text,
    ADD COLUMN city         text,
    ADD COLUMN cbsa         text,
    ADD COLUMN agency       text,
    ADD COLUMN opened_on    date,
    ADD COLUMN closed_on    date,               -- NULL while it is open, or not known to be closed
    ADD COLUMN fact_object  integer;            -- who said so

-- The parameter that a station CSV was said to hold, where its header does not tell.
ALTER TABLE data.object ADD COLUMN parameter integer;
