#include "registry/artifact.h"

#include <string.h>

#include "base/file.h"

#include "db.h"
#include "lake.h"

static struct artifact_shelf
shelf_of(struct scope *s, struct db *db)
{
    struct store *store = store_open_dir(s, scope_print(s, "%s/lake", test_folder(s)));
    CHECK(store != NULL);
    return (struct artifact_shelf){db, store, "ana"};
}

static void
put(struct scope *s, const struct artifact_shelf *to, const char *path, const char *bytes)
{
    CHECK(artifact_put(s, to, path, (struct str){bytes, strlen(bytes)}));
}

// What is in a folder, as "name size" or "name/", with blanks between.
static const char *
listed(struct scope *s, const struct artifact_shelf *in, const char *folder)
{
    size_t n;
    struct artifact_entry *entries;
    struct buf out = buf_open(s, 64);
    CHECK(artifact_list(s, in, folder, &n, &entries));
    for (size_t i = 0; i < n; i++)
        if (entries[i].is_folder)
            buf_print(&out, "%s/ ", entries[i].name);
        else
            buf_print(&out, "%s %lld ", entries[i].name, (long long)entries[i].size_bytes);
    return out.text;
}

static const char *
bytes_at(struct scope *s, const struct artifact_shelf *in, const char *path)
{
    bool is_found, is_folder;
    struct artifact_file a;
    struct str bytes;
    CHECK(artifact_find(s, in, path, &is_found, &is_folder, &a));
    if (!is_found)
        return is_folder ? "(folder)" : "(nothing)";
    CHECK(store_get(s, in->store, a.key, 100, a.sha256, &bytes));
    return scope_copy_n(s, bytes.at, bytes.n);
}

TEST_DB(artifact_is_what_was_put_last)
{
    const struct artifact_shelf shelf = shelf_of(s, db);

    CHECK_TEXT(bytes_at(s, &shelf, "1/r/a"), "(nothing)");
    put(s, &shelf, "1/r/a", "one");
    CHECK_TEXT(bytes_at(s, &shelf, "1/r/a"), "one");
    put(s, &shelf, "1/r/a", "two");
    CHECK_TEXT(bytes_at(s, &shelf, "1/r/a"), "two");
    put(s, &shelf, "1/r/a", "");
    CHECK_TEXT(bytes_at(s, &shelf, "1/r/a"), "");
    CHECK_TEXT(bytes_at(s, &shelf, "1/r"), "(folder)");
}

TEST_DB(artifact_list_has_each_folder_once_whatever_sorts_between)
{
    const struct artifact_shelf shelf = shelf_of(s, db);
    static const char *const paths[] = {"r/m/a",   "r/m/b",    "r/m-x/a",      "r/m/c/d", "r/m0/a",
                                        "r/m.txt", "r/m!/a/b", "r/0",          "r/z",     "r0/a",
                                        "r-/a",    "q/a",      "r/\xc3\xa9/a", "r/_%'\""};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        put(s, &shelf, paths[i], "x");

    CHECK_TEXT(listed(s, &shelf, "r"), "0 1 _%'\" 1 m/ m!/ m-x/ m.txt 1 m0/ z 1 \xc3\xa9/ ");
    CHECK_TEXT(listed(s, &shelf, "r/m"), "a 1 b 1 c/ ");
    CHECK_TEXT(listed(s, &shelf, "r/m/c"), "d 1 ");
    CHECK_TEXT(listed(s, &shelf, ""), "q/ r/ r-/ r0/ ");
    CHECK_TEXT(listed(s, &shelf, "r/m/a"), "");
    CHECK_TEXT(listed(s, &shelf, "nowhere"), "");
}

TEST_DB(artifact_is_a_file_or_a_folder)
{
    const struct artifact_shelf shelf = shelf_of(s, db);
    put(s, &shelf, "r/a/b", "x");

    CHECK_FAILS(artifact_put(s, &shelf, "r/a", (struct str){"", 0}), ERROR_INPUT,
                "Invalid path: artifact \"r/a\" is a folder");
    scope_forgive(s);
    CHECK_FAILS(artifact_put(s, &shelf, "r/a/b/c", (struct str){"", 0}), ERROR_INPUT,
                "Invalid path: artifact \"r/a/b/c\" is a folder's, which is a file");
    scope_forgive(s);
    CHECK_FAILS(artifact_put(s, &shelf, "r/../a", (struct str){"", 0}), ERROR_INPUT,
                "Invalid path");
    scope_forgive(s);
    CHECK_TEXT(listed(s, &shelf, "r"), "a/ ");
}

