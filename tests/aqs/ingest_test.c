#include "aqs/ingest.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zip.h>

#include "base/file.h"

#include "house.h"

#define HEADER                                                                                     \
    "\"State Code\",\"County Code\",\"Site Num\",\"Parameter Code\",\"POC\",\"Latitude\","         \
    "\"Longitude\",\"Datum\",\"Parameter Name\",\"Sample Duration\",\"Pollutant Standard\","       \
    "\"Date Local\",\"Units of Measure\",\"Event Type\",\"Observation Count\",\"Observation "      \
    "Percent\",\"Arithmetic Mean\",\"1st Max Value\",\"1st Max Hour\",\"AQI\",\"Method Code\","    \
    "\"Method Name\",\"Local Site Name\",\"Address\",\"State Name\",\"County Name\",\"City Name\"" \
    ",\"CBSA Name\",\"Date of Last Change\"\n"
// Real lines of daily_88502_2019 (US EPA, public domain); LINE varies what the rules look at.
#define BIRMINGHAM                                                                                 \
    "\"01\",\"073\",\"0023\",\"88502\",1,33.553056,-86.815,\"WGS84\",\"Acceptable PM2.5 AQI & "    \
    "Speciation Mass\",\"24 HOUR\",\"\",\"2019-01-03\",\"Micrograms/cubic meter (LC)\",\"None\","  \
    "1,100.0,3.1,3.1,0,17,\"707\",\"IMPROVE Module A with Cyclone Inlet-Teflon Filter, 2.2 sq. "   \
    "cm. - GRAVIMETRIC\",\"North Birmingham\",\"NO. B'HAM,SOU R.R., 3009 28TH ST. NO.\","          \
    "\"Alabama\",\"Jefferson\",\"Birmingham\",\"Birmingham-Hoover, AL\",\"2024-05-20\"\n"
#define LEEDS_HOURS                                                                                \
    "\"01\",\"073\",\"1010\",\"88502\",3,33.545278,-86.549167,\"WGS84\",\"Acceptable PM2.5 AQI & " \
    "Speciation Mass\",\"1 HOUR\",\"\",\"2019-06-08\",\"Micrograms/cubic meter (LC)\",\"None\","   \
    "24,100.0,8.220833,12.9,22,\"\",\"178\",\"Thermo Scientific 1405 TEOM - Gravimetric\","        \
    "\"Leeds\",\" 201 ASHVILLE ROAD\",\"Alabama\",\"Jefferson\",\"Leeds\",\"Birmingham-Hoover, "   \
    "AL\",\"2024-05-20\"\n"
#define LINE(poc, duration, day, event, value, method)                                             \
    "\"01\",\"073\",\"2003\",\"88101\"," poc                                                       \
    ",33.499722,-86.924167,\"WGS84\",\"PM2.5\",\"" duration "\",\"PM25 24-hour 2012\",\"" day      \
    "\",\"Micrograms/cubic meter (LC)\",\"" event "\",1,100.0," value "," value ",23,29,\"" method \
    "\",\"T640\",\"Wylam\",\"1242 JERSEY ST\","                                                    \
    "\"Alabama\",\"Jefferson\",\"Birmingham\",\"Birmingham-Hoover, AL\",\"2024-05-21\"\n"

static const struct query find_value = {
    "t_value", "SELECT value, event, n_hours, method, o.object_id FROM data.observation o "
               "JOIN data.site USING (site_id) WHERE site = $1 AND day = $2::date"};
static const struct query count_observations = {"t_n",
                                                "SELECT count(*) AS n FROM data.observation"};
static const struct query find_past = {"t_past", "SELECT value, object_id, replaced_by, "
                                                 "replaced_as_of::date::text AS day "
                                                 "FROM data.observation_past"};
static const struct query find_rejects = {
    "t_rejects", "SELECT line, reason, content FROM data.reject ORDER BY line"};
static const struct query count_objects = {"t_objects", "SELECT count(*) AS n FROM data.object"};
static const struct query count_audits = {
    "t_audits", "SELECT count(*) AS n FROM auth.audit WHERE action = 'observations.ingested'"};
