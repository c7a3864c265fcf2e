#include "table/delivery.h"

#include "base/file.h"
#include "table/catalogue.h"
#include "table/extract.h"

#include "db.h"
#include "folder.h"

#define AS_OF 1700000000 // 2023-11-14

struct house { // where a test ingests
    struct db *db;
    const char *folder;
    struct store *store;
};

static struct house
house_make(struct scope *s, struct db *db)
{
    const char *folder = test_folder(s);
    return (struct house){db, folder, store_open_dir(s, scope_print(s, "%s/lake", folder))};
}

static enum declared
declare(struct scope *s, struct db *db, const char *text)
{
    struct declaration d;
    enum declared what = DECLARED_NEW;
    if (!declaration_read(s, text, strlen(text), &d) || !catalogue_declare(s, db, &d, &what))
        TEST_DIE("%s", s->message);
    return what;
}

static bool
take(struct scope *s, const struct house *h, const char *table, const char *text,
     struct ingest_summary *out)
{
    int fd;
    const char *path = scope_print(s, "%s/in", h->folder);
    CHECK(file_write(s, path, (struct str){text, strlen(text)}, 0600));
    CHECK(file_open(s, path, &fd));
    const struct ingest_request request = {
        .fd = fd, .name = "in.csv", .as_of = AS_OF, .is_quiet = true};
    return delivery_take(s, h->db, h->store, &request, table, out);
}

#define CHECK_TALLY(sum, rows, new, changed, same, skipped, rejected)                              \
    do {                                                                                           \
        CHECK((sum).n_rows == (rows) && (sum).n_new == (new) && (sum).n_changed == (changed));     \
        CHECK((sum).n_same == (same) && (sum).n_skipped == (skipped));                             \
        CHECK((sum).n_rejected == (rejected));                                                     \
    } while (0)

static const char *
value(struct scope *s, struct db *db, const char *sql)
{
    const struct query q = {scope_print(s, "t_%p", (const void *)sql), sql};
    struct query *kept = scope_alloc(s, sizeof *kept);
    memcpy(kept, &q, sizeof q);
    const struct rows *r = db_query(s, db, kept, 0, NULL);
    if (r == NULL || rows_count(r) != 1)
        TEST_DIE("%s: %s", sql, s->message);
    return rows_text(r, 0, "v");
}

#define KEYED                                                                                      \
    "{\"name\": \"town\", \"key\": [\"id\"], \"null_words\": [\"NA\"], \"columns\": ["             \
    "{\"name\": \"id\", \"type\": \"integer\"}, {\"name\": \"name\", \"type\": \"text\"}, "        \
    "{\"name\": \"height\", \"type\": \"number\", \"unit\": \"m\", \"nullable\": true}]}"
#define PLAIN                                                                                      \
    "{\"name\": \"list\", \"columns\": [{\"name\": \"x\", \"type\": \"number\"}, "                 \
    "{\"name\": \"order\", \"type\": \"text\"}]}"

// The shipped file: 150 flowers, 50 of each species (Fisher, 1936).
TEST_DB(delivery_of_the_shipped_irises_is_150_rows)
{
    const struct house h = house_make(s, db);
    const struct asset *iris = catalogue_shipped(s, "iris");
    struct ingest_summary got;
    struct str text;
    declare(s, db, iris->bytes);
    CHECK(file_read(s, "deploy/sample/iris.csv", 1 << 16, &text));

    CHECK(take(s, &h, "iris", text.at, &got));

    CHECK_TALLY(got, 150, 150, 0, 0, 0, 0);
    CHECK_TEXT(value(s, db,
                     "SELECT string_agg(species || ' ' || n, ', ') AS v FROM (SELECT species, "
                     "count(*) AS n FROM declared.iris GROUP BY species ORDER BY species) AS x"),
               "setosa 50, versicolor 50, virginica 50");
    CHECK_TEXT(
        value(s, db,
              "SELECT round(avg(sepal_length)::numeric, 4)::text AS v FROM processed.table_iris"),
        "5.8433"); // scikit-learn's description of the set tells 5.84
    CHECK(take(s, &h, "iris", text.at, &got));
    CHECK_TALLY(got, 150, 0, 0, 150, 0, 0);
}

