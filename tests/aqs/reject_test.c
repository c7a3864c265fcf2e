#include "aqs/reject.h"

#include "aqs/reread.h"

#include "house.h"

static const struct query count_values = {"t_n", "SELECT count(*) AS n FROM data.observation"};
static const struct query find_rejects = {
    "t_left", "SELECT string_agg(line || ' ' || reason, '; ' ORDER BY line) AS all, "
              "count(*) AS n FROM data.reject"};

// Reads the newest object again.
static void
retry(struct scope *s, const struct house *h, struct ingest_summary *out)
{
    const struct ingest_request request = {.as_of = AS_OF, .is_quiet = true};
    const struct rows *r = reject_objects(s, h->db, 0);
    CHECK(r != NULL && rows_count(r) > 0);
    CHECK(reread_object(s, h->db, h->store, (struct reread){r, rows_count(r) - 1}, request, out));
}

static const struct rows *
listed(struct scope *s, struct db *db, struct reject_filter filter, size_t n)
{
    filter.limit = filter.limit == 0 ? 100 : filter.limit;
    const struct rows *r = reject_list(s, db, &filter);
    CHECK(r != NULL);
    CHECK(rows_count(r) == n);
    return r;
}

TEST_DB(rejects_are_listed_by_object_file_and_reason)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    CHECK(take(s, &h, "station,date,pm10\nA,2009-01-01,-99\nA,2009-01-02,20000\nA,x,1\n", &got));
    CHECK(take(s, &h, "station,date,pm10\nB,2009-01-01,-98\n", &got));

    const struct rows *r = listed(s, db, (struct reject_filter){0}, 4);
    CHECK_TEXT(rows_text(r, 0, "content"), "B,2009-01-01,-98"); // the newest object's first
    CHECK(rows_int(r, 1, "line") == 2);
    const int64_t first = rows_int(r, 1, "object_id");
    listed(s, db, (struct reject_filter){.object_id = first}, 3);
    listed(s, db, (struct reject_filter){.file = "test"}, 4);
    listed(s, db, (struct reject_filter){.file = "other"}, 0);
    listed(s, db, (struct reject_filter){.reason = "IS BELOW"}, 2);
    listed(s, db, (struct reject_filter){.reason = "value%above"}, 1);
    r = listed(s, db, (struct reject_filter){.limit = 1}, 1);
    CHECK(rows_int(r, 0, "n_found") == 4);
}

TEST_DB(a_rejected_line_is_shown_in_full_from_its_object)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct str line;
    struct buf text = buf_open(s, 4096);
    buf_text(&text, "station,date,pm10\nA,2009-01-01,1\n\nB,2009-01-02,");
    for (int i = 0; i < 3000; i++)
        buf_char(&text, 'x');
    buf_text(&text, "\n");
    CHECK(take(s, &h, text.text, &got) && got.n_rejected >= 1);

    const struct rows *r = listed(s, db, (struct reject_filter){.reason = "not a number"}, 1);
    CHECK(strlen(rows_text(r, 0, "content")) == 1000);
    r = reject_get(s, db, rows_int(r, 0, "reject_id"));
    CHECK(r != NULL);
    CHECK(reread_line(s, h.store, rows_text(r, 0, "key"), rows_text(r, 0, "sha256"),
                      rows_int(r, 0, "line"), &line));
    CHECK(line.n == 13 + 3000 && memcmp(line.at, "B,2009-01-02,xx", 15) == 0);
    CHECK_FAILS(
        reread_line(s, h.store, rows_text(r, 0, "key"), rows_text(r, 0, "sha256"), 99, &line),
        ERROR_MISSING,
        scope_print(s, "object \"%s\" has no record on line 99", rows_text(r, 0, "key")));
}

TEST_DB(a_rejected_object_of_an_answer_is_shown_in_full)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct str line;
#define ROW(poc)                                                                                   \
    "{\"state_code\":\"37\",\"county_code\":\"183\",\"site_number\":\"0014\","                     \
    "\"parameter_code\":\"88101\",\"poc\":" poc ",\"latitude\":35.8,\"longitude\":-78.5,"          \
    "\"sample_duration\":\"24 HOUR\",\"units_of_measure\":\"Micrograms/cubic meter (LC)\","        \
    "\n\"event_type\":\"None\",\"observation_count\":1,\"arithmetic_mean\":7.5,"                   \
    "\"first_max_value\":7.5,\"method_code\":null,\"date_local\":\"2016-01-01\"}"
    CHECK(take(s, &h, "{\"Data\":[" ROW("1") ",\n" ROW("\"x\"") "]}", &got));

    const struct rows *r = listed(s, db, (struct reject_filter){0}, 1);
    r = reject_get(s, db, rows_int(r, 0, "reject_id"));
    CHECK(rows_int(r, 0, "line") == 3);
    CHECK(reread_line(s, h.store, rows_text(r, 0, "key"), rows_text(r, 0, "sha256"), 3, &line));
    CHECK(str_is(line, ROW("\"x\"")));
#undef ROW
}