static const struct query count_ingests = {"t_ingests", "SELECT count(*) AS n FROM data.ingest"};
static const struct query find_site = {
    "t_site", "SELECT name, state, county, latitude, longitude FROM data.site WHERE site = $1"};

static double
value_at(struct scope *s, struct db *db, const char *site, const char *day)
{
    const struct rows *r = DB_QUERY(s, db, &find_value, site, day);
    CHECK(r != NULL && rows_count(r) == 1);
    return rows_number(r, 0, "value");
}

TEST_DB(ingest_keeps_daily_lines_of_airdata)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h, HEADER BIRMINGHAM LEEDS_HOURS, &got));

    CHECK(got.n_rows == 2 && got.n_new == 1 && got.n_changed == 0 && got.n_same == 0);
    CHECK(got.n_rejected == 0 && got.first_reject == NULL);
    CHECK_TEXT(got.skipped, "{\"not a daily duration\":1}");
    CHECK(value_at(s, db, "01-073-0023", "2019-01-03") == 3.1);
    const struct rows *r = DB_QUERY(s, db, &find_value, "01-073-0023", "2019-01-03");
    CHECK(rows_int(r, 0, "method") == 707 && rows_is_null(r, 0, "n_hours"));
    const struct rows *site = DB_QUERY(s, db, &find_site, "01-073-0023");
    CHECK_TEXT(rows_text(site, 0, "name"), "North Birmingham");
    CHECK_TEXT(rows_text(site, 0, "county"), "Jefferson");
    CHECK(rows_number(site, 0, "latitude") == 33.553056);
}

TEST_DB(ingest_of_the_same_bytes_changes_nothing)
{
    const struct house h = house_make(s, db);
    struct ingest_summary first, again;
    CHECK(take(s, &h, HEADER BIRMINGHAM, &first));

    CHECK(take(s, &h, HEADER BIRMINGHAM, &again));

    CHECK(again.n_new == 0 && again.n_changed == 0 && again.n_same == 1);
    CHECK_TEXT(again.sha256, first.sha256);
    CHECK(count_of(s, db, &count_objects) == 1);
    CHECK(count_of(s, db, &count_ingests) == 1);
    CHECK(count_of(s, db, &count_audits) == 1); // only what changed something
}

TEST_DB(ingest_of_a_correction_keeps_what_it_replaced)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    CHECK(take(s, &h,
               HEADER LINE("1", "24 HOUR", "2019-01-01", "None", "5.5", "145")
                   LINE("1", "24 HOUR", "2019-01-02", "None", "6.5", "145"),
               &got));

    CHECK(take(s, &h,
               HEADER LINE("1", "24 HOUR", "2019-01-01", "None", "5.6", "145")
                   LINE("1", "24 HOUR", "2019-01-02", "None", "6.5", "145")
                       LINE("1", "24 HOUR", "2020-01-03", "None", "7.5", "145"),
               &got));

    CHECK(got.n_new == 1 && got.n_changed == 1 && got.n_same == 1);
    CHECK(value_at(s, db, "01-073-2003", "2019-01-01") == 5.6);
    const struct rows *past = db_query(s, db, &find_past, 0, NULL);
    CHECK(past != NULL && rows_count(past) == 1);
    CHECK(rows_number(past, 0, "value") == 5.5);
    CHECK(rows_int(past, 0, "object_id") < rows_int(past, 0, "replaced_by"));
    CHECK_TEXT(rows_text(past, 0, "day"), "2023-11-14");
}

TEST_DB(ingest_of_old_bytes_after_their_correction_changes_nothing)
{
    const struct house h = house_make(s, db);
    static const char old[] = "station,date,pm10\nA,2009-01-01,1\nA,2009-01-02,2\n";
    struct ingest_summary got;
    CHECK(take(s, &h, old, &got) && got.n_new == 2);
    CHECK(take(s, &h, "station,date,pm10\nA,2009-01-02,3\n", &got) && got.n_changed == 1);

    CHECK(take(s, &h, old, &got));

    CHECK(got.n_new == 0 && got.n_changed == 0 && got.n_same == 2);
    CHECK(value_at(s, db, "A", "2009-01-02") == 3);
}