TEST_DB(delivery_knows_rows_by_their_key)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db, KEYED);
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,478\n2,Kiel,NA\n", &got));
    CHECK_TALLY(got, 2, 2, 0, 0, 0, 0);

    CHECK(take(s, &h, "town", "name,height,id\nKiel,5,2\nJena,143,3\nUlm,478,1\n", &got));

    CHECK_TALLY(got, 3, 1, 1, 1, 0, 0);
    CHECK(got.n_removed == 0);
    CHECK_TEXT(
        value(s, db,
              "SELECT string_agg(id || name || height, ' ' ORDER BY id) AS v FROM declared.town"),
        "1Ulm478 2Kiel5 3Jena143");
    CHECK_TEXT(value(s, db, "SELECT row::text AS v FROM data.declared_past"),
               "{\"id\": 2, \"name\": \"Kiel\", \"_line\": 3, \"height\": null}");
}

TEST_DB(delivery_of_an_earlier_file_again_leaves_what_a_later_one_said)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db, KEYED);
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,400\n2,Kiel,5\n", &got));
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,478\n", &got));

    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,400\n2,Kiel,5\n", &got));

    CHECK_TALLY(got, 2, 0, 0, 1, 1, 0);
    CHECK_TEXT(got.skipped, "{\"a later file said otherwise\":1}");
    CHECK_TEXT(value(s, db, "SELECT height::text AS v FROM declared.town WHERE id = 1"), "478");
}

TEST_DB(delivery_keeps_the_last_line_of_a_key)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db, KEYED);

    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,400\n1,Ulm,478\n\n", &got));

    CHECK_TALLY(got, 3, 1, 0, 0, 2, 0);
    CHECK_TEXT(got.skipped, "{\"blank line\":1,\"another line of the same key\":1}");
    CHECK_TEXT(value(s, db, "SELECT height::text AS v FROM declared.town"), "478");
}

TEST_DB(delivery_without_a_key_is_a_snapshot)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db, PLAIN);
    CHECK(take(s, &h, "list", "x,order\n1,a\n1,a\n2,b\n", &got));
    CHECK_TALLY(got, 3, 3, 0, 0, 0, 0); // equal lines are two rows

    CHECK(take(s, &h, "list", "x,order\n1,a\n1,c\n", &got));

    CHECK_TALLY(got, 2, 0, 1, 1, 0, 0);
    CHECK(got.n_removed == 1);
    CHECK_TEXT(
        value(s, db, "SELECT string_agg(\"order\", '' ORDER BY _line) AS v FROM declared.list"),
        "ac");
    CHECK_TEXT(value(s, db, "SELECT count(*)::text AS v FROM data.declared_past"), "2");

    CHECK(take(s, &h, "list", "x,order\n1,a\n1,a\n2,b\n", &got)); // an older one
    CHECK_TALLY(got, 3, 0, 0, 0, 3, 0);
}

TEST_DB(delivery_rejects_lines_and_goes_on)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db, KEYED);

    CHECK(take(s, &h, "town",
               "id,name,height\nx,Ulm,1\n1,Ulm\n2,Ki\"el,1\n3,Bonn,60\n4,\xff,1\n5,Jena,high\n",
               &got));

    CHECK_TALLY(got, 6, 1, 0, 0, 0, 5);
    CHECK_TEXT(got.first_reject, "line 2: id \"x\" is not a whole number of at most 18 digits");
    CHECK_TEXT(value(s, db,
                     "SELECT string_agg(line || ': ' || reason, E'\\n' ORDER BY line) AS v FROM "
                     "data.reject"),
               "2: id \"x\" is not a whole number of at most 18 digits\n"
               "3: 2 fields instead of 3\n"
               "4: a quote stands inside a field that has none around it\n"
               "6: name is not UTF-8\n"
               "7: height \"high\" is not a number");
}

