#include "border/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "border/export.sql.h"
#include "text/json.h"

static const struct {
    const char *name;
    const struct query *query;
} tables[EXPORT_TABLES] = {
    {"experiments", &sql_export_experiments}, {"runs", &sql_export_runs},
    {"metrics", &sql_export_metrics},         {"logged_models", &sql_export_logged_models},
    {"models", &sql_export_models},           {"versions", &sql_export_versions},
};

static bool
row_write(struct scope *s, void *context, const char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, context) == n ||
           fail(s, ERROR_UNAVAILABLE, "could not write: %s", strerror(errno));
}

static void
close_file(void *file)
{
    fclose(file);
}

// Opens a file under another name, which lines_end gives it when it is whole.
static FILE *
lines_begin(struct scope *s, const char *path)
{
    FILE *file = fopen(scope_print(s, "%s.new", path), "w");
    if (file == NULL)
        return fail_null(s, file_error_kind(errno), "could not make \"%s.new\": %s", path,
                         strerror(errno));
    scope_defer(s, close_file, file);
    return file;
}

static bool
lines_end(struct scope *s, FILE *file, const char *path)
{
    return (fflush(file) == 0 && fsync(fileno(file)) == 0 &&
            rename(scope_print(s, "%s.new", path), path) == 0) ||
           fail(s, ERROR_UNAVAILABLE, "could not write \"%s\": %s", path, strerror(errno));
}

// Writes an artifact's file, unless it is there; it is whole when it has its name.
static bool
artifact_write(struct scope *s, struct store *store, const struct rows *r, size_t i,
               const char *path, struct export_tally *out)
{
    struct store_about about;
    struct stat there;
    int fd;
    const char *slash = strrchr(path, '/');
    if (!store_stat(s, store, rows_text(r, i, "key"), &about)) {
        if (s->kind != ERROR_MISSING)
            return false;
        scope_forgive(s); // the lake's policy let it go
        out->n_missing++;
        return true;
    }
    if (stat(path, &there) == 0 && there.st_size == about.size_bytes) {
        out->n_same++;
        return true;
    }
    out->n_files++;
    return file_make_folders(s, scope_copy_n(s, path, (size_t)(slash - path))) &&
           store_open_object(s, store, rows_text(r, i, "key"), rows_text(r, i, "sha256"), &fd) &&
           file_write_from(s, path, fd);
}

static bool
artifacts_write(struct scope *s, struct db *db, struct store *store, const char *folder,
                FILE *lines, struct export_tally *out)
{
    const char *after[2] = {"", ""};
    size_t n;
    do {
        struct scope page = {0};
        const struct rows *r = DB_QUERY(&page, db, &sql_export_artifacts, after[0], after[1]);
        bool ok = r != NULL;
        n = ok ? rows_count(r) : 0;
        for (size_t i = 0; ok && i < n; i++) {
            struct buf line = buf_open(&page, 256);
            struct json_writer w = {.out = &line};
            const char *path =
                scope_print(&page, "%s%s", rows_text(r, i, "folder"), rows_text(r, i, "name"));
            json_object_begin(&w);
            json_pair_text(&w, "path", path);
            json_pair_text(&w, "sha256", rows_text(r, i, "sha256"));
            json_object_end(&w);
            buf_char(&line, '\n');
            ok = artifact_write(&page, store, r, i,
                                scope_print(&page, "%s/artifacts/%s", folder, path), out) &&
                 row_write(&page, lines, line.text, line.n);
        }
        if (ok && n > 0) {
            after[0] = scope_copy(s, rows_text(r, n - 1, "folder"));
            after[1] = scope_copy(s, rows_text(r, n - 1, "name"));
        }
        ok = ok || fail_as(s, &page);
        scope_close(&page);
        if (!ok)
            return false;
    } while (n > 0);
    return true;
}

bool
export_folder(struct scope *s, struct db *db, struct store *store, const char *folder,
              bool has_files, struct export_tally *out)
{
    *out = (struct export_tally){0};
    if (!file_make_folders(s, folder))
        return false;
    for (size_t i = 0; i < EXPORT_TABLES; i++) {
        const char *path = scope_print(s, "%s/%s.jsonl", folder, tables[i].name);
        FILE *file = lines_begin(s, path);
        out->tables[i] = tables[i].name;
        if (file == NULL ||
            !db_copy_out(s, db, tables[i].query, row_write, file, &out->n_rows[i]) ||
            !lines_end(s, file, path))
            return explain(s, "could not export %s", tables[i].name);
    }
    if (!has_files)
        return true;
    const char *path = scope_print(s, "%s/artifacts.jsonl", folder);
    FILE *file = lines_begin(s, path);
    return file != NULL &&
           (artifacts_write(s, db, store, folder, file, out) ||
            explain(s, "could not export artifacts")) &&
           lines_end(s, file, path);
}