TEST_DB(ingest_settles_rows_of_one_key_by_the_rules)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               HEADER LINE("1", "24-HR BLK AVG", "2019-01-01", "Included", "90.1",
                           "170") LINE("1", "24-HR BLK AVG", "2019-01-01", "None", "9.1", "170")
                   LINE("1", "24-HR BLK AVG", "2019-01-02", "Excluded", "9.2", "170")
                       LINE("1", "24-HR BLK AVG", "2019-01-03", "None", "8.1", "636")
                           LINE("1", "24-HR BLK AVG", "2019-01-03", "None", "9.9", "236")
                               LINE("1", "24-HR BLK AVG", "2019-01-04", "None", "1", "170")
                                   LINE("1", "24-HR BLK AVG", "2019-01-04", "None", "2", "170")
                                       LINE("2", "24-HR BLK AVG", "2019-01-05", "None", "3", "236"),
               &got));

    CHECK(got.n_rows == 8 && got.n_new == 4 && got.n_skipped == 4);
    CHECK_TEXT(got.skipped, "{\"exceptional event excluded\":1,\"event included elsewhere\":1,"
                            "\"corrected method elsewhere\":1,\"repeated in the file\":1}");
    CHECK(value_at(s, db, "01-073-2003", "2019-01-01") == 90.1);
    CHECK(value_at(s, db, "01-073-2003", "2019-01-03") == 8.1);
    CHECK(value_at(s, db, "01-073-2003", "2019-01-04") == 2); // the later line
    CHECK(value_at(s, db, "01-073-2003", "2019-01-05") == 3); // nothing corrects it
    const struct rows *r = DB_QUERY(s, db, &find_value, "01-073-2003", "2019-01-01");
    CHECK_TEXT(rows_text(r, 0, "event"), "I");
}

TEST_DB(ingest_quarantines_bad_lines_with_their_reason)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               HEADER BIRMINGHAM LINE("1", "24 HOUR", "2019-02-30", "None", "1", "145")
                   LINE("1", "24 HOUR", "2019-02-01", "None", "x1", "145")
                       LINE("1", "24 HOUR", "2019-02-02", "None", "-10.1", "145")
                           LINE("1", "24 HOUR", "2019-02-03", "None", "2000.5", "145")
                               LINE("a", "24 HOUR", "2019-02-04", "None", "1", "145")
                                   LINE("1", "24 HOUR", "2019-02-05", "Odd", "1", "145")
                                       LINE("1", "24 HOUR", "2030-02-06", "None", "1", "145")
                                           LINE("1", "24 HOUR", "2019-02-06", "None", "-9.9",
                                                "145") "\"01\",\"07\n"
                                                       "\"01\",2\xff\n",
               &got));

    static const struct {
        int64_t line;
        const char *reason;
    } due[] = {
        {3, "\"2019-02-30\" is not a day"}, {4, "value \"x1\" is not a number"},
        {5, "value -10.1 is below -10"},    {6, "value 2000.5 is above 2000"},
        {7, "the POC is not a number"},     {8, "event type \"Odd\" is unknown"},
        {11, "a quote is not closed"},      {12, "2 columns, not 29"},
    };
    const struct rows *r = db_query(s, db, &find_rejects, 0, NULL);
    CHECK(got.n_rejected == 8 && got.n_new == 2);
    CHECK_TEXT(got.skipped, "{\"after the as-of day\":1}");
    CHECK(r != NULL && rows_count(r) == 8);
    for (size_t i = 0; i < 8; i++) {
        CHECK(rows_int(r, i, "line") == due[i].line);
        CHECK_TEXT(rows_text(r, i, "reason"), due[i].reason);
    }
    CHECK_TEXT(rows_text(r, 7, "content"), "\"01\",2?");
}