TEST_DB(delivery_refuses_a_file_with_another_header)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"id,name\n", NULL}, // the column that is missing may be
        {"id,height\n", "column \"name\" is missing"},
        {"id,name,height,mayor\n", "column \"mayor\" is not declared, nor among those to ignore"},
        {"id,name,id\n", "column \"id\" comes twice in the header"},
        {"\"id,name\n", "the first line is no CSV: a quote is not closed"},
    };
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db, KEYED);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].message == NULL)
            CHECK(take(s, &h, "town", cases[i].text, &got));
        else
            CHECK_FAILS(take(s, &h, "town", cases[i].text, &got), ERROR_INPUT,
                        scope_print(s, "could not ingest \"in.csv\" into table \"town\": %s",
                                    cases[i].message));
    }
    CHECK_FAILS(take(s, &h, "city", "id\n", &got), ERROR_MISSING,
                "there is no table \"city\"; declare it by: airwatch table declare FILE.json");
    CHECK_TEXT(value(s, db, "SELECT count(*)::text AS v FROM data.object"), "1");
}

TEST_DB(delivery_splits_at_the_declared_delimiter)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db,
            "{\"name\": \"t\", \"delimiter\": \";\", \"header\": \"none\", \"columns\": ["
            "{\"name\": \"a\", \"type\": \"text\"}, {\"name\": \"b\", \"type\": \"text\"}]}");

    CHECK(take(s, &h, "t", "1,5;x\n\"a;b\";\"c,\"\"d\"\n", &got));

    CHECK_TALLY(got, 2, 2, 0, 0, 0, 0);
    CHECK_TEXT(
        value(s, db, "SELECT string_agg(a || '|' || b, ' ' ORDER BY _line) AS v FROM declared.t"),
        "1,5|x a;b|c,\"d");
}

TEST_DB(delivery_fills_each_type)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(
        s, db,
        "{\"name\": \"t\", \"columns\": [{\"name\": \"b\", \"type\": \"boolean\"}, {\"name\": "
        "\"d\", \"type\": \"day\"}, {\"name\": \"t\", \"type\": \"time\"}, {\"name\": \"i\", "
        "\"type\": \"integer\"}, {\"name\": \"c\", \"type\": \"category\", \"allowed\": {\"0\": "
        "\"no\"}}]}");

    CHECK(take(s, &h, "t", "b,d,t,i,c\nyes,2016-02-29,2016-02-29 23:59:58,-12,0\n", &got));

    CHECK_TEXT(value(s, db, "SELECT concat_ws(' ', b, d, t, i, c) AS v FROM declared.t"),
               "t 2016-02-29 2016-02-29 23:59:58+00 -12 no");
}

TEST_DB(delivery_goes_on_after_a_compatible_change)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    CHECK(declare(s, db, PLAIN) == DECLARED_NEW);
    CHECK(take(s, &h, "list", "x,order\n1,a\n", &got));
    CHECK(declare(s, db, PLAIN) == DECLARED_SAME);

    CHECK(declare(s, db,
                  "{\"name\": \"list\", \"columns\": [{\"name\": \"note\", \"type\": \"text\", "
                  "\"nullable\": true}, {\"name\": \"x\", \"type\": \"number\", \"nullable\": "
                  "true}, {\"name\": \"order\", \"type\": \"text\"}]}") == DECLARED_CHANGED);

    CHECK(take(s, &h, "list", "x,order,note\n1,a,\n,b,new\n", &got));
    CHECK_TALLY(got, 2, 1, 0, 1, 0, 0);
    CHECK_TEXT(value(s, db, "SELECT note AS v FROM processed.table_list WHERE x IS NULL"), "new");
}

