-- Any CSV table with a declared schema: each becomes a real, typed table declared.<name>.
--
-- Beside its own columns a declared table has "_line", where the row stood in its file, and
-- "_object_id", who said so; names of the declaration begin with a letter. The primary key is the
-- declaration's, or "_line" where it has none: then the file is a snapshot.
-- Names reach SQL only through format's %I, in the functions of this file.
CREATE SCHEMA declared;

-- What scientists see: views of processed data, table_<name> among them for each declared table.
CREATE SCHEMA processed;

CREATE TABLE data.declared_table (
    name        text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,40}$'),
    declaration jsonb NOT NULL,
    object_id   integer REFERENCES data.object,  -- the newest that rows came from
    declared_at timestamptz NOT NULL DEFAULT now(),
    changed_at  timestamptz NOT NULL DEFAULT now()
);

-- Rows that a later object replaced, or that a later snapshot did without.
CREATE TABLE data.declared_past (
    name           text NOT NULL REFERENCES data.declared_table,
    row            jsonb NOT NULL,               -- its columns and "_line"
    object_id      integer NOT NULL,
    replaced_by    integer NOT NULL,             -- the object that corrected it
    replaced_as_of timestamptz NOT NULL
);
CREATE INDEX ON data.declared_past (name);

-- Which table a reading filled; NULL for observations.
ALTER TABLE data.ingest ADD COLUMN table_name text REFERENCES data.declared_table;

CREATE FUNCTION data.declared_type(type text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE type WHEN 'number' THEN 'double precision' WHEN 'integer' THEN 'bigint'
                     WHEN 'text' THEN 'text' WHEN 'category' THEN 'text'
                     WHEN 'boolean' THEN 'boolean' WHEN 'day' THEN 'date'
                     WHEN 'time' THEN 'timestamptz' END
$$;

-- A declared table's columns, in the declared order.
CREATE VIEW data.declared_column AS
SELECT t.name AS table_name, c.position::integer, c.told ->> 'name' AS name,
       c.told ->> 'type' AS type, data.declared_type(c.told ->> 'type') AS sql_type,
       coalesce(c.told ->> 'unit', '') AS unit,
       coalesce(c.told ->> 'description', '') AS description,
       coalesce((c.told ->> 'nullable')::boolean, false) AS is_nullable,
       coalesce(t.declaration -> 'key', '[]') ? (c.told ->> 'name') AS is_key
FROM data.declared_table t
CROSS JOIN LATERAL jsonb_array_elements(t.declaration -> 'columns') WITH ORDINALITY AS c (told, position);

-- Has processed.table_<name> show a declared table's own columns.
CREATE FUNCTION data.table_show(me text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    seen text := 'table_' || me;
    c record;
BEGIN
    EXECUTE format('DROP VIEW IF EXISTS processed.%I', seen);
    EXECUTE (SELECT format('CREATE VIEW processed.%I AS SELECT %s FROM declared.%I', seen,
                           string_agg(format('%I', name), ', ' ORDER BY position), me)
             FROM data.declared_column WHERE table_name = me);
    FOR c IN SELECT * FROM data.declared_column WHERE table_name = me LOOP
        EXECUTE format('COMMENT ON COLUMN processed.%I.%I IS %L', seen, c.name,
                       concat_ws(': ', nullif(c.unit, ''), nullif(c.description, '')));
    END LOOP;
    IF to_regrole('airwatch_scientist') IS NOT NULL THEN
        EXECUTE format('GRANT SELECT ON processed.%I TO airwatch_scientist', seen);
    END IF;
END
$$;

-- Makes the table of a new declaration, or brings one to what a compatible change says: columns
-- that are new, and those that may be missing now. The program has compared the two.
CREATE FUNCTION data.table_declare(told jsonb) RETURNS void LANGUAGE plpgsql AS $$
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
        EXECUTE format('ALTER TABLE declared.%I ADD PRIMARY KEY (%s)', me, _keys);
    END IF;
    PERFORM data.table_show(me);
END
$$;

-- Makes table_stage, into which the program copies one file's rows: the declared columns in their
-- order, then "_line". Whoever fills the same table waits here for the end of this transaction.
CREATE FUNCTION data.table_stage(me text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM data.declared_table t WHERE t.name = me FOR UPDATE;
    DROP TABLE IF EXISTS pg_temp.table_stage;
    EXECUTE (SELECT format('CREATE TEMPORARY TABLE table_stage (%s, _line bigint NOT NULL) ON COMMIT DROP',
                           string_agg(format('%I %s', name, sql_type), ', ' ORDER BY position))
             FROM data.declared_column WHERE table_name = me);
END
$$;

-- Of staged rows with one key the last line stays; says how many went. That there are none is told
-- at less cost than ranking all rows.
CREATE FUNCTION data.table_stage_single(_keys text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    _is_single boolean;
    n bigint;
BEGIN
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM table_stage GROUP BY %s HAVING count(*) > 1)', _keys) INTO _is_single;
    IF _is_single THEN
        RETURN 0;
    END IF;
    EXECUTE format('DELETE FROM table_stage USING (SELECT ctid AS _place, row_number() OVER '
                   '(PARTITION BY %s ORDER BY _line DESC) AS _rank FROM table_stage) AS _ranked '
                   'WHERE table_stage.ctid = _place AND _rank > 1', _keys);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;

-- Copies all staged rows into a table.
CREATE FUNCTION data.table_fill(me text, _columns text, object integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('INSERT INTO declared.%I (%s, _line, _object_id) SELECT %2$s, _line, $1 FROM table_stage', me, _columns)
    USING object;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;

-- Moves the staged rows of an object into the table, and counts. Of rows with one key the last
-- line stays. A row that differs replaces the one that was there, which is kept; what a later
-- object said stays when an earlier one is read again. Rows that a snapshot no longer has go.
-- Names of our own begin with "_", which no declared name does.
CREATE FUNCTION data.table_settle(me text, object integer, moment timestamptz,
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
           format('ROW(%s) IS DISTINCT FROM ROW(%s)', string_agg(format('n.%I', name), ', ' ORDER BY position),
                  string_agg(format('o.%I', name), ', ' ORDER BY position)),
           coalesce(string_agg(format('%I', name), ', ' ORDER BY position) FILTER (WHERE is_key), '_line'),
           coalesce(string_agg(format('o.%I', name), ', ' ORDER BY position) FILTER (WHERE is_key), 'o._line'),
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
                SELECT n.*, o._object_id AS _past, o._object_id <= $1 AND %2$s AS _differs,
                       o._object_id > $1 AND %2$s AS _is_older
                FROM table_stage n LEFT JOIN declared.%1$I o USING (%3$s)
            ), _kept AS (
                INSERT INTO data.declared_past (name, row, object_id, replaced_by, replaced_as_of)
                SELECT %1$L, to_jsonb(o) - '_object_id', o._object_id, $1, $2
                FROM declared.%1$I o JOIN _met ON (%4$s) = (%5$s) WHERE _met._differs
            ), _changed AS (
                UPDATE declared.%1$I o SET %6$s, _line = _met._line, _object_id = $1
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
                    DELETE FROM declared.%1$I o
                    WHERE NOT EXISTS (SELECT FROM table_stage n WHERE n._line = o._line) RETURNING o.*
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
