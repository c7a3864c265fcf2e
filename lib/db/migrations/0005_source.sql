-- Sources: where measurements come from on their own, and what of each has been read.
UPDATE data.source SET kind = 'url' WHERE kind = 'csv';
ALTER TABLE data.source DROP CONSTRAINT source_kind_check;
ALTER TABLE data.source
    ADD CONSTRAINT source_kind_check CHECK (kind IN ('aqs', 'airdata', 'url')),
    ADD CONSTRAINT source_name_check CHECK (source ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    ADD COLUMN paused_at timestamptz;           -- NULL while it is read

-- One piece of a source that is asked for and read as one: a parameter, area and calendar year of a
-- service, or a file.
CREATE TABLE data.source_unit (
    source     text NOT NULL REFERENCES data.source ON DELETE CASCADE,
    unit       text NOT NULL,                   -- '88101 37-183 2019', 'daily_88101_2019'
    parameter  text NOT NULL DEFAULT '',
    area       text NOT NULL DEFAULT '',        -- as in the source's settings
    year       integer,
    first_day  date,                            -- of the days asked for last
    last_day   date,
    state      text NOT NULL DEFAULT 'waiting'
               CHECK (state IN ('waiting', 'done', 'empty', 'failed')),
    covered    datemultirange NOT NULL DEFAULT '{}', -- days that an answer was had for
    newest_day date,                            -- of the rows that came
    n_tries    integer NOT NULL DEFAULT 0,      -- since the last answer
    last_error text NOT NULL DEFAULT '',
    tried_at   timestamptz,
    fetched_at timestamptz,                     -- of the last answer
    etag       text NOT NULL DEFAULT '',        -- what the server called the bytes
    digest     text NOT NULL DEFAULT '',        -- of the rows, whatever their order
    n_rows     bigint NOT NULL DEFAULT 0,       -- in the last answer, which several units may share
    object_id  integer REFERENCES data.object,  -- the last answer that was kept
    PRIMARY KEY (source, unit)
);

-- Backfills that were begun, so that one that was interrupted goes on where it stopped.
CREATE TABLE data.source_backfill (
    source      text NOT NULL REFERENCES data.source ON DELETE CASCADE,
    first_day   date NOT NULL,
    last_day    date NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (source, first_day, last_day)
);

-- When a service was asked, for the pace that it wants of all our processes together.
CREATE TABLE data.source_pace (
    service    text PRIMARY KEY,
    started_at timestamptz[] NOT NULL DEFAULT '{}', -- the last requests, newest first
    ended_at   timestamptz,
    not_before timestamptz                      -- what the service asked for itself
);
