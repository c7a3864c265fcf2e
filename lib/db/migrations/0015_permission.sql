-- Users with passwords, and who may do what to which experiment and model. What MLflow calls a role
-- is a team here: it holds grants, and principals are its members. A principal's own grants are
-- held by a team of that principal alone.
ALTER TABLE auth.principal DROP CONSTRAINT principal_principal_check,
    ADD CONSTRAINT principal_principal_check CHECK (principal ~ '^[A-Za-z0-9][A-Za-z0-9@+._-]{0,62}$');
INSERT INTO auth.principal (principal) VALUES ('anonymous') ON CONFLICT DO NOTHING; -- who shows nothing

CREATE TABLE auth.password (
    principal_id integer PRIMARY KEY REFERENCES auth.principal,
    verifier     text NOT NULL,                  -- salt and digest; the password itself is nowhere
    changed_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.team (
    team_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace   text NOT NULL DEFAULT 'default',
    name        text NOT NULL CHECK (name <> ''),
    description text,
    owner_id    integer UNIQUE REFERENCES auth.principal, -- whose own it is
    UNIQUE (workspace, name)
);

CREATE TABLE auth.member (
    member_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    team_id      integer NOT NULL REFERENCES auth.team ON DELETE CASCADE,
    principal_id integer NOT NULL REFERENCES auth.principal,
    UNIQUE (principal_id, team_id)
);

CREATE FUNCTION auth.level(permission text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE permission WHEN 'READ' THEN 1 WHEN 'USE' THEN 2 WHEN 'EDIT' THEN 3 WHEN 'MANAGE' THEN 4 ELSE 0 END
$$;

CREATE TABLE auth.hold (                         -- a grant that a team holds
    hold_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    team_id    integer NOT NULL REFERENCES auth.team ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('workspace', 'experiment', 'registered_model')),
    pattern    text NOT NULL,                    -- an experiment's id, a model's name, or '*' for all
    permission text NOT NULL CHECK (permission IN ('DENY', 'NO_PERMISSIONS', 'READ', 'USE', 'EDIT', 'MANAGE')),
    UNIQUE (team_id, kind, pattern),
    CHECK (kind <> 'workspace' OR (pattern = '*' AND permission IN ('USE', 'MANAGE'))),
    CHECK (kind <> 'experiment' OR pattern ~ '^(\*|0|[1-9][0-9]{0,17})$')
);
CREATE INDEX ON auth.hold (kind, pattern);

-- A grant follows its model's name, and goes with what it is about: what comes later under that name
-- is something else.
CREATE FUNCTION auth.hold_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'experiment' THEN
        DELETE FROM auth.hold WHERE kind = 'experiment' AND pattern = OLD.experiment_id::text;
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM auth.hold WHERE kind = 'registered_model' AND pattern = OLD.model;
    ELSE
        DELETE FROM auth.hold WHERE kind = 'registered_model' AND pattern = NEW.model;
        UPDATE auth.hold SET pattern = NEW.model WHERE kind = 'registered_model' AND pattern = OLD.model;
    END IF;
    PERFORM pg_notify('airwatch_serving', 'token'); -- who has remembered a permission forgets it
    RETURN NULL;
END
$$;
CREATE TRIGGER hold_follow AFTER DELETE ON ml.experiment FOR EACH ROW EXECUTE FUNCTION auth.hold_follow();
CREATE TRIGGER hold_follow AFTER DELETE ON ml.model FOR EACH ROW EXECUTE FUNCTION auth.hold_follow();
CREATE TRIGGER hold_rename AFTER UPDATE OF model ON ml.model
    FOR EACH ROW WHEN (OLD.model <> NEW.model) EXECUTE FUNCTION auth.hold_follow();

-- What holds where nothing is granted.
CREATE TABLE auth.absent (
    is_one     boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    permission text NOT NULL CHECK (permission IN ('NO_PERMISSIONS', 'READ', 'USE', 'EDIT', 'MANAGE'))
);
INSERT INTO auth.absent (permission) VALUES ('READ');

CREATE VIEW auth.held AS
SELECT m.principal_id, h.kind, h.pattern, h.permission, auth.level(h.permission) AS level
FROM auth.member m JOIN auth.hold h USING (team_id);

CREATE VIEW auth.grown AS                        -- principals with what their roles bring
SELECT p.principal_id, p.principal, EXISTS (SELECT FROM auth.role_grant g WHERE g.principal_id = p.principal_id AND g.role = 'operator') AS is_operator,
       EXISTS (SELECT FROM auth.role_grant g WHERE g.principal_id = p.principal_id AND g.role = 'scientist') AS is_scientist,
       EXISTS (SELECT FROM auth.held h WHERE h.principal_id = p.principal_id AND h.kind = 'workspace' AND h.level = 4) AS is_manager
FROM auth.principal p;

-- How far each principal may go with each experiment and model: 0 nothing, 1 READ … 4 MANAGE. The
-- most that is granted, unless a grant denies it; else what holds without one. The experiment that
-- runs go to which name none is open to scientists, unless nothing is open.
CREATE VIEW auth.experiment_level AS
SELECT p.principal, e.experiment_id,
       CASE WHEN p.is_operator THEN 4
            WHEN h.is_denied THEN 0
            WHEN p.is_manager THEN 4
            WHEN h.level IS NOT NULL THEN h.level
            WHEN e.experiment_id = 0 AND p.is_scientist AND a.permission <> 'NO_PERMISSIONS' THEN greatest(3, auth.level(a.permission))
            ELSE auth.level(a.permission) END AS level
FROM auth.grown p CROSS JOIN ml.experiment e CROSS JOIN auth.absent a
CROSS JOIN LATERAL (SELECT bool_or(permission = 'DENY') AS is_denied, max(level) AS level FROM auth.held
                    WHERE principal_id = p.principal_id AND kind = 'experiment' AND pattern IN ('*', e.experiment_id::text)) h;

CREATE VIEW auth.model_level AS
SELECT p.principal, m.model_id, m.model,
       CASE WHEN p.is_operator THEN 4
            WHEN h.is_denied THEN 0
            WHEN p.is_manager THEN 4
            ELSE coalesce(h.level, auth.level(a.permission)) END AS level
FROM auth.grown p CROSS JOIN ml.model m CROSS JOIN auth.absent a
CROSS JOIN LATERAL (SELECT bool_or(permission = 'DENY') AS is_denied, max(level) AS level FROM auth.held
                    WHERE principal_id = p.principal_id AND kind = 'registered_model' AND pattern IN ('*', m.model)) h;

CREATE VIEW auth.hidden_experiment AS SELECT principal, experiment_id FROM auth.experiment_level WHERE level = 0;
CREATE VIEW auth.hidden_model AS SELECT principal, model_id FROM auth.model_level WHERE level = 0;

-- Teams as MLflow tells its roles.
CREATE VIEW auth.team_entry AS
SELECT t.team_id, t.workspace, t.name, t.owner_id,
       json_build_object('id', t.team_id, 'name', t.name, 'workspace', t.workspace, 'description', t.description,
           'permissions', coalesce((SELECT json_agg(json_build_object('id', h.hold_id, 'role_id', h.team_id, 'resource_type', h.kind,
                   'resource_pattern', h.pattern, 'permission', h.permission) ORDER BY h.hold_id)
               FROM auth.hold h WHERE h.team_id = t.team_id), '[]')) AS entry
FROM auth.team t;