TEST_DB(artifact_delete_takes_a_file_or_a_tree_and_nothing_beside)
{
    static const struct query audited = {
        "t_audited", "SELECT count(*) AS n FROM auth.audit WHERE action = 'artifact.deleted' "
                     "AND object = 'r/m' AND actor = 'ana' AND detail = '{\"files\": 3}'"};
    const struct artifact_shelf shelf = shelf_of(s, db);
    static const char *const paths[] = {"r/m/a", "r/m/b/c", "r/m/b/d", "r/m0", "r/m-", "r/mm/a"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        put(s, &shelf, paths[i], "x");

    CHECK(artifact_delete(s, &shelf, "r/m"));
    CHECK_TEXT(listed(s, &shelf, "r"), "m- 1 m0 1 mm/ ");
    CHECK(artifact_delete(s, &shelf, "r/m0"));
    CHECK(artifact_delete(s, &shelf, "r/m0"));
    CHECK_TEXT(listed(s, &shelf, "r"), "m- 1 mm/ ");
    const struct rows *r = db_query(s, db, &audited, 0, NULL);
    CHECK(r != NULL && rows_int(r, 0, "n") == 1);
}

TEST_DB(artifacts_of_the_same_bytes_are_one_object)
{
    struct store_page page;
    const struct artifact_shelf shelf = shelf_of(s, db);
    put(s, &shelf, "1/a", "same");
    put(s, &shelf, "2/b", "same");

    CHECK(store_list(s, shelf.store, "", "", &page));
    CHECK(page.n == 1);
    CHECK(strncmp(page.entries[0].key, "artifacts/mlflow/", 17) == 0);
}

// The object goes after it was kept and before it gets its name.
TEST_DB(artifact_name_brings_back_what_was_on_its_way_out)
{
    struct store_kept kept;
    const struct artifact_shelf shelf = shelf_of(s, db);

    CHECK(artifact_keep(s, shelf.store, (struct str){"gone", 4}, &kept));
    CHECK(store_delete(s, shelf.store, kept.key));
    CHECK(artifact_name(s, &shelf, "1/a", &kept));
    CHECK_TEXT(bytes_at(s, &shelf, "1/a"), "gone");
}

// Gives so many pieces and breaks off.
static bool
pieces_take(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    int *n_left = context;
    if ((*n_left)-- == 0)
        return fail(s, ERROR_INPUT, "cut short");
    memset(to, 'x', room_bytes);
    *n = room_bytes;
    return true;
}

TEST_DB(artifact_put_takes_a_file_and_leaves_nothing_of_a_broken_one)
{
    int fd;
    struct store_page page;
    const struct artifact_shelf shelf = shelf_of(s, db);
    const char *path = scope_print(s, "%s/x", test_folder(s));
    CHECK(file_write(s, path, (struct str){"of a file", 9}, 0600));
    CHECK(file_open(s, path, &fd));

    CHECK(artifact_put_fd(s, &shelf, "1/a", fd));
    CHECK_TEXT(bytes_at(s, &shelf, "1/a"), "of a file");

    int n_pieces = 3;
    const struct inlet broken = {pieces_take, &n_pieces};
    CHECK_FAILS(artifact_put_inlet(s, &shelf, "1/b", &broken), ERROR_INPUT,
                "could not keep an object under \"artifacts/mlflow\": cut short");
    scope_forgive(s);
    CHECK_TEXT(bytes_at(s, &shelf, "1/b"), "(nothing)");
    CHECK(store_list(s, shelf.store, "", "", &page));
    CHECK(page.n == 1);
}

TEST_DB(artifact_belongs_to_the_experiment_of_its_path)
{
    static const struct {
        const char *path;
        int64_t experiment_id; // 0 for none
    } owned[] = {{"7/r/a", 7},
                 {"7", 7},
                 {"70/r", 0},
                 {"7x/r", 0},
                 {"x/7", 0},
                 {"", 0},
                 {"our/place/r/a", 8},
                 {"our/place", 8},
                 {"our/placebo", 0},
                 {"our", 0},
                 {"our/place/in/it", 8},
                 {"99999999999999999999/r", 0}};
    bool is_found;
    int64_t id;
    CHECK(
        db_script(s, db,
                  "INSERT INTO ml.experiment (experiment_id, name, artifact_location, created_ms, "
                  "updated_ms) OVERRIDING SYSTEM VALUE VALUES "
                  "(7, 'seven', 'mlflow-artifacts:/7', 0, 0), "
                  "(8, 'eight', 'mlflow-artifacts:/our/place/', 0, 0), "
                  "(9, 'nine', 'mlflow-artifacts:/our/place/in', 0, 0), "
                  "(10, 'ten', 'mlflow-artifacts:/', 0, 0), (11, 'eleven', 's3://our', 0, 0)"));
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        CHECK(artifact_experiment(s, db, owned[i].path, &is_found, &id));
        CHECK(is_found == (owned[i].experiment_id != 0) && id == owned[i].experiment_id);
    }
}
