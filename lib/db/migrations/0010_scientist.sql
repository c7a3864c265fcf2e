-- Processed data for scientists: what a dataset version was made of, and a read-only role that
-- sees processed data and nothing else.
ALTER TABLE data.dataset_version
    ADD COLUMN table_name text REFERENCES data.declared_table, -- of a declared table; NULL: observations
    ADD COLUMN size_bytes bigint,                -- from here on NULL in versions made before
    ADD COLUMN columns    json,                  -- [{"name":…, "type":…, "unit":…}, …] as in the bytes
    ADD COLUMN recipe     json,                  -- or the table's declaration
    ADD COLUMN sites      text[];                -- that have a value in it
CREATE INDEX ON data.dataset_version (model, dataset_id);

-- The raw objects that a dataset version's values came from.
CREATE TABLE data.dataset_object (
    dataset_id integer NOT NULL REFERENCES data.dataset_version ON DELETE CASCADE,
    object_id  integer NOT NULL,
    PRIMARY KEY (dataset_id, object_id)
);
CREATE INDEX ON data.dataset_object (object_id);

-- Makes table_out, a view of a declared table's own columns in an order of its own, which the
-- program copies out.
CREATE FUNCTION data.table_out(me text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP VIEW IF EXISTS pg_temp.table_out;
    EXECUTE (SELECT format('CREATE TEMPORARY VIEW table_out AS SELECT %s FROM declared.%I ORDER BY %s',
                           string_agg(format('%I', name), ', ' ORDER BY position), me,
                           coalesce(string_agg(format('%I%s', name, CASE WHEN sql_type = 'text' THEN ' COLLATE "C"' ELSE '' END),
                                               ', ' ORDER BY position) FILTER (WHERE is_key), '_line'))
             FROM data.declared_column WHERE table_name = me);
END
$$;

-- The raw objects that a declared table's rows came from.
CREATE FUNCTION data.table_objects(me text) RETURNS SETOF integer LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT DISTINCT _object_id FROM declared.%I', me);
END
$$;

-- ---- what scientists see -------------------------------------------------------------------------

CREATE VIEW processed.parameter AS
SELECT parameter, name, unit FROM data.parameter;

CREATE VIEW processed.site AS
SELECT site, name, state, county, latitude, longitude FROM data.site;

-- One value of one station and day: the mean over its instruments.
CREATE VIEW processed.site_day AS
SELECT o.parameter, s.site, s.name, s.state, s.county, s.latitude, s.longitude, o.day,
       avg(o.value) AS value, count(*)::integer AS n_instruments
FROM data.observation o JOIN data.site s USING (site_id)
GROUP BY o.parameter, s.site_id, o.day;

CREATE VIEW processed.dataset AS
SELECT dataset_id, CASE WHEN table_name IS NULL THEN model END AS model, table_name, as_of, sha256,
       n_rows, n_sites, first_day, last_day, size_bytes, columns, sites, recipe_sha256, recipe, made_at
FROM data.dataset_version;

CREATE VIEW processed.quality AS
SELECT r.subject AS model, r.as_of, r.quality_id, q.name, q.severity, q.verdict, q.observed, q.bound
FROM data.quality_run r JOIN data.quality_result q USING (quality_id);

CREATE VIEW processed.table_column AS
SELECT table_name, position, name, type, unit, description, is_nullable, is_key FROM data.declared_column;

-- ---- the role ------------------------------------------------------------------------------------

-- Makes the cluster's group role where it is missing, and grants it what it may: run by this
-- migration, and again whenever the program finds something lacking. Says what is, '' for nothing.
-- Several databases of a cluster may do this at once, and a user without CREATEROLE may do it
-- where somebody else has made the role.
CREATE FUNCTION data.scientist_grant() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF to_regrole('airwatch_scientist') IS NULL THEN
        BEGIN
            CREATE ROLE airwatch_scientist NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL; -- another database was quicker
            WHEN insufficient_privilege THEN
                RETURN format('role "airwatch_scientist" is missing, and "%s" may not make roles; '
                              'as a superuser: CREATE ROLE airwatch_scientist NOLOGIN', current_user);
        END;
    END IF;
    GRANT USAGE ON SCHEMA processed TO airwatch_scientist;
    GRANT SELECT ON ALL TABLES IN SCHEMA processed TO airwatch_scientist;
    BEGIN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO airwatch_scientist', current_database());
    EXCEPTION WHEN insufficient_privilege THEN
        RETURN format('"%s" does not own database "%s"; as its owner: GRANT CONNECT ON DATABASE "%2$s" TO '
                      'airwatch_scientist; REVOKE ALL ON DATABASE "%2$s" FROM PUBLIC', current_user, current_database());
    END;
    RETURN '';
END
$$;

-- What PostgreSQL lets everybody do by default, and a reader has no need of: temporary tables,
-- functions, code of its own, large objects, and locks on which our jobs would wait. The last
-- three belong to PostgreSQL, so only a superuser can take them away.
CREATE FUNCTION data.public_revoke() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    f regprocedure;
BEGIN
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA data, serve, auth FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
    BEGIN
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXCEPTION WHEN insufficient_privilege THEN NULL; -- scientist_grant says so
    END;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RETURN;
    END IF;
    REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
    FOR f IN SELECT oid::regprocedure FROM pg_proc
             WHERE pronamespace = 'pg_catalog'::regnamespace
               AND (proname ~ '^lo_' OR proname IN ('loread', 'lowrite') OR proname ~ '^pg_(try_)?advisory_') LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
END
$$;
SELECT data.public_revoke();
SELECT data.scientist_grant();

-- Makes a person's login, or gives the one there is another password and end. `verifier` is what
-- SCRAM keeps of a password: the password itself never comes here.
CREATE FUNCTION auth.scientist_put(login text, verifier text, until timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    is_new boolean := to_regrole(quote_ident(login)) IS NULL;
BEGIN
    IF verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
        RAISE EXCEPTION 'the password is not a SCRAM verifier';
    END IF;
    IF is_new THEN
        EXECUTE format('CREATE ROLE %I LOGIN CONNECTION LIMIT 8 IN ROLE airwatch_scientist', login);
        EXECUTE format('ALTER ROLE %I SET search_path = processed', login);
        EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = on', login);
        EXECUTE format('ALTER ROLE %I SET statement_timeout = ''15min''', login);
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''15min''', login);
        IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            EXECUTE format('ALTER ROLE %I SET temp_file_limit = ''4GB''', login);
        END IF;
    ELSIF NOT EXISTS (SELECT FROM auth.scientist WHERE scientist = login) THEN
        RAISE EXCEPTION 'the database has another role "%"', login;
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L VALID UNTIL %L', login, verifier, coalesce(until, 'infinity'));
    RETURN is_new;
END
$$;

-- The logins of scientists: direct members of the group that may do nothing beyond.
CREATE VIEW auth.scientist AS
SELECT r.rolname::text AS scientist, r.rolvaliduntil AS until,
       coalesce(r.rolvaliduntil <= now(), false) AS is_expired
FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid
WHERE m.roleid = to_regrole('airwatch_scientist') AND r.rolcanlogin AND NOT r.rolsuper;

-- Ends a login, and whatever it is doing.
CREATE FUNCTION auth.scientist_drop(login text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM auth.scientist WHERE scientist = login) THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP ROLE %I', login);
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = login;
    RETURN true;
END
$$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA data, auth FROM PUBLIC;
