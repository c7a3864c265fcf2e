-- Declared tables and the scientists' role, mended: names that met ours, tables that go, and what
-- the role may do that only a superuser can take away.

-- What a table was filled from, and the versions made of it, outlive the table.
ALTER TABLE data.ingest DROP CONSTRAINT ingest_table_name_fkey;
ALTER TABLE data.dataset_version DROP CONSTRAINT dataset_version_table_name_fkey;

-- A primary key's index is a name in the schema too: "town_pkey" could have been a table's. Names of
-- our own begin with "_".
DO $$
DECLARE
    k record;
BEGIN
    FOR k IN SELECT c.conrelid::regclass AS place, c.conname, t.relname
             FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
             WHERE c.contype = 'p' AND t.relnamespace = 'declared'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', k.place, k.conname, '_key_' || k.relname);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION data.table_declare(told jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    me text := told ->> 'name';
    c record;
    _keys text;
BEGIN
    INSERT INTO data.declared_table AS t (name, declaration) VALUES (me, told)
    ON CONFLICT (name) DO UPDATE SET declaration = excluded.declaration,
        changed_at = CASE WHEN t.declaration = excluded.declaration THEN t.changed_at ELSE now() END;
    EXECUTE format('CREATE TABLE IF NOT EXISTS declared.%I (_line bigint NOT NULL, _object_id integer NOT NULL)', me);
    FOR c IN SELECT * FROM data.declared_column d WHERE d.table_name = me ORDER BY position LOOP
        IF NOT EXISTS (SELECT FROM pg_attribute a
                       WHERE a.attrelid = format('declared.%I', me)::regclass AND a.attname = c.name) THEN
            EXECUTE format('ALTER TABLE declared.%I ADD COLUMN %I %s %s', me, c.name, c.sql_type,
                           CASE WHEN c.is_nullable THEN '' ELSE 'NOT NULL' END);
        ELSIF c.is_nullable THEN
            EXECUTE format('ALTER TABLE declared.%I ALTER COLUMN %I DROP NOT NULL', me, c.name);
        END IF;
        EXECUTE format('COMMENT ON COLUMN declared.%I.%I IS %L', me, c.name,
                       concat_ws(': ', nullif(c.unit, ''), nullif(c.description, '')));
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_constraint k
                   WHERE k.conrelid = format('declared.%I', me)::regclass AND k.contype = 'p') THEN
        SELECT coalesce(string_agg(format('%I', k.name), ', ' ORDER BY k.position), '_line') INTO _keys
        FROM (SELECT key AS name, position FROM jsonb_array_elements_text(coalesce(told -> 'key', '[]'))
              WITH ORDINALITY AS x (key, position)) AS k;
        EXECUTE format('ALTER TABLE declared.%I ADD CONSTRAINT %I PRIMARY KEY (%s)', me, '_key_' || me, _keys);
    END IF;
    PERFORM data.table_show(me);
END
$$;

