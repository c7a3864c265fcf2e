-- What was measured: sources, raw objects, stations, observations and what became of bad lines.
CREATE SCHEMA data;

CREATE TABLE data.parameter (
    parameter integer PRIMARY KEY,              -- AQS parameter code
    name      text NOT NULL,
    unit      text NOT NULL,                    -- of every value stored
    floor     double precision NOT NULL,        -- a value below is an instrument fault: rejected
    ceiling   double precision NOT NULL,        -- a value above cannot be: rejected
    high      double precision NOT NULL         -- a value above is rare: the quality gate looks
);
INSERT INTO data.parameter VALUES
    (88101, 'PM2.5 (FRM/FEM)',        'ug/m3 (LC)',   -10, 2000, 500),
    (88502, 'PM2.5 (non-FRM)',        'ug/m3 (LC)',   -10, 2000, 500),
    (81102, 'PM10',                   'ug/m3',        -10, 10000, 1000),
    (44201, 'Ozone, 8-hour maximum',  'ppm',            0, 1,    0.2),
    (42401, 'SO2',                    'ppb',           -5, 5000, 1000),
    (42602, 'NO2',                    'ppb',           -5, 5000, 1000),
    (42101, 'CO',                     'ppm',           -1, 200,  50);

CREATE TABLE data.source (
    source    text PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('airdata', 'aqs', 'csv')),
    settings  jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE data.site (
    site_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site      text NOT NULL UNIQUE,             -- '37-183-0014' for AQS, 'DEBB051' for AirBase
    name      text NOT NULL DEFAULT '',
    state     text NOT NULL DEFAULT '',
    county    text NOT NULL DEFAULT '',
    latitude  double precision,                 -- degrees north
    longitude double precision                  -- degrees east
);

-- Raw bytes in the object store, once for each content.
CREATE TABLE data.object (
    object_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256      text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    key         text NOT NULL UNIQUE,
    name        text NOT NULL,                  -- of the file or address it came from
    size_bytes  bigint NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);

-- One reading of one object.
CREATE TABLE data.ingest (
    ingest_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object_id   integer NOT NULL REFERENCES data.object,
    as_of       timestamptz NOT NULL,
    n_rows      bigint NOT NULL,                -- lines read, without the header
    n_new       bigint NOT NULL,
    n_changed   bigint NOT NULL,
    n_same      bigint NOT NULL,
    n_skipped   bigint NOT NULL,                -- set aside by a documented rule
    n_rejected  bigint NOT NULL,
    skipped     jsonb NOT NULL DEFAULT '{}',    -- reason: count
    first_day   date,                           -- of the values that are new or changed: where
    last_day    date,                           --   outcomes are looked at again; NULL for none
    finished_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (object_id, as_of)
);

-- One value of one instrument and day. No foreign keys: rows arrive by the million through one
-- statement that resolves them, and each check would cost as much as the row.
CREATE TABLE data.observation (
    parameter integer NOT NULL,
    site_id   integer NOT NULL,
    day       date NOT NULL,                    -- local standard time
    poc       smallint NOT NULL,                -- parameter occurrence code: which instrument
    value     double precision NOT NULL,        -- in data.parameter's unit
    n_hours   smallint,                         -- hours behind a daily value, where known
    method    smallint,                         -- AQS method code, where known
    event     "char" NOT NULL DEFAULT 'N',      -- 'N' none, 'I' exceptional event included
    object_id integer NOT NULL,                 -- who said so
    PRIMARY KEY (parameter, site_id, day, poc)
) PARTITION BY RANGE (day);

-- Values that a later object corrected.
CREATE TABLE data.observation_past (
    parameter   integer NOT NULL,
    site_id     integer NOT NULL,
    day         date NOT NULL,
    poc         smallint NOT NULL,
    value       double precision NOT NULL,
    object_id   integer NOT NULL,
    replaced_by integer NOT NULL,               -- the object that corrected it
    replaced_as_of timestamptz NOT NULL
);
CREATE INDEX ON data.observation_past (parameter, site_id, day);

-- Makes the partitions of all years from one day to another.
CREATE FUNCTION data.observation_years(first date, last date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    y integer;
BEGIN
    FOR y IN extract(year FROM first)::integer .. extract(year FROM last)::integer LOOP
        IF to_regclass(format('data.observation_%s', y)) IS NULL THEN
            -- Attaching lets readers go on; CREATE TABLE … PARTITION OF would lock them out.
            EXECUTE format('CREATE TABLE data.observation_%s (LIKE data.observation INCLUDING ALL)', y);
            EXECUTE format('ALTER TABLE data.observation ATTACH PARTITION data.observation_%s '
                           'FOR VALUES FROM (%L) TO (%L)',
                           y, make_date(y, 1, 1), make_date(y + 1, 1, 1));
        END IF;
    END LOOP;
END
$$;

-- One value of one station and day: the mean over its instruments.
CREATE VIEW data.site_day AS
SELECT parameter, site_id, day, avg(value) AS value, count(*)::integer AS n_instruments
FROM data.observation
GROUP BY parameter, site_id, day;

-- Lines that could not be read or believed.
CREATE TABLE data.reject (
    reject_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object_id integer NOT NULL REFERENCES data.object,
    line      bigint NOT NULL,                  -- in the file; the header is line 1
    reason    text NOT NULL,
    content   text NOT NULL,                    -- the line, cut to 1,000 bytes
    UNIQUE (object_id, line)
);

CREATE TABLE data.quality_report (
    model    text NOT NULL,                     -- the recipe it was asked for
    as_of    timestamptz NOT NULL,
    name     text NOT NULL,                     -- of the check
    severity text NOT NULL CHECK (severity IN ('warn', 'fail')),
    verdict  text NOT NULL CHECK (verdict IN ('pass', 'warn', 'fail')),
    observed double precision,
    bound    double precision,
    detail   text NOT NULL,                     -- in words, with examples
    PRIMARY KEY (model, as_of, name)
);

-- What a training read: a processed object, and how it was made.
CREATE TABLE data.dataset_version (
    dataset_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model         text NOT NULL,
    recipe_sha256 text NOT NULL,
    as_of         date NOT NULL,                -- the last day it may know
    sha256        text NOT NULL,
    key           text NOT NULL,
    n_rows        bigint NOT NULL,
    n_sites       integer NOT NULL,
    first_day     date,
    last_day      date,
    made_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (model, recipe_sha256, as_of, sha256)
);