TEST_DB(ingest_cuts_rejects_but_counts_them)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf text = buf_open(s, 1 << 16);
    buf_text(&text, HEADER);
    for (int i = 0; i < 1500; i++)
        buf_print(&text, "\"bad\",%01200d\n", i);

    CHECK(take_bytes(s, &h, text.text, text.n, &got));

    const struct rows *r = db_query(s, db, &find_rejects, 0, NULL);
    CHECK(got.n_rejected == 1500 && got.n_rows == 1500);
    CHECK(strncmp(got.first_reject, "line 2: ", 8) == 0);
    CHECK(r != NULL && rows_count(r) == 1000);
    CHECK(strlen(rows_text(r, 0, "content")) == 1000);
}

static void
check_refused(struct scope *s, const struct house *h, const void *bytes, size_t n,
              const char *reason)
{
    struct ingest_summary got;
    CHECK(!take_bytes(s, h, bytes, n, &got));
    CHECK(s->kind == ERROR_INPUT);
    CHECK_TEXT(s->message, scope_print(s, "could not ingest \"test\": %s", reason));
    scope_forgive(s);
    CHECK(count_of(s, h->db, &count_objects) == 0);
    CHECK(count_of(s, h->db, &count_observations) == 0);
}

TEST_DB(ingest_refuses_what_is_no_file_of_ours)
{
    const struct house h = house_make(s, db);
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"", "the file is empty"},
        {"\x7f\x45LF\x01\x02", "neither CSV, zip nor JSON: the bytes are binary"},
        {"<html>down for maintenance</html>", "the file is a web page"},
        {"a,b,c\n1,2,3\n", "no known format has the columns a, b, c; the nearest is an AirData "
                           "daily file, where \"State Code\" is missing"},
        {"station,pm10\nA,1\n", "column \"date\" is missing"},
        {"station,date,dust\nA,2001-01-01,1\n",
         "column \"pm10\" (or \"pm25\", \"o3_ppb_8h\", another parameter's name or code) is "
         "missing; --parameter tells what \"value\" holds"},
        {"\"a\"b,c\n", "the first line is no CSV header"},
        {"PK\3\4 but no more", "broken zip: Not a zip archive"},
        {"{\"a\":1}", "broken JSON at line 1: not an answer of the AQS API"},
        {"{}", "broken JSON at line 1: \"Data\" is missing: not an answer of the AQS API"},
        {"{\"Header\":[],\"Data\":[]}",
         "broken JSON at line 1: \"Header\" is not an array with an object"},
        {"{\"Header\":[{\"status\":\"Success\"}],\"Data\":[{\"code\":\"01\"}]}",
         "no known format has the columns code; the nearest is an AirData daily file, where "
         "\"State Code\" is missing"},
        {"{\"Header\":[{\"status\":\"Failed\",\"error\":[\"param: too many\"]}],\"Data\":[]}",
         "EPA refused the request: param: too many"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_refused(s, &h, cases[i].text, strlen(cases[i].text), cases[i].reason);
    char *lacking = scope_copy(s, HEADER BIRMINGHAM);
    memcpy(strstr(lacking, "Arithmetic"), "Arithmetik", 10);
    check_refused(s, &h, lacking, strlen(lacking),
                  "column \"Arithmetic Mean\" of an AirData daily file is missing");
}

// Makes a zip of n files with the same text, in memory.
static struct str
zip_of(struct scope *s, int n, const char *text)
{
    zip_error_t error;
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_source_keep(target);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    CHECK(zip != NULL);
    for (int i = 0; i < n; i++)
        CHECK(zip_file_add(zip, scope_print(s, "daily_%d.csv", i),
                           zip_source_buffer(zip, text, strlen(text), 0), 0) >= 0);
    CHECK(zip_close(zip) == 0);
    CHECK(zip_source_open(target) == 0);
    char *bytes = scope_alloc(s, 1 << 20);
    const zip_int64_t size = zip_source_read(target, bytes, 1 << 20);
    zip_source_close(target);
    zip_source_free(target);
    CHECK(size > 0);
    return (struct str){bytes, (size_t)size};
}

TEST_DB(ingest_reads_the_csv_inside_a_zip)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    const struct str zip = zip_of(s, 1, HEADER BIRMINGHAM LEEDS_HOURS);

    CHECK(take_bytes(s, &h, zip.at, zip.n, &got));

    CHECK(got.n_new == 1 && got.n_rows == 2);
    CHECK(value_at(s, db, "01-073-0023", "2019-01-03") == 3.1);
}

