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
     struct ingest_summary *out, struct delivery *more)
{
    int fd;
    const char *path = scope_print(s, "%s/in", h->folder);
    CHECK(file_write(s, path, (struct str){text, strlen(text)}, 0600));
    CHECK(file_open(s, path, &fd));
    const struct ingest_request request = {
        .fd = fd, .name = "in.csv", .as_of = AS_OF, .is_quiet = true};
    return delivery_take(s, h->db, h->store, &request, table, out, more);
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
    struct delivery more;
    struct str text;
    declare(s, db, iris->bytes);
    CHECK(file_read(s, "deploy/sample/iris.csv", 1 << 16, &text));

    CHECK(take(s, &h, "iris", text.at, &got, &more));

    CHECK_TALLY(got, 150, 150, 0, 0, 0, 0);
    CHECK_TEXT(value(s, db,
                     "SELECT string_agg(species || ' ' || n, ', ') AS v FROM (SELECT species, "
                     "count(*) AS n FROM declared.iris GROUP BY species ORDER BY species) AS x"),
               "setosa 50, versicolor 50, virginica 50");
    CHECK_TEXT(
        value(s, db,
              "SELECT round(avg(sepal_length)::numeric, 4)::text AS v FROM processed.table_iris"),
        "5.8433"); // scikit-learn's description of the set tells 5.84
    CHECK(take(s, &h, "iris", text.at, &got, &more));
    CHECK_TALLY(got, 150, 0, 0, 150, 0, 0);
}

TEST_DB(delivery_knows_rows_by_their_key)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct delivery more;
    declare(s, db, KEYED);
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,478\n2,Kiel,NA\n", &got, &more));
    CHECK_TALLY(got, 2, 2, 0, 0, 0, 0);

    CHECK(take(s, &h, "town", "name,height,id\nKiel,5,2\nJena,143,3\nUlm,478,1\n", &got, &more));

    CHECK_TALLY(got, 3, 1, 1, 1, 0, 0);
    CHECK(more.n_removed == 0);
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
    struct delivery more;
    declare(s, db, KEYED);
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,400\n2,Kiel,5\n", &got, &more));
    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,478\n", &got, &more));

    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,400\n2,Kiel,5\n", &got, &more));

    CHECK_TALLY(got, 2, 0, 0, 1, 1, 0);
    CHECK_TEXT(got.skipped, "{\"a later file said otherwise\":1}");
    CHECK_TEXT(value(s, db, "SELECT height::text AS v FROM declared.town WHERE id = 1"), "478");
}

TEST_DB(delivery_keeps_the_last_line_of_a_key)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct delivery more;
    declare(s, db, KEYED);

    CHECK(take(s, &h, "town", "id,name,height\n1,Ulm,400\n1,Ulm,478\n\n", &got, &more));

    CHECK_TALLY(got, 3, 1, 0, 0, 2, 0);
    CHECK_TEXT(got.skipped, "{\"blank line\":1,\"another line of the same key\":1}");
    CHECK_TEXT(value(s, db, "SELECT height::text AS v FROM declared.town"), "478");
}

TEST_DB(delivery_without_a_key_is_a_snapshot)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct delivery more;
    declare(s, db, PLAIN);
    CHECK(take(s, &h, "list", "x,order\n1,a\n1,a\n2,b\n", &got, &more));
    CHECK_TALLY(got, 3, 3, 0, 0, 0, 0); // equal lines are two rows

    CHECK(take(s, &h, "list", "x,order\n1,a\n1,c\n", &got, &more));

    CHECK_TALLY(got, 2, 0, 1, 1, 0, 0);
    CHECK(more.n_removed == 1);
    CHECK_TEXT(
        value(s, db, "SELECT string_agg(\"order\", '' ORDER BY _line) AS v FROM declared.list"),
        "ac");
    CHECK_TEXT(value(s, db, "SELECT count(*)::text AS v FROM data.declared_past"), "2");

    CHECK(take(s, &h, "list", "x,order\n1,a\n1,a\n2,b\n", &got, &more)); // an older one
    CHECK_TALLY(got, 3, 0, 0, 0, 3, 0);
}