TEST_DB(a_retry_takes_what_todays_bounds_let_through)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    CHECK(take(s, &h, "station,date,pm10\nA,2009-01-01,20000\nA,2009-01-02,60000\nA,2009-01-03,5\n",
               &got));
    CHECK(got.n_new == 1 && got.n_rejected == 2);
    CHECK(db_script(s, db, "UPDATE data.parameter SET ceiling = 50000 WHERE parameter = 81102"));

    retry(s, &h, &got);
    CHECK(got.n_new == 1 && got.n_changed == 0 && got.n_same == 1 && got.n_rejected == 1);
    retry(s, &h, &got);
    CHECK(got.n_new == 0 && got.n_changed == 0 && got.n_same == 2 && got.n_rejected == 1);

    const struct rows *r = db_query(s, db, &find_rejects, 0, NULL);
    CHECK_TEXT(rows_text(r, 0, "all"), "3 value 60000 is above 50000"); // today's reason
    CHECK(count_of(s, db, &count_values) == 2);
}

TEST_DB(a_retry_does_not_overrule_what_a_later_object_said)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    static const struct query find = {"t_value", "SELECT value FROM data.observation"};
    CHECK(take(s, &h, "station,date,pm10\nA,2009-01-01,20000\n", &got) && got.n_rejected == 1);
    CHECK(take(s, &h, "station,date,pm10\nA,2009-01-01,20\n", &got) && got.n_new == 1);
    CHECK(db_script(s, db, "UPDATE data.parameter SET ceiling = 50000 WHERE parameter = 81102"));

    retry(s, &h, &got);

    CHECK(got.n_same == 1 && got.n_rejected == 0);
    CHECK(rows_number(db_query(s, db, &find, 0, NULL), 0, "value") == 20);
    CHECK(rows_int(db_query(s, db, &find_rejects, 0, NULL), 0, "n") == 0);
}

// Nineteen hours, one of them from a later object, have the mean 11; with the rejected one, 10,200,
// it is (180 + 29 + 10,200) / 20.
TEST_DB(a_retry_of_hours_derives_the_day_that_a_later_object_had_made)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    static const struct query find = {"t_value", "SELECT value, n_hours FROM data.observation"};
    struct buf file = buf_open(s, 4096), next = buf_open(s, 4096);
    static const char header[] = "State Code,County Code,Site Num,Parameter Code,POC,Latitude,"
                                 "Longitude,Date Local,Time Local,Sample Measurement,"
                                 "Units of Measure,Qualifier\n";
    static const char row[] =
        "37,183,0014,88101,3,35.85,-78.57,2014-01-01,%02d:00,%d,Micrograms/cubic meter (LC),\n";
    buf_text(&file, header);
    for (int hour = 0; hour < 18; hour++)
        buf_print(&file, row, hour, 10);
    buf_print(&file, row, 18, 10200);
    buf_text(&next, header);
    buf_print(&next, row, 19, 29);
    CHECK(take(s, &h, file.text, &got) && got.n_rejected == 1);
    CHECK(take(s, &h, next.text, &got) && got.n_days_changed == 1);
    CHECK(rows_number(db_query(s, db, &find, 0, NULL), 0, "value") == 11);
    CHECK(db_script(s, db, "UPDATE data.parameter SET hour_ceiling = 20000"));

    retry(s, &h, &got);

    const struct rows *r = db_query(s, db, &find, 0, NULL);
    CHECK(got.n_new == 1 && got.n_days_changed == 1);
    CHECK(rows_number(r, 0, "value") == 520.4 && rows_int(r, 0, "n_hours") == 20);
}

// Of 1,200 lines 1,000 are kept; the retry reads the others from the object too.
TEST_DB(a_retry_finds_rejects_beyond_those_that_are_kept)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf text = buf_open(s, 1 << 16);
    buf_text(&text, "station,date,pm10\n");
    for (int i = 0; i < 1200; i++)
        buf_print(&text, "S%d,2009-01-01,20000\n", i);
    CHECK(take(s, &h, text.text, &got) && got.n_rejected == 1200);
    CHECK(rows_int(db_query(s, db, &find_rejects, 0, NULL), 0, "n") == REJECTS_MOST);
    CHECK(rows_int(reject_objects(s, db, 0), 0, "n_rejected") == 1200);
    CHECK(db_script(s, db, "UPDATE data.parameter SET ceiling = 50000 WHERE parameter = 81102"));

    retry(s, &h, &got);

    CHECK(got.n_new == 1200 && got.n_rejected == 0);
    CHECK(count_of(s, db, &count_values) == 1200);
}

TEST_DB(a_retry_remembers_the_parameter_that_was_told)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    static const char text[] = "site,date,value\nA,2001-02-03,150\n";
    const struct ingest_request request = {.fd = file_of(s, h.folder, text, strlen(text)),
                                           .name = "test",
                                           .as_of = AS_OF,
                                           .parameter = 62101,
                                           .is_quiet = true};
    CHECK(ingest_file(s, h.db, h.store, &request, &got) && got.n_rejected == 1);
    CHECK(db_script(s, db, "UPDATE data.parameter SET ceiling = 200 WHERE parameter = 62101"));

    retry(s, &h, &got);

    CHECK(got.n_new == 1 && got.n_rejected == 0);
}

TEST_DB(a_retry_of_what_is_not_there_says_so)
{
    CHECK_FAILS(reject_objects(s, db, 7), ERROR_MISSING, "there is no object 7 that has been read");
    scope_forgive(s);
    CHECK_FAILS(reject_get(s, db, 7), ERROR_MISSING, "there is no reject 7");
}