TEST_DB(ingest_refuses_broken_and_ambiguous_zips)
{
    const struct house h = house_make(s, db);
    const struct str one = zip_of(s, 1, HEADER BIRMINGHAM), two = zip_of(s, 2, HEADER BIRMINGHAM);

    check_refused(s, &h, two.at, two.n, "the zip holds 2 files, not one");
    check_refused(s, &h, one.at, one.n - 30, "broken zip: Not a zip archive");
    char *damaged = scope_copy_n(s, one.at, one.n);
    memset(damaged + 100, 0x55, 40);
    struct ingest_summary got;
    CHECK(!take_bytes(s, &h, damaged, one.n, &got));
    CHECK(s->kind == ERROR_INPUT);
    scope_forgive(s);
    CHECK(count_of(s, db, &count_observations) == 0);
}

TEST_DB(ingest_refuses_a_zip_that_unpacks_without_end)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf text = buf_open(s, 1 << 22);
    memset(buf_room(&text, 4000000), 'a', 4000000);
    buf_grow(&text, 4000000);
    const struct str zip = zip_of(s, 1, text.text);

    CHECK(!take_bytes(s, &h, zip.at, zip.n, &got));

    CHECK(s->kind == ERROR_LIMIT);
}

#define OBJECT(standard, event, value)                                                             \
    "{\"state_code\":\"37\",\"county_code\":\"183\",\"site_number\":\"0014\","                     \
    "\"parameter_code\":\"44201\",\"poc\":1,\"latitude\":35.856111,\"longitude\":-78.574167,"      \
    "\"sample_duration\":\"8-HR RUN AVG BEGIN HOUR\",\"pollutant_standard\":\"" standard           \
    "\",\"date_local\":\"2017-06-18\",\"units_of_measure\":\"Parts per million\","                 \
    "\"event_type\":\"" event "\",\"observation_count\":17,\"arithmetic_mean\":0.025,"             \
    "\"first_max_value\":" value ",\"first_max_hour\":11,\"aqi\":null,\"method_code\":\"047\","    \
    "\"local_site_name\":\"Mill\\u0062rook \\\"School\\\"\",\"state\":\"North Carolina\","         \
    "\"county\":\"Wake\"}"
#define ANSWER(objects)                                                                            \
    "{\"Header\":[{\"status\":\"Success\",\"rows\":3}],\n\"Data\":[" objects "]}\n"

TEST_DB(ingest_takes_the_canonical_standard_of_an_api_answer)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               ANSWER(OBJECT("Ozone 8-hour 1997", "No Events", "0.031") ",\n" OBJECT(
                   "Ozone 8-hour 2015", "No Events",
                   "0.030") "," OBJECT("Ozone 8-hour 2015", "Events Excluded", "0.029")),
               &got));

    CHECK(got.n_rows == 3 && got.n_new == 1);
    CHECK_TEXT(got.skipped, "{\"another pollutant standard\":1,\"exceptional event excluded\":1}");
    CHECK(value_at(s, db, "37-183-0014", "2017-06-18") == 0.030);
    const struct rows *site = DB_QUERY(s, db, &find_site, "37-183-0014");
    CHECK_TEXT(rows_text(site, 0, "name"), "Millbrook \"School\"");
    const struct rows *r = DB_QUERY(s, db, &find_value, "37-183-0014", "2017-06-18");
    CHECK(rows_int(r, 0, "n_hours") == 17);
}

TEST_DB(ingest_of_no_matching_data_is_no_failure)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               "{\"Header\":[{\"status\":\"No data matched your selection\",\"rows\":0}],"
               "\"Data\":[]}",
               &got));

    CHECK(got.n_rows == 0 && got.n_new == 0);
}

TEST_DB(ingest_of_a_cut_answer_leaves_nothing)
{
    const struct house h = house_make(s, db);
    const char *whole = ANSWER(OBJECT("Ozone 8-hour 2015", "No Events", "0.030"));
    struct ingest_summary got;

    for (size_t n = strlen(whole) - 2; n > 80; n -= 7) {
        CHECK(!take_bytes(s, &h, whole, n, &got));
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
        CHECK(count_of(s, db, &count_observations) == 0);
    }
}

