-- name: migrate_prepare
-- The list of what a database has had; its own first migration, in effect.
CREATE TABLE IF NOT EXISTS public.migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: migrate_list
-- What the database has had, oldest first.
SELECT name, sha256 FROM public.migration ORDER BY name;

-- name: migrate_record
-- Notes one as done.
INSERT INTO public.migration (name, sha256) VALUES ($1::text, $2::text);
