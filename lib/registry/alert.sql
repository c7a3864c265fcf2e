-- name: alert_open
-- Opens an alert, or renews the words of the open one.
INSERT INTO ops.alert (cause, severity, message, opened_as_of)
VALUES ($1::text, $2::text, $3::text, $4::timestamptz)
ON CONFLICT (cause) WHERE closed_as_of IS NULL
DO UPDATE SET severity = EXCLUDED.severity, message = EXCLUDED.message;

-- name: alert_close
-- Closes the open alert of a cause; a look at days before it opened says nothing about it.
UPDATE ops.alert SET closed_as_of = $2::timestamptz
WHERE cause = $1::text AND closed_as_of IS NULL AND opened_as_of <= $2::timestamptz;
