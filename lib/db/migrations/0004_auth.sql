-- Who may call, and what was changed by whom.
CREATE SCHEMA auth;

CREATE TABLE auth.principal (
    principal_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal    text NOT NULL UNIQUE CHECK (principal ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    created_at   timestamptz NOT NULL DEFAULT now(),
    disabled_at  timestamptz
);

CREATE TABLE auth.role_grant (
    principal_id integer NOT NULL REFERENCES auth.principal,
    role         text NOT NULL CHECK (role IN ('viewer', 'predictor', 'scientist', 'engineer', 'operator')),
    PRIMARY KEY (principal_id, role)
);

CREATE TABLE auth.token (
    token_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal_id integer NOT NULL REFERENCES auth.principal,
    sha256       text NOT NULL UNIQUE,           -- of the token; the token itself is nowhere
    label        text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz
);

-- Every change, appended, each row's hash over its own content and the row before.
CREATE TABLE auth.audit (
    audit_id bigint PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    actor    text NOT NULL,
    action   text NOT NULL,                      -- 'token.created', 'version.promoted' …
    object   text NOT NULL,
    detail   jsonb NOT NULL DEFAULT '{}',
    hash     text NOT NULL
);

CREATE FUNCTION auth.audit_hash(before text, a auth.audit) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws('|', before, a.audit_id::text,
        extract(epoch FROM a.at)::text, a.actor, a.action, a.object, a.detail::text), 'UTF8')), 'hex')
$$;

CREATE FUNCTION auth.audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last auth.audit;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('auth.audit'));
    SELECT * INTO last FROM auth.audit ORDER BY audit_id DESC LIMIT 1;
    NEW.audit_id := coalesce(last.audit_id, 0) + 1;
    NEW.hash := auth.audit_hash(coalesce(last.hash, ''), NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_chain BEFORE INSERT ON auth.audit
    FOR EACH ROW EXECUTE FUNCTION auth.audit_chain();

CREATE FUNCTION auth.audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END
$$;
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON auth.audit
    FOR EACH ROW EXECUTE FUNCTION auth.audit_refuse();
CREATE TRIGGER audit_refuse_all BEFORE TRUNCATE ON auth.audit
    FOR EACH STATEMENT EXECUTE FUNCTION auth.audit_refuse();

-- The rows whose hash does not follow from the row before: none, in an honest database.
CREATE VIEW auth.audit_broken AS
SELECT audit_id FROM (
    SELECT a.audit_id, a.hash, auth.audit_hash(lag(a.hash, 1, '') OVER (ORDER BY a.audit_id), a) AS due
    FROM auth.audit a
) AS checked
WHERE hash IS DISTINCT FROM due;