TEST_DB(delivery_rejects_lines_and_goes_on)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct delivery more;
    declare(s, db, KEYED);

    CHECK(take(s, &h, "town",
               "id,name,height\nx,Ulm,1\n1,Ulm\n2,Ki\"el,1\n3,Bonn,60\n4,\xff,1\n5,Jena,high\n",
               &got, &more));

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
    struct delivery more;
    declare(s, db, KEYED);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].message == NULL)
            CHECK(take(s, &h, "town", cases[i].text, &got, &more));
        else
            CHECK_FAILS(take(s, &h, "town", cases[i].text, &got, &more), ERROR_INPUT,
                        scope_print(s, "could not ingest \"in.csv\" into table \"town\": %s",
                                    cases[i].message));
    }
    CHECK_FAILS(take(s, &h, "city", "id\n", &got, &more), ERROR_MISSING,
                "there is no table \"city\"; declare it by: airwatch table declare FILE.json");
    CHECK_TEXT(value(s, db, "SELECT count(*)::text AS v FROM data.object"), "1");
}

TEST_DB(delivery_splits_at_the_declared_delimiter)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct delivery more;
    declare(s, db,
            "{\"name\": \"t\", \"delimiter\": \";\", \"header\": \"none\", \"columns\": ["
            "{\"name\": \"a\", \"type\": \"text\"}, {\"name\": \"b\", \"type\": \"text\"}]}");

    CHECK(take(s, &h, "t", "1,5;x\n\"a;b\";\"c,\"\"d\"\n", &got, &more));

    CHECK_TALLY(got, 2, 2, 0, 0, 0, 0);
    CHECK_TEXT(
        value(s, db, "SELECT string_agg(a || '|' || b, ' ' ORDER BY _line) AS v FROM declared.t"),
        "1,5|x a;b|c,\"d");
}

TEST_DB(delivery_fills_each_type)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct delivery more;
    declare(
        s, db,
        "{\"name\": \"t\", \"columns\": [{\"name\": \"b\", \"type\": \"boolean\"}, {\"name\": "
        "\"d\", \"type\": \"day\"}, {\"name\": \"t\", \"type\": \"time\"}, {\"name\": \"i\", "
        "\"type\": \"integer\"}, {\"name\": \"c\", \"type\": \"category\", \"allowed\": {\"0\": "
        "\"no\"}}]}");

    CHECK(take(s, &h, "t", "b,d,t,i,c\nyes,2016-02-29,2016-02-29 23:59:58,-12,0\n", &got, &more));

    CHECK_TEXT(value(s, db, "SELECT concat_ws(' ', b, d, t, i, c) AS v FROM declared.t"),
               "t 2016-02-29 2016-02-29 23:59:58+00 -12 no");
}

TEST_DB(delivery_goes_on_after_a_compatible_change)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct delivery more;
    CHECK(declare(s, db, PLAIN) == DECLARED_NEW);
    CHECK(take(s, &h, "list", "x,order\n1,a\n", &got, &more));
    CHECK(declare(s, db, PLAIN) == DECLARED_SAME);

    CHECK(declare(s, db,
                  "{\"name\": \"list\", \"columns\": [{\"name\": \"note\", \"type\": \"text\", "
                  "\"nullable\": true}, {\"name\": \"x\", \"type\": \"number\", \"nullable\": "
                  "true}, {\"name\": \"order\", \"type\": \"text\"}]}") == DECLARED_CHANGED);

    CHECK(take(s, &h, "list", "x,order,note\n1,a,\n,b,new\n", &got, &more));
    CHECK_TALLY(got, 2, 1, 0, 1, 0, 0);
    CHECK_TEXT(value(s, db, "SELECT note AS v FROM processed.table_list WHERE x IS NULL"), "new");
}

TEST_DB(delivery_dry_keeps_nothing)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct delivery more;
    int fd;
    const char *path = scope_print(s, "%s/in", h.folder), *text = "x,order\n1,a\n";
    declare(s, db, PLAIN);
    CHECK(file_write(s, path, (struct str){text, strlen(text)}, 0600) && file_open(s, path, &fd));
    const struct ingest_request request = {
        .fd = fd, .name = "in", .as_of = AS_OF, .is_quiet = true, .is_dry_run = true};

    CHECK(delivery_take(s, db, h.store, &request, "list", &got, &more));

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
    struct delivery more;
    struct str text;
    declare(s, db, KEYED);
    CHECK(take(s, &h, "town", "id,name,height\n2,\"Kiel, an der Förde\",NA\n1,Ulm,478.5\n", &got,
               &more));

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
    struct delivery more;
    struct extract made;
    declare(s, db, PLAIN);
    CHECK(take(s, &h, "list", "x,order\n1,a\n", &got, &more));

    CHECK_FAILS(extract_make(s, db, h.store, "list", AS_OF - 1, -1, &made), ERROR_INPUT,
                "table \"list\" has rows of 2023-11-14T22:13:20Z, which is after --as-of");
}