TEST_DB(ingest_of_stations_scales_ozone_and_rebuilds_aqs_codes)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               "site,date,o3_ppb_8h,lon,lat\n170010006,1987-06-03,35.25,-91.404,39.933\n"
               "170010006,1987-06-04,NA,-91.404,39.933\n",
               &got));

    CHECK(got.n_new == 1);
    CHECK_TEXT(got.skipped, "{\"no value\":1}");
    CHECK(value_at(s, db, "17-001-0006", "1987-06-03") == 0.03525);
}

// A file of more than 4 MB is read while it is copied: 40 stations with 1,600 days each.
static struct buf
large_file(struct scope *s, const char *last_value)
{
    struct buf out = buf_open(s, 6 << 20);
    char day[DAY_TEXT];
    buf_text(&out, "station,date,pm10,remark\n");
    for (int station = 0; station < 40; station++)
        for (int i = 0; i < 1600; i++)
            buf_print(&out, "S%d,%s,%d,a remark that makes the file as large as it has to be\n",
                      station, day_format((struct day){14000 + i}, day), i % 50);
    buf_print(&out, "S40,2009-01-01,%s,last\n", last_value);
    return out;
}

#define LARGE_ROWS 64001

TEST_DB(ingest_of_a_large_file_is_right_the_first_time_again_and_corrected)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    const struct buf file = large_file(s, "5"), other = large_file(s, "6");
    static const struct query objects = {"t_n", "SELECT count(*) AS n FROM data.object"};

    CHECK(take(s, &h, file.text, &got));
    CHECK(got.n_new == LARGE_ROWS && got.n_rows == LARGE_ROWS);
    CHECK(got.size_bytes == (int64_t)file.n && got.size_bytes > 4 << 20);
    char sha256[HASH_TEXT];
    CHECK_TEXT(got.sha256, hash_bytes(file.text, file.n, sha256));
    CHECK(take(s, &h, file.text, &got));
    CHECK(got.n_same == LARGE_ROWS && count_of(s, db, &objects) == 1);
    CHECK(take(s, &h, other.text, &got));

    CHECK(got.n_same == LARGE_ROWS - 1 && got.n_changed == 1);
    CHECK(value_at(s, db, "S40", "2009-01-01") == 6 && count_of(s, db, &objects) == 2);
}

// Nothing of it is in the tables, and so nothing of it is in the way of a second copy.
TEST_DB(ingest_of_a_large_file_without_a_good_line_knows_it_again)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = buf_open(s, 6 << 20);
    buf_text(&file, "station,date,pm10,remark\n");
    for (int i = 0; i < 64000; i++)
        buf_text(&file,
                 "S,2009-01-01,none,a remark that makes the file as large as it has to be\n");
    CHECK(take(s, &h, file.text, &got) && got.n_rejected == 64000);

    CHECK(take(s, &h, file.text, &got));

    static const struct query objects = {"t_n", "SELECT count(*) AS n FROM data.object"};
    static const struct query rejects = {"t_n2", "SELECT count(*) AS n FROM data.reject"};
    CHECK(got.n_rejected == 64000);
    CHECK(count_of(s, db, &objects) == 1 && count_of(s, db, &rejects) == 1000);
}

TEST_DB(ingest_of_a_large_file_that_cannot_be_kept_leaves_nothing)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct rlimit limit, less;
    const struct buf file = large_file(s, "5");
    const int fd = file_of(s, h.folder, file.text, file.n);
    const struct ingest_request request = {
        .fd = fd, .name = "test", .as_of = AS_OF, .is_quiet = true};
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    less = limit;
    less.rlim_cur = 2 << 20; // as a full disk
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &less) == 0);

    CHECK(!ingest_file(s, db, h.store, &request, &got));

    CHECK(s->kind == ERROR_UNAVAILABLE && strstr(s->message, "File too large") != NULL);
    scope_forgive(s);
    static const struct query rows = {
        "t_n",
        "SELECT (SELECT count(*) FROM data.object) + (SELECT count(*) FROM data.observation) AS n"};
    CHECK(count_of(s, db, &rows) == 0);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(take(s, &h, file.text, &got) && got.n_new == LARGE_ROWS);
}