-- Deletes a table with its rows, rejects and what was replaced in it, once nobody fills it. Its raw
-- objects, the record of its readings and the dataset versions made of it stay.
CREATE FUNCTION data.table_drop(me text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM data.declared_table t WHERE t.name = me FOR UPDATE;
    EXECUTE format('DROP VIEW IF EXISTS processed.%I', 'table_' || me);
    EXECUTE format('DROP TABLE IF EXISTS declared.%I', me);
    DELETE FROM data.declared_past WHERE name = me;
    DELETE FROM data.reject WHERE object_id IN (SELECT object_id FROM data.ingest WHERE table_name = me);
    DELETE FROM data.declared_table WHERE name = me;
END
$$;

-- As before, but every name of ours begins with "_": a column "o" was taken for the row.
CREATE OR REPLACE FUNCTION data.table_settle(me text, object integer, moment timestamptz,
                                  OUT n_new bigint, OUT n_changed bigint, OUT n_same bigint,
                                  OUT n_removed bigint, OUT n_repeated bigint, OUT n_older bigint)
LANGUAGE plpgsql AS $$
DECLARE
    _columns text; _assigned text; _differ text; _keys text; _stored_key text; _met_key text;
    _is_snapshot boolean;
    _is_empty boolean;
BEGIN
    n_new := 0; n_changed := 0; n_same := 0; n_removed := 0; n_repeated := 0; n_older := 0;
    SELECT string_agg(format('%I', name), ', ' ORDER BY position),
           string_agg(format('%1$I = _met.%1$I', name), ', ' ORDER BY position),
           format('ROW(%s) IS DISTINCT FROM ROW(%s)', string_agg(format('_new.%I', name), ', ' ORDER BY position),
                  string_agg(format('_old.%I', name), ', ' ORDER BY position)),
           coalesce(string_agg(format('%I', name), ', ' ORDER BY position) FILTER (WHERE is_key), '_line'),
           coalesce(string_agg(format('_old.%I', name), ', ' ORDER BY position) FILTER (WHERE is_key), '_old._line'),
           coalesce(string_agg(format('_met.%I', name), ', ' ORDER BY position) FILTER (WHERE is_key), '_met._line'),
           NOT bool_or(is_key)
    INTO STRICT _columns, _assigned, _differ, _keys, _stored_key, _met_key, _is_snapshot
    FROM data.declared_column WHERE table_name = me;

    IF _is_snapshot AND EXISTS (SELECT FROM data.declared_table t WHERE t.name = me AND t.object_id > object) THEN
        SELECT count(*) INTO n_older FROM table_stage;
        RETURN;
    END IF;

    PERFORM set_config('work_mem', '64MB', true);
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM declared.%I)', me) INTO _is_empty;
    IF _is_empty THEN -- few files have a key twice, and the primary key tells of those
        BEGIN
            n_new := data.table_fill(me, _columns, object);
        EXCEPTION WHEN unique_violation THEN
            n_repeated := data.table_stage_single(_keys);
            n_new := data.table_fill(me, _columns, object);
        END;
    ELSE
        IF NOT _is_snapshot THEN
            n_repeated := data.table_stage_single(_keys);
        END IF;
        ANALYZE table_stage;
        EXECUTE format($f$
            WITH _met AS MATERIALIZED (
                SELECT _new.*, _old._object_id AS _past, _old._object_id <= $1 AND %2$s AS _differs,
                       _old._object_id > $1 AND %2$s AS _is_older
                FROM table_stage _new LEFT JOIN declared.%1$I _old USING (%3$s)
            ), _kept AS (
                INSERT INTO data.declared_past (name, row, object_id, replaced_by, replaced_as_of)
                SELECT %1$L, to_jsonb(_old) - '_object_id', _old._object_id, $1, $2
                FROM declared.%1$I _old JOIN _met ON (%4$s) = (%5$s) WHERE _met._differs
            ), _changed AS (
                UPDATE declared.%1$I _old SET %6$s, _line = _met._line, _object_id = $1
                FROM _met WHERE _met._differs AND (%4$s) = (%5$s)
            ), _fresh AS (
                INSERT INTO declared.%1$I (%7$s, _line, _object_id)
                SELECT %7$s, _line, $1 FROM _met WHERE _past IS NULL
            )
            SELECT count(*) FILTER (WHERE _past IS NULL), count(*) FILTER (WHERE _differs),
                   count(*) FILTER (WHERE NOT _differs AND NOT _is_older), count(*) FILTER (WHERE _is_older)
            FROM _met $f$, me, _differ, _keys, _stored_key, _met_key, _assigned, _columns)
        INTO n_new, n_changed, n_same, n_older USING object, moment;
        IF _is_snapshot THEN
            EXECUTE format($f$
                WITH _gone AS (
                    DELETE FROM declared.%1$I _old
                    WHERE NOT EXISTS (SELECT FROM table_stage _new WHERE _new._line = _old._line) RETURNING _old.*
                )
                INSERT INTO data.declared_past (name, row, object_id, replaced_by, replaced_as_of)
                SELECT %1$L, to_jsonb(_gone) - '_object_id', _object_id, $1, $2 FROM _gone $f$, me)
            USING object, moment;
            GET DIAGNOSTICS n_removed = ROW_COUNT;
        END IF;
    END IF;
    UPDATE data.declared_table t SET object_id = greatest(t.object_id, object) WHERE t.name = me;
    IF n_new + n_changed + n_removed > 0 THEN
        EXECUTE format('ANALYZE declared.%I', me);
    END IF;
END
$$;

-- ---- the scientists' role ------------------------------------------------------------------------

