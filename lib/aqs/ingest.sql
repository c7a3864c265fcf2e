-- name: ingest_parameters
SELECT parameter, floor, ceiling, coalesce(hour_floor, floor) AS hour_floor,
       coalesce(hour_ceiling, ceiling) AS hour_ceiling
FROM data.parameter ORDER BY parameter;

-- name: ingest_turn_try
-- Takes the turn if it is free, and else tells who has it.
SELECT pg_try_advisory_xact_lock(hashtext('observations')) AS taken,
       (SELECT string_agg(application_name, ', ')
        FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
          AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = hashtext('observations')) AS holder;

-- name: ingest_turn
-- Who takes in measurements waits until whoever does so has committed: both may bring the same days.
SELECT pg_advisory_xact_lock(hashtext('observations'));

-- name: ingest_object
-- The raw object of these bytes, made if it is new; and whether it has been read before. The empty
-- update returns also the row that somebody else made meanwhile.
WITH one AS (
    INSERT INTO data.object (sha256, key, name, size_bytes)
    VALUES ($1::text, $2::text, $3::text, $4::bigint)
    ON CONFLICT (sha256) DO UPDATE SET sha256 = excluded.sha256 RETURNING object_id
), back AS (
    DELETE FROM data.object_expired WHERE key = $2::text
)
SELECT object_id,
       EXISTS (SELECT FROM data.ingest i WHERE i.object_id = one.object_id) AS is_known
FROM one;

-- name: ingest_object_reserve
-- The id of a raw object whose hash is not known yet.
SELECT nextval(pg_get_serial_sequence('data.object', 'object_id')) AS object_id;

-- name: ingest_object_claim
-- Makes the raw object under the id that was reserved; no row where its bytes are known already.
WITH one AS (
    INSERT INTO data.object (object_id, sha256, key, name, size_bytes) OVERRIDING SYSTEM VALUE
    VALUES ($1::int, $2::text, $3::text, $4::text, $5::bigint)
    ON CONFLICT (sha256) DO NOTHING RETURNING object_id
), back AS (
    DELETE FROM data.object_expired WHERE key = $3::text
)
SELECT object_id FROM one;

-- name: ingest_object_parameter
-- Keeps what a station CSV was said to hold, so that it can be read again.
UPDATE data.object SET parameter = $2::int WHERE object_id = $1::int;

-- name: ingest_record
-- Records a reading; the first one of an object and moment stays as it was.
INSERT INTO data.ingest (object_id, as_of, n_rows, n_new, n_changed, n_same, n_skipped, n_rejected,
                         skipped, first_day, last_day)
VALUES ($1::int, $2::timestamptz, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint,
        $8::bigint, $9::jsonb, $10::date, $11::date)
ON CONFLICT (object_id, as_of) DO NOTHING;

-- name: ingest_audit
-- Observations changed: by which object, and how many.
INSERT INTO auth.audit (actor, action, object, detail)
VALUES ('airwatch-ingest', 'observations.ingested', $1::text,
        jsonb_build_object('sha256', $2::text, 'new', $3::bigint, 'changed', $4::bigint));

-- name: ingest_notify
-- Tells the servers that observations changed.
SELECT pg_notify('airwatch_serving', 'observations');

-- name: newer_recent
-- The newest day of each station in the month up to a day: mostly one partition.
SELECT site, max(day) AS day
FROM data.observation JOIN data.site USING (site_id)
WHERE parameter = $1::int AND day BETWEEN $2::date - 31 AND $2::date
GROUP BY site ORDER BY site COLLATE "C";

-- name: newer_older
-- The newest day of some stations before that.
SELECT max(day) AS day FROM data.observation
WHERE parameter = $1::int AND day < $2::date - 31
  AND site_id IN (SELECT site_id FROM data.site WHERE site = ANY ($3::text[]));