TEST_DB(delivery_dry_keeps_nothing)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    int fd;
    const char *path = scope_print(s, "%s/in", h.folder), *text = "x,order\n1,a\n";
    declare(s, db, PLAIN);
    CHECK(file_write(s, path, (struct str){text, strlen(text)}, 0600) && file_open(s, path, &fd));
    const struct ingest_request request = {
        .fd = fd, .name = "in", .as_of = AS_OF, .is_quiet = true, .is_dry_run = true};

    CHECK(delivery_take(s, db, h.store, &request, "list", &got));

    CHECK_TALLY(got, 1, 1, 0, 0, 0, 0);
    CHECK_TEXT(value(s, db, "SELECT count(*)::text AS v FROM declared.list"), "0");
    CHECK_TEXT(value(s, db, "SELECT count(*)::text AS v FROM data.object"), "0");
}

static struct extract
extracted(struct scope *s, const struct house *h, const char *table)
{
    struct extract made;
    char *path = scope_print(s, "%s/out-XXXXXX", h->folder);
    const int fd = mkstemp(path);
    CHECK(fd >= 0);
    file_defer_close(s, fd);
    if (!extract_make(s, h->db, h->store, table, AS_OF, fd, &made))
        TEST_DIE("%s", s->message);
    return made;
}

TEST_DB(extract_of_the_same_rows_is_the_same_version)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct str text;
    declare(s, db, KEYED);
    CHECK(take(s, &h, "town", "id,name,height\n2,\"Kiel, an der Förde\",NA\n1,Ulm,478.5\n", &got));

    const struct extract first = extracted(s, &h, "town"), again = extracted(s, &h, "town");

    CHECK(first.dataset_id == again.dataset_id && first.n_rows == 2);
    CHECK(store_get(s, h.store, first.key, 1 << 16, first.sha256, &text));
    CHECK_TEXT(text.at, "id,name,height\n1,Ulm,478.5\n2,\"Kiel, an der Förde\",\n");
    CHECK((size_t)first.size_bytes == text.n);
    CHECK_TEXT(value(s, db, "SELECT count(*)::text AS v FROM data.dataset_object"), "1");
}

TEST_DB(extract_knows_nothing_from_after_its_day)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct extract made;
    declare(s, db, PLAIN);
    CHECK(take(s, &h, "list", "x,order\n1,a\n", &got));

    CHECK_FAILS(extract_make(s, db, h.store, "list", AS_OF - 1, -1, &made), ERROR_INPUT,
                "table \"list\" has rows of 2023-11-14T22:13:20Z, which is after --as-of");
}

// Names of ours in SQL are none that a declaration can have.
TEST_DB(delivery_into_columns_of_one_letter_keeps_what_it_replaces)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db,
            "{\"name\": \"letters\", \"key\": [\"n\"], \"columns\": [{\"name\": \"n\", \"type\": "
            "\"integer\"}, {\"name\": \"o\", \"type\": \"text\"}, {\"name\": \"k\", \"type\": "
            "\"text\"}]}");
    CHECK(take(s, &h, "letters", "n,o,k\n1,a,x\n", &got));

    CHECK(take(s, &h, "letters", "n,o,k\n1,b,x\n1,c,x\n", &got));

    CHECK_TALLY(got, 2, 0, 1, 0, 1, 0);
    CHECK_TEXT(value(s, db, "SELECT row::text AS v FROM data.declared_past"),
               "{\"k\": \"x\", \"n\": 1, \"o\": \"a\", \"_line\": 2}");
}

TEST_DB(delivery_into_tables_named_as_another_s_index_or_as_ours)
{
    static const char *const names[] = {"a",           "a_pkey",
                                        "table_stage", "table_out",
                                        "user",        "a23456789a123456789a123456789a123456789ab"};
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        declare(s, db,
                scope_print(s,
                            "{\"name\": \"%s\", \"key\": [\"select\"], \"columns\": [{\"name\": "
                            "\"select\", \"type\": \"text\"}]}",
                            names[i]));
        CHECK(take(s, &h, names[i], scope_print(s, "select\n%s\n", names[i]), &got));
        CHECK(take(s, &h, names[i], scope_print(s, "select\n%s\nx\n", names[i]), &got));
        CHECK_TALLY(got, 2, 1, 0, 1, 0, 0);
    }
}