-- What the role may still do here that a reader has no need of, each with the statement that ends it:
-- code of its own, temporary tables, objects in "public", large objects, locks on which our jobs
-- would wait, and messages in the write-ahead log. Whoever we are goes on doing what he may now.
CREATE FUNCTION data.scientist_open(OUT what text, OUT statement text) RETURNS SETOF record
LANGUAGE plpgsql STABLE AS $$
DECLARE
    _reader CONSTANT text := 'airwatch_scientist';
    _functions CONSTANT text := $f$pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege('airwatch_scientist', oid, 'EXECUTE') AND (proname ~ '^(lo_|pg_(try_)?advisory_)' OR proname IN ('loread', 'lowrite', 'pg_logical_emit_message'))$f$;
    _is_open boolean;
BEGIN
    IF to_regrole(_reader) IS NULL THEN
        RETURN;
    END IF;
    EXECUTE 'SELECT EXISTS (SELECT FROM pg_proc WHERE ' || _functions || ')' INTO _is_open;
    RETURN QUERY
        SELECT 'to make large objects, take our locks, fill the write-ahead log', format(
            $f$DO $do$ DECLARE f regprocedure; BEGIN FOR f IN SELECT oid FROM pg_proc WHERE %s LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %%s FROM PUBLIC; GRANT EXECUTE ON FUNCTION %%1$s TO %I', f); END LOOP; END $do$ $f$,
            _functions, current_user)
        WHERE _is_open
        UNION ALL
        SELECT 'to run code of its own',
               format('REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC; GRANT USAGE ON LANGUAGE plpgsql TO %I', current_user)
        WHERE has_language_privilege(_reader, 'plpgsql', 'USAGE')
        UNION ALL
        SELECT 'to use schema "public"', format('REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT ALL ON SCHEMA public TO %I', current_user)
        WHERE has_schema_privilege(_reader, 'public', 'USAGE') OR has_schema_privilege(_reader, 'public', 'CREATE')
        UNION ALL
        SELECT 'to make temporary tables',
               format('REVOKE ALL ON DATABASE %I FROM PUBLIC; GRANT ALL ON DATABASE %1$I TO %I', current_database(), current_user)
        WHERE has_database_privilege(_reader, current_database(), 'TEMPORARY');
END
$$;

-- Ends of that what we may end.
CREATE OR REPLACE FUNCTION data.public_revoke() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    o record;
BEGIN
    REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA data, serve, auth FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
    FOR o IN SELECT * FROM data.scientist_open() LOOP
        BEGIN
            EXECUTE o.statement;
        EXCEPTION WHEN insufficient_privilege THEN NULL; -- scientist_open goes on telling it
        END;
    END LOOP;
END
$$;
SELECT data.public_revoke();

-- Lets nobody connect by a scientist's login any more: a program that connects again at once would
-- outlive its end.
CREATE FUNCTION auth.scientist_shut(login text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM auth.scientist WHERE scientist = login) THEN
        EXECUTE format('ALTER ROLE %I CONNECTION LIMIT 0', login);
    END IF;
END
$$;

-- Ends a login, and first whatever it is doing; who is no superuser may end what a member does.
CREATE OR REPLACE FUNCTION auth.scientist_drop(login text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM auth.scientist WHERE scientist = login) THEN
        RETURN false;
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', login);
    END IF;
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = login;
    EXECUTE format('DROP ROLE %I', login);
    RETURN true;
END
$$;

-- Makes a person's login, or gives the one there is another password and end. `verifier` is what
-- SCRAM keeps of a password: the password itself never comes here.
CREATE OR REPLACE FUNCTION auth.scientist_put(login text, verifier text, until timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    is_new boolean := to_regrole(quote_ident(login)) IS NULL;
BEGIN
    IF verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
        RAISE EXCEPTION 'the password is not a SCRAM verifier';
    END IF;
    IF is_new THEN
        EXECUTE format('CREATE ROLE %I LOGIN IN ROLE airwatch_scientist', login);
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
    EXECUTE format('ALTER ROLE %I CONNECTION LIMIT 8 PASSWORD %L VALID UNTIL %L', login, verifier, coalesce(until, 'infinity'));
    RETURN is_new;
END
$$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA data, auth FROM PUBLIC;
