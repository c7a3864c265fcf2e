-- Artifacts: names that may be put again, over objects of the lake that never change.

-- A file. Its path is folder and name; the folders are those that files are in.
CREATE TABLE ml.artifact (
    folder     text COLLATE "C" NOT NULL CHECK (folder = '' OR folder LIKE '%/'),
    name       text COLLATE "C" NOT NULL CHECK (name <> '' AND name NOT LIKE '%/%'),
    key        text NOT NULL,                   -- of the object
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint CHECK (size_bytes >= 0),  -- NULL: of an older training's, nobody has asked yet
    put_by     text NOT NULL,
    put_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (folder, name)
);
CREATE INDEX ON ml.artifact (key);

-- An upload in parts. Its id is told to the uploader alone.
CREATE TABLE ml.artifact_upload (
    upload    text PRIMARY KEY,                 -- SHA-256 of the id
    path      text NOT NULL,
    n_parts   integer NOT NULL CHECK (n_parts BETWEEN 1 AND 10000),
    begun_by  text NOT NULL,
    begun_at  timestamptz NOT NULL DEFAULT now(),
    ended_as  text                              -- hash of what it became; NULL while under way
);

CREATE TABLE ml.artifact_part (
    upload     text NOT NULL REFERENCES ml.artifact_upload ON DELETE CASCADE,
    part       integer NOT NULL CHECK (part >= 1),
    key        text NOT NULL,
    sha256     text NOT NULL,
    size_bytes bigint NOT NULL,
    PRIMARY KEY (upload, part)
);
CREATE INDEX ON ml.artifact_part (key);

-- Gives a path its object. Whoever puts a file waits for those who put one where this one has a
-- folder, or below it, so that no name is both. Returns '', or the path that stands in the way.
CREATE FUNCTION ml.artifact_put(its_folder text, its_name text, its_key text, its_sha256 text,
                                its_bytes bigint, actor text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    above text := '';
    part  text;
    below text := its_folder || its_name || '/';
BEGIN
    FOREACH part IN ARRAY string_to_array(rtrim(its_folder, '/'), '/') LOOP
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('artifact ' || above || part, 0));
        IF EXISTS (SELECT FROM ml.artifact a WHERE a.folder = above AND a.name = part) THEN
            RETURN above || part;
        END IF;
        above := above || part || '/';
    END LOOP;
    PERFORM pg_advisory_xact_lock(hashtextextended('artifact ' || its_folder || its_name, 0));
    IF EXISTS (SELECT FROM ml.artifact a
               WHERE a.folder >= below AND a.folder < its_folder || its_name || '0') THEN
        RETURN below;
    END IF;
    INSERT INTO ml.artifact (folder, name, key, sha256, size_bytes, put_by)
    VALUES (its_folder, its_name, its_key, its_sha256, its_bytes, actor)
    ON CONFLICT (folder, name) DO UPDATE
    SET key = excluded.key, sha256 = excluded.sha256, size_bytes = excluded.size_bytes,
        put_by = excluded.put_by, put_at = now();
    RETURN '';
END
$$;

-- Whether artifacts or parts refer to a key.
CREATE FUNCTION ml.artifact_is_kept(one text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM ml.artifact WHERE key = one)
        OR EXISTS (SELECT FROM ml.artifact_part WHERE key = one)
$$;

-- What the lake's upkeep knows is refered to, with artifacts and the parts of uploads: these are
-- held, but an older training's object only as firmly as its version.
ALTER FUNCTION data.lake_reference_make() RENAME TO lake_reference_make_rest;
CREATE FUNCTION data.lake_reference_make() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM data.lake_reference_make_rest();
    INSERT INTO lake_reference AS r
    SELECT each_one.key, max(each_one.sha256), max(each_one.size_bytes), min(each_one.what), 3,
           EXISTS (SELECT FROM data.object_expired e WHERE e.key = each_one.key)
    FROM (SELECT key, sha256, size_bytes, 'artifact' AS what FROM ml.artifact
          UNION ALL
          SELECT key, sha256, size_bytes, 'part of an upload' FROM ml.artifact_part) AS each_one
    GROUP BY each_one.key
    ON CONFLICT (key) DO UPDATE SET hold = 3 WHERE r.key LIKE 'artifacts/mlflow%';
    ANALYZE lake_reference;
END
$$;

CREATE OR REPLACE FUNCTION data.lake_hash(one text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT max(sha256) FROM (
        SELECT sha256 FROM data.object WHERE key = one
        UNION ALL SELECT sha256 FROM data.dataset_version WHERE key = one
        UNION ALL SELECT artifact_sha256 FROM ml.version WHERE artifact_key = one
        UNION ALL SELECT sha256 FROM ml.artifact WHERE key = one
        UNION ALL SELECT sha256 FROM ml.artifact_part WHERE key = one) AS known
$$;

INSERT INTO data.lake_policy (prefix, keep_days) VALUES
    ('artifacts/mlflow/',       7),             -- what no artifact refers to
    ('artifacts/mlflow-parts/', 1)              -- of uploads that nobody ended
ON CONFLICT (prefix) DO NOTHING;

-- Trainings so far: what they made lies where their run's artifacts do.
UPDATE ml.run SET artifact_uri = 'mlflow-artifacts:/' || experiment_id || '/' || run_id || '/artifacts'
WHERE artifact_uri NOT LIKE 'mlflow-artifacts:%';
UPDATE ml.version v SET source = r.artifact_uri || '/model' FROM ml.run r
WHERE r.run_id = v.run_id AND v.artifact_key IS NOT NULL;
INSERT INTO ml.artifact (folder, name, key, sha256, put_by, put_at)
SELECT r.experiment_id || '/' || r.run_id || '/artifacts/model/', 'airwatch.json', v.artifact_key,
       v.artifact_sha256, 'airwatch-train', v.created_at
FROM ml.version v JOIN ml.run r USING (run_id) WHERE v.artifact_key IS NOT NULL;