TEST_DB(ingest_fills_in_what_was_not_known_of_a_station)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    static const struct query find = {
        "t_site", "SELECT name || ', ' || state || ', ' || county || ', ' || latitude AS text FROM "
                  "data.site"};
    CHECK(take(s, &h, "site,date,pm10,lon,lat\n010730023,2019-01-03,35.2,-86.8,33.5\n", &got));

    CHECK(take(s, &h, HEADER BIRMINGHAM, &got));

    const struct rows *r = db_query(s, db, &find, 0, NULL);
    CHECK(rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "text"), "North Birmingham, Alabama, Jefferson, 33.5");
}

TEST_DB(ingest_makes_no_more_stations_than_it_can_hold)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf text = buf_open(s, 1 << 21);
    buf_text(&text, "station,date,pm10\n");
    for (int i = 0; i <= 100000; i++)
        buf_print(&text, "S%d,2009-01-01,1\n", i);

    CHECK_FAILS(take(s, &h, text.text, &got), ERROR_LIMIT,
                "could not ingest \"test\": line 100002: station \"S100000\" would be one more "
                "than 100000");

    CHECK(count_of(s, db, &count_observations) == 0);
}

TEST_DB(ingest_dry_run_counts_and_changes_nothing)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    const struct ingest_request request = {
        .fd = file_of(s, h.folder, HEADER BIRMINGHAM, strlen(HEADER BIRMINGHAM)),
        .name = "test",
        .as_of = AS_OF,
        .is_dry_run = true,
        .is_quiet = true,
    };

    CHECK(ingest_file(s, db, h.store, &request, &got));

    CHECK(got.n_new == 1);
    CHECK(count_of(s, db, &count_objects) == 0);
    CHECK(count_of(s, db, &count_observations) == 0);
    CHECK(access(scope_print(s, "%s/lake/raw_data", h.folder), F_OK) != 0);
}

static const char stations[] = "station,date,pm10,lon,lat\n"
                               "DEBB051,2009-01-01,21.4,14.05,52.5\n"
                               "DEBB051,2009-01-02,15.1,14.05,52.5\n"
                               "DEBB051,2009-01-03,16.1,14.05,52.5\n"
                               "DEBE032,2009-01-01,30.1,13.2,52.4\n"
                               "DEBE032,2009-01-03,31.1,13.2,52.4\n";

static bool
take_newer(struct scope *s, const struct house *h, const char *day, struct ingest_summary *out)
{
    int64_t as_of;
    CHECK(time_parse(s, day, &as_of));
    const struct ingest_request request = {
        .fd = file_of(s, h->folder, stations, sizeof stations - 1),
        .name = "sample",
        .as_of = as_of,
        .is_quiet = true,
    };
    return ingest_newer(s, h->db, h->store, &request, out);
}

TEST_DB(ingest_newer_brings_what_a_daily_feed_would)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take_newer(s, &h, "2009-01-01", &got) && got.n_rows == 2 && got.n_new == 2);
    CHECK(take_newer(s, &h, "2009-01-01", &got) && got.n_rows == 0);
    CHECK(take_newer(s, &h, "2009-01-02", &got) && got.n_rows == 1 && got.n_new == 1);
    CHECK_TEXT(got.skipped, "{}");
    CHECK(take_newer(s, &h, "2009-02-10", &got) && got.n_rows == 2 && got.n_new == 2);
    CHECK(take_newer(s, &h, "2009-03-30", &got) && got.n_rows == 0);

    CHECK(value_at(s, db, "DEBE032", "2009-01-03") == 31.1);
    CHECK(count_of(s, db, &count_observations) == 5);
}

TEST_DB(ingest_newer_looks_at_its_own_stations_only)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    CHECK(take(s, &h, "station,date,pm10\nELSEWHERE,2009-06-01,5\n", &got) && got.n_new == 1);

    CHECK(take_newer(s, &h, "2009-01-02", &got));

    CHECK(got.n_new == 3);
}

