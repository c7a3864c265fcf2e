-- Experiments, runs, models and versions, in MLflow's shape.
CREATE SCHEMA ml;

CREATE TABLE ml.experiment (
    experiment_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name              text NOT NULL UNIQUE,
    artifact_location text NOT NULL DEFAULT '',
    lifecycle_stage   text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
    created_ms        bigint NOT NULL,
    updated_ms        bigint NOT NULL
);

CREATE TABLE ml.run (
    run_id          text PRIMARY KEY CHECK (run_id ~ '^[0-9a-f]{32}$'),
    experiment_id   bigint NOT NULL REFERENCES ml.experiment,
    name            text NOT NULL,
    status          text NOT NULL CHECK (status IN ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')),
    lifecycle_stage text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
    started_ms      bigint NOT NULL,
    ended_ms        bigint,
    artifact_uri    text NOT NULL DEFAULT '',
    dataset_id      integer REFERENCES data.dataset_version
);
CREATE INDEX ON ml.run (experiment_id, started_ms DESC, run_id);

CREATE TABLE ml.param (
    run_id text NOT NULL REFERENCES ml.run ON DELETE CASCADE,
    key    text NOT NULL,
    value  text NOT NULL,
    PRIMARY KEY (run_id, key)
);

CREATE TABLE ml.metric (                         -- NaN and infinities are kept as such
    run_id text NOT NULL REFERENCES ml.run ON DELETE CASCADE,
    key    text NOT NULL,
    step   bigint NOT NULL DEFAULT 0,
    at_ms  bigint NOT NULL,
    value  double precision NOT NULL,
    PRIMARY KEY (run_id, key, step, at_ms, value)
);

CREATE TABLE ml.tag (
    run_id text NOT NULL REFERENCES ml.run ON DELETE CASCADE,
    key    text NOT NULL,
    value  text NOT NULL,
    PRIMARY KEY (run_id, key)
);

CREATE TABLE ml.model (
    model_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model       text NOT NULL UNIQUE,            -- its name
    description text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ml.version (
    version_id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_id        integer NOT NULL REFERENCES ml.model,
    number          integer NOT NULL,            -- MLflow's: 1, 2, 3 …
    tag             integer NOT NULL,            -- V<tag>.<manual>.<auto>
    manual          integer NOT NULL,
    auto            integer NOT NULL,
    version         text GENERATED ALWAYS AS ('V' || tag::text || '.' || manual::text || '.' || auto::text) STORED,
    run_id          text NOT NULL REFERENCES ml.run,
    dataset_id      integer REFERENCES data.dataset_version,
    as_of           date NOT NULL,               -- the last day its training may know
    recipe          jsonb NOT NULL,
    recipe_sha256   text NOT NULL,
    family          text NOT NULL,               -- 'ridge', 'boost', 'persistence', 'climatology'
    reason          text NOT NULL,               -- why this family was chosen, in words
    artifact_key    text NOT NULL,               -- of model.json in the object store
    artifact_sha256 text NOT NULL,
    stage           text NOT NULL DEFAULT 'registered' CHECK (stage IN ('registered', 'validated',
                    'shadow', 'canary', 'production', 'archived', 'rejected', 'aborted', 'paused')),
    metrics         jsonb NOT NULL DEFAULT '{}', -- of every candidate on held-out time
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (model_id, number),
    UNIQUE (model_id, tag, manual, auto)
);
CREATE UNIQUE INDEX version_in_production ON ml.version (model_id) WHERE stage = 'production';

CREATE TABLE ml.alias (
    model_id   integer NOT NULL REFERENCES ml.model,
    alias      text NOT NULL,
    version_id integer NOT NULL REFERENCES ml.version,
    PRIMARY KEY (model_id, alias)
);

-- Each transition of a version's stage, appended.
CREATE TABLE ml.release (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version_id integer NOT NULL REFERENCES ml.version,
    from_stage text,
    to_stage   text NOT NULL,
    actor      text NOT NULL,
    as_of      timestamptz NOT NULL,
    evidence   jsonb NOT NULL DEFAULT '{}',
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON ml.release (version_id);