TEST_DB(delivery_rejects_a_key_that_no_index_takes)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf text = buf_open(s, 1 << 13);
    uint64_t state = 1;
    declare(s, db,
            "{\"name\": \"t\", \"key\": [\"a\", \"b\"], \"columns\": [{\"name\": \"a\", "
            "\"type\": \"text\"}, {\"name\": \"b\", \"type\": \"text\"}]}");
    buf_text(&text, "a,b\n");
    for (size_t n = 1190; n <= 1200; n += 10) { // letters by chance, which nothing packs
        for (size_t i = 0; i <= 2 * n; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            buf_char(&text, i == n ? ',' : (char)('0' + (state >> 33) % 75));
        }
        buf_char(&text, '\n');
    }

    CHECK(take(s, &h, "t", text.text, &got));

    CHECK_TALLY(got, 2, 1, 0, 0, 0, 1);
    CHECK_TEXT(got.first_reject, "line 3: its key has 2408 bytes, more than 2400");
}

TEST_DB(delivery_of_a_snapshot_without_a_good_row_is_refused)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db, PLAIN);
    CHECK(take(s, &h, "list", "x,order\n1,a\n2,b\n", &got));

    CHECK_FAILS(take(s, &h, "list", "x,order\none,a\n\n", &got), ERROR_INPUT,
                "could not ingest \"in.csv\" into table \"list\": none of its 2 lines is a good "
                "row, and as a snapshot it would remove all 2 that are there; line 2: x \"one\" is "
                "not a number");
    CHECK_FAILS(take(s, &h, "list", "x,order\n", &got), ERROR_INPUT,
                "could not ingest \"in.csv\" into table \"list\": none of its 0 lines is a good "
                "row, and as a snapshot it would remove all 2 that are there");
    CHECK_TEXT(value(s, db, "SELECT count(*)::text AS v FROM declared.list"), "2");
}

TEST_DB(catalogue_drop_leaves_objects_readings_and_versions)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    declare(s, db, KEYED);
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,400\nx,Kiel,5\n", &got));
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,478\n", &got));
    extracted(s, &h, "town");

    CHECK(catalogue_drop(s, db, "town"));

    CHECK_TEXT(value(s, db,
                     "SELECT concat_ws(' ', to_regclass('declared.town'), "
                     "to_regclass('processed.table_town'), (SELECT count(*) FROM "
                     "data.declared_past), (SELECT count(*) FROM data.reject), (SELECT count(*) "
                     "FROM data.object), (SELECT count(*) FROM data.ingest WHERE table_name = "
                     "'town'), (SELECT count(*) FROM data.dataset_version WHERE table_name = "
                     "'town')) AS v"),
               "0 0 2 2 1");
    CHECK_FAILS(catalogue_drop(s, db, "town"), ERROR_MISSING,
                "there is no table \"town\"; declare it by: airwatch table declare FILE.json");
    CHECK(declare(s, db, KEYED) == DECLARED_NEW); // and its first file is new again
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,400\n", &got));
    CHECK_TALLY(got, 1, 1, 0, 0, 0, 0);
}

TEST_DB(extract_knows_of_rows_that_only_went_after_its_day)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct extract made;
    declare(s, db, PLAIN);
    CHECK(take(s, &h, "list", "x,order\n1,a\n2,b\n", &got));
    CHECK(db_script(s, db, "UPDATE data.ingest SET as_of = as_of - interval '1 day'"));
    CHECK(take(s, &h, "list", "x,order\n1,a\n", &got));
    CHECK(got.n_new + got.n_changed == 0 && got.n_removed == 1);

    CHECK_FAILS(extract_make(s, db, h.store, "list", AS_OF - 1, -1, &made), ERROR_INPUT,
                "table \"list\" has rows of 2023-11-14T22:13:20Z, which is after --as-of");
}