TEST_DB(ingest_newer_takes_lines_in_any_order)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    static const char text[] = "date,station,pm10\n"
                               "2009-01-03,B,1\n2009-01-01,C,2\n2009-01-02,A,3\n"
                               "2009-01-03,C,4\n2009-01-02,B,5\n2009-01-01,170010006,6\n";
    const struct ingest_request request = {.fd = file_of(s, h.folder, text, sizeof text - 1),
                                           .name = "x",
                                           .as_of = AS_OF,
                                           .is_quiet = true};
    CHECK(take(s, &h, "station,date,pm10\n170010006,2009-01-02,9\n", &got) && got.n_new == 1);

    CHECK(ingest_newer(s, db, h.store, &request, &got)); // what is newer than 2009-01-02

    CHECK(got.n_rows == 2 && got.n_new == 2);
}

TEST_DB(ingest_newer_takes_quoted_and_rejects_odd_lines)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    static const char text[] = "\"station\",\"date\",\"pm10\"\r\n\"A\",\"2009-01-01\",1\r\n"
                               "B,2009-01-02,2\r\nC,2009-01-02\r\n\r\n";
    const struct ingest_request request = {.fd = file_of(s, h.folder, text, sizeof text - 1),
                                           .name = "x",
                                           .as_of = AS_OF,
                                           .is_quiet = true};

    CHECK(ingest_newer(s, db, h.store, &request, &got));

    CHECK(got.n_rows == 3 && got.n_new == 2 && got.n_rejected == 1);
    CHECK(value_at(s, db, "A", "2009-01-01") == 1);
}

TEST_DB(ingest_refuses_a_line_above_64_kib)
{
    const struct house h = house_make(s, db);
    struct buf text = buf_open(s, 1 << 17);
    struct ingest_summary got;
    buf_text(&text, "station,date,pm10\nA,2009-01-01,");
    buf_print(&text, "%065535d\nB,2009-01-01,1\n", 1);

    CHECK_FAILS(take_bytes(s, &h, text.text, text.n, &got), ERROR_LIMIT,
                "could not ingest \"test\": line 2 is longer than 65536 bytes");
}

TEST_DB(ingest_newer_refuses_what_it_would_pass_over)
{
    const struct house h = house_make(s, db);
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the file is empty"},
        {"station,date,pm10\nA,2009-01-01,1\n\"B,2009-01-01,2\n",
         "line 3 cannot be read: a quote is not closed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ingest_summary got;
        const struct ingest_request request = {
            .fd = file_of(s, h.folder, cases[i].text, strlen(cases[i].text)),
            .name = "x",
            .as_of = AS_OF};
        CHECK_FAILS(
            ingest_newer(s, db, h.store, &request, &got), ERROR_INPUT,
            scope_print(s, "could not ingest the newer rows of \"x\": %s", cases[i].message));
    }
}

TEST_DB(ingest_of_days_beyond_the_last_partition_sets_them_aside)
{
    const struct house h = house_make(s, db);
    const char *text = "station,date,pm10\nA,2199-12-31,1\nA,2200-01-01,2\nA,9999-12-31,3\n";
    struct ingest_request request = {
        .fd = file_of(s, h.folder, text, strlen(text)), .name = "x\xff", .is_quiet = true};
    struct ingest_summary got;
    CHECK(time_parse(s, "9999-12-31", &request.as_of));

    CHECK(ingest_file(s, db, h.store, &request, &got));

    CHECK(got.n_new == 1);
    CHECK_TEXT(got.skipped, "{\"after the as-of day\":2}");
}

TEST_DB(ingest_newer_refuses_other_formats)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    const struct ingest_request request = {
        .fd = file_of(s, h.folder, HEADER, strlen(HEADER)), .name = "x", .as_of = AS_OF};

    CHECK_FAILS(ingest_newer(s, db, h.store, &request, &got), ERROR_INPUT,
                "could not ingest the newer rows of \"x\": newer rows can only be taken from a "
                "station,date,value CSV");
}
