-- Predictions, what came of them, and how good they were.
CREATE SCHEMA serve;

CREATE TABLE serve.prediction (
    prediction_id uuid NOT NULL,
    made_at       timestamptz NOT NULL,          -- a batch's as-of time, or an answer's moment
    kind          text NOT NULL CHECK (kind IN ('batch', 'online')),
    model         text NOT NULL,
    version       text NOT NULL,
    request_id    text,
    principal     text,
    site_id       integer,                       -- NULL where features came from the caller
    parameter     integer,
    day           date,                          -- the day predicted
    value         double precision NOT NULL,
    lower         double precision,              -- of the interval
    upper         double precision,
    persistence   double precision,              -- what a repeat of the last day would have said
    climatology   double precision,
    input         jsonb,                         -- an online request's row
    PRIMARY KEY (prediction_id, made_at)
) PARTITION BY RANGE (made_at);
CREATE INDEX ON serve.prediction (day, model, site_id);

-- Makes the monthly partition of a moment.
CREATE FUNCTION serve.prediction_month(moment timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    m timestamptz := date_trunc('month', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    name text := 'prediction_' || to_char(moment AT TIME ZONE 'UTC', 'YYYYMM');
BEGIN
    IF to_regclass('serve.' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE IF NOT EXISTS serve.%I PARTITION OF serve.prediction '
                       'FOR VALUES FROM (%L) TO (%L)', name, m,
                       (m AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
    END IF;
END
$$;

-- How far each spool of online answers has been taken in; moves in the transaction that takes it.
CREATE TABLE serve.spool (
    spool     text PRIMARY KEY,                  -- the file's name
    at_byte   bigint NOT NULL,
    taken_at  timestamptz NOT NULL DEFAULT now()
);

-- What happened, for a prediction whose day has been measured.
CREATE TABLE serve.outcome (
    prediction_id uuid PRIMARY KEY,
    model         text NOT NULL,
    version       text NOT NULL,
    day           date NOT NULL,
    site_id       integer NOT NULL,
    truth         double precision NOT NULL,
    joined_as_of  timestamptz NOT NULL
);
CREATE INDEX ON serve.outcome (day, model);

-- How far outcomes have been joined: the days to look at again follow from it.
CREATE TABLE serve.outcome_mark (
    is_mark   boolean PRIMARY KEY DEFAULT true CHECK (is_mark),  -- one row
    as_of     date NOT NULL,                     -- of the latest join
    ingest_id integer NOT NULL                   -- ingests up to this one have been looked at
);

-- What accuracy over any window is summed from. A station's day counts once for a version, by the
-- earliest of its predictions: a forecast asked for a thousand times is still one forecast.
CREATE TABLE serve.accuracy_day (
    day            date NOT NULL,
    model          text NOT NULL,
    version        text NOT NULL,
    n              bigint NOT NULL,
    error_sum      double precision NOT NULL,    -- of prediction - truth
    error_sq       double precision NOT NULL,
    error_abs      double precision NOT NULL,
    truth_sum      double precision NOT NULL,
    truth_sq       double precision NOT NULL,
    truth_min      double precision NOT NULL,
    truth_max      double precision NOT NULL,
    n_repeat       bigint NOT NULL,              -- rows that know persistence
    repeat_sq      double precision NOT NULL,    -- of persistence - truth, over those
    repeat_model_sq double precision NOT NULL,   -- of prediction - truth, over those
    n_interval     bigint NOT NULL,              -- rows that carry an interval
    n_inside       bigint NOT NULL,              -- truths inside it
    PRIMARY KEY (day, model, version)
);

-- Live accuracy of a version ('' for all versions that answered) over the days up to as_of.
CREATE TABLE serve.accuracy (
    model           text NOT NULL,
    version         text NOT NULL,
    window_days     integer NOT NULL,
    as_of           date NOT NULL,
    n               bigint NOT NULL,
    mse             double precision NOT NULL,
    rmse            double precision NOT NULL,
    mae             double precision NOT NULL,
    r2              double precision,
    bias            double precision NOT NULL,
    skill           double precision,            -- 1 - MSE / MSE of persistence, on the same rows
    persistence_rmse double precision,
    coverage        double precision,            -- share of truths inside their interval
    PRIMARY KEY (model, version, window_days, as_of)
);

CREATE SCHEMA ops;

-- The last word of each job for each as-of time.
CREATE TABLE ops.job (
    job         text NOT NULL,
    as_of       timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('running', 'finished', 'failed')),
    exit_code   integer,
    summary     jsonb NOT NULL DEFAULT '{}',
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (job, as_of)
);

CREATE TABLE ops.alert (
    alert_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause     text NOT NULL,                     -- one open alert for each
    severity  text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    message   text NOT NULL,
    opened_as_of timestamptz NOT NULL,
    closed_as_of timestamptz
);
CREATE UNIQUE INDEX alert_open ON ops.alert (cause) WHERE closed_as_of IS NULL;
