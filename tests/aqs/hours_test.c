#include "aqs/record.h"

#include "house.h"

#define HEADER                                                                                     \
    "\"State Code\",\"County Code\",\"Site Num\",\"Parameter Code\",\"POC\",\"Latitude\","         \
    "\"Longitude\",\"Datum\",\"Parameter Name\",\"Date Local\",\"Time Local\",\"Date GMT\","       \
    "\"Time GMT\",\"Sample Measurement\",\"Units of Measure\",\"MDL\",\"Uncertainty\","            \
    "\"Qualifier\",\"Method Type\",\"Method Code\",\"Method Name\",\"State Name\","                \
    "\"County Name\",\"Date of Last Change\"\n"
#define OZONE "44201", "Parts per million"
#define PM "88101", "Micrograms/cubic meter (LC)"
#define CO "42101", "Parts per million"
#define SO2 "42401", "Parts per billion"
#define NORTH "61104", "Degrees Compass"
#define TEMPERATURE "62101", "Degrees Fahrenheit"

static const struct query find_days = {
    "t_days", "SELECT day, value, n_hours, grade, method, object_id FROM data.observation "
              "ORDER BY day, parameter"};
static const struct query find_hours = {
    "t_hours", "SELECT day, hour, value, qualifier, method, poc, parameter FROM data.sample "
               "ORDER BY day, hour"};
static const struct query find_hours_past = {
    "t_hours_past", "SELECT value, object_id, replaced_by FROM data.sample_past"};
static const struct query find_days_past = {
    "t_days_past", "SELECT value, grade FROM data.observation_past ORDER BY value"};

// Adds hours of one day, from the one at `from` on.
static void
hours_put(struct buf *out, const char *parameter, const char *unit, const char *day, int from,
          size_t n, const double values[])
{
    for (size_t i = 0; i < n; i++)
        buf_print(out,
                  "\"37\",\"183\",\"0014\",\"%s\",1,35.85,-78.57,\"WGS84\",\"X\",\"%s\","
                  "\"%02d:00\",\"\",\"\",%g,\"%s\",0.005,\"\",\"\",\"FEM\",\"047\",\"UV\","
                  "\"North Carolina\",\"Wake\",\"2019-06-11\"\n",
                  parameter, day, from + (int)i, values[i], unit);
}

static void
level_put(struct buf *out, const char *parameter, const char *unit, const char *day, int from,
          int to, double value)
{
    for (int hour = from; hour <= to; hour++)
        hours_put(out, parameter, unit, day, hour, 1, &value);
}

static struct buf
file_begun(struct scope *s)
{
    struct buf out = buf_open(s, 4096);
    buf_text(&out, HEADER);
    return out;
}

static const struct rows *
days_of(struct scope *s, struct db *db, size_t n)
{
    const struct rows *r = db_query(s, db, &find_days, 0, NULL);
    CHECK(r != NULL);
    CHECK(rows_count(r) == n);
    return r;
}

TEST_DB(hours_are_kept_with_method_and_qualifier)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               HEADER "\"37\",\"183\",\"0014\",\"44201\",2,35.85,-78.57,\"WGS84\",\"Ozone\","
                      "\"2017-06-18\",\"23:00\",\"2017-06-19\",\"04:00\",0.013,"
                      "\"Parts per million\",0.005,\"\",\"V - Validated Value.\",\"FEM\",\"047\","
                      "\"UV\",\"North Carolina\",\"Wake\",\"2019-06-11\"\n",
               &got));

    CHECK(got.n_rows == 1 && got.n_new == 1 && got.has_hours && got.n_days_new == 0);
    const struct rows *r = db_query(s, db, &find_hours, 0, NULL);
    CHECK(r != NULL && rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "day"), "2017-06-18");
    CHECK(rows_int(r, 0, "hour") == 23);
    CHECK(rows_number(r, 0, "value") == 0.013);
    CHECK_TEXT(rows_text(r, 0, "qualifier"), "V");
    CHECK(rows_int(r, 0, "method") == 47 && rows_int(r, 0, "poc") == 2);
}

TEST_DB(hours_without_method_code_are_taken)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               "State Code,County Code,Site Num,Parameter Code,POC,Latitude,Longitude,Date Local,"
               "Time Local,Sample Measurement,Units of Measure,Qualifier\n"
               "37,183,0014,88101,3,35.85,-78.57,2014-01-01,05:00,-3.5,Micrograms/cubic meter "
               "(LC),\n",
               &got));

    const struct rows *r = db_query(s, db, &find_hours, 0, NULL);
    CHECK(got.n_new == 1 && rows_is_null(r, 0, "method") && rows_is_null(r, 0, "qualifier"));
}

// Adds an object of the API's sampleData.
static void
sample_put(struct buf *out, int hour, const char *value, const char *qualifier,
           const char *duration)
{
    buf_print(out,
              "%s{\"state_code\":\"37\",\"county_code\":\"183\",\"site_number\":\"0014\","
              "\"parameter_code\":\"44201\",\"poc\":1,\"latitude\":35.8,\"longitude\":-78.5,"
              "\"date_local\":\"2017-06-18\",\"time_local\":\"%02d:00\","
              "\"sample_measurement\":%s,\"units_of_measure\":\"Parts per million\","
              "\"sample_duration\":\"%s\",\"qualifier\":%s,\"method_code\":\"047\"}",
              hour == 0 ? "{\"Header\":[{\"status\":\"Success\"}],\"Data\":[" : ",", hour, value,
              duration, qualifier);
}

TEST_DB(hours_that_are_missing_are_counted_by_their_qualifier)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf answer = buf_open(s, 4096);
    sample_put(&answer, 0, "0.02", "null", "1 HOUR");
    sample_put(&answer, 1, "null", "\"BF - Precision/Zero/Span.\"", "1 HOUR");
    sample_put(&answer, 2, "null", "\"BF - Precision/Zero/Span.\"", "1 HOUR");
    sample_put(&answer, 3, "null", "null", "1 HOUR");
    sample_put(&answer, 4, "0.02", "null", "5 MINUTE");
    buf_text(&answer, "]}");

    CHECK(take(s, &h, answer.text, &got));

    CHECK(got.n_rows == 5 && got.n_new == 1 && got.n_skipped == 4 && got.n_rejected == 0);
    CHECK_TEXT(got.skipped, "{\"not an hourly sample\":1,\"no value\":1,"
                            "\"no value: BF - Precision/Zero/Span.\":2}");
}

TEST_DB(hours_that_cannot_be_are_rejected)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    hours_put(&file, OZONE, "2017-06-18", 0, 2, (double[]){-0.004, -0.006});
    hours_put(&file, PM, "2017-06-18", 0, 1, (double[]){10001});
    hours_put(&file, "88101", "Parts per million", "2017-06-18", 0, 1, (double[]){5});
    hours_put(&file, OZONE, "2017-06-31", 0, 1, (double[]){0.1});
    hours_put(&file, "99999", "X", "2017-06-18", 0, 1, (double[]){0.1});
    hours_put(&file, OZONE, "2017-06-18", 24, 1, (double[]){0.1});

    CHECK(take(s, &h, file.text, &got));

    static const struct query find = {"t_reasons",
                                      "SELECT string_agg(line || ' ' || reason, '; ' ORDER BY line)"
                                      " AS reasons FROM data.reject"};
    const struct rows *r = db_query(s, db, &find, 0, NULL);
    CHECK(got.n_new == 1 && got.n_rejected == 6);
    CHECK_TEXT(rows_text(r, 0, "reasons"),
               "3 value -0.006 is below -0.005; 4 value 10001 is above 10000; "
               "5 unit \"Parts per million\" is not Micrograms/cubic meter; "
               "6 \"2017-06-31\" is not a day; 7 parameter 99999 is unknown; "
               "8 time \"24:00\" is not a full hour");
}

// Means 4.15 and -0.35 of 18 hours lose their second decimal; 17 hours are no day.
TEST_DB(days_of_particles_are_means_of_18_hours_cut_toward_zero)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    level_put(&file, PM, "2019-03-01", 0, 8, 4.1);
    level_put(&file, PM, "2019-03-01", 15, 23, 4.2);
    level_put(&file, PM, "2019-03-02", 0, 8, -0.3);
    level_put(&file, PM, "2019-03-02", 9, 17, -0.4);
    level_put(&file, PM, "2019-03-03", 0, 16, 9);
    level_put(&file, PM, "2019-03-04", 0, 23, 4.1);

    CHECK(take(s, &h, file.text, &got));

    const struct rows *r = days_of(s, db, 3);
    CHECK(got.n_new == 77 && got.n_days_new == 3);
    CHECK(rows_number(r, 0, "value") == 4.1);
    CHECK(rows_int(r, 0, "n_hours") == 18 && rows_int(r, 0, "grade") == GRADE_DERIVED);
    CHECK(rows_int(r, 0, "method") == 47);
    CHECK(rows_number(r, 1, "value") == -0.3);
    CHECK(rows_number(r, 2, "value") == 4.1); // 4.1 * 10 is a hair below 41 in a double
}

// The afternoon's eight hours are 0.041 … 0.048: mean 0.0445, cut to 0.044. Hours of 0.0419 count
// as 0.041.
TEST_DB(days_of_ozone_are_the_greatest_of_17_eight_hour_means)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    level_put(&file, OZONE, "2019-07-01", 0, 6, 0.065); // begins before 7: in no window of the day
    level_put(&file, OZONE, "2019-07-01", 7, 11, 0.02);
    hours_put(&file, OZONE, "2019-07-01", 12, 8,
              (double[]){0.0419, 0.042, 0.043, 0.044, 0.045, 0.046, 0.047, 0.048});
    level_put(&file, OZONE, "2019-07-01", 20, 23, 0.02);
    level_put(&file, OZONE, "2019-07-02", 0, 6, 0.01);

    CHECK(take(s, &h, file.text, &got));

    const struct rows *r = days_of(s, db, 1);
    CHECK_TEXT(rows_text(r, 0, "day"), "2019-07-01");
    CHECK(rows_number(r, 0, "value") == 0.044);
    CHECK(rows_int(r, 0, "n_hours") == 24);
}

// With the day's own hours only, the windows at 7 … 18 have six hours: 12, not 13. One hour of the
// next morning makes the one at 19 valid.
TEST_DB(days_of_ozone_need_13_windows_and_wait_for_the_next_morning)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s), next = file_begun(s);
    level_put(&file, OZONE, "2019-12-31", 0, 23, 0.03);
    level_put(&next, OZONE, "2020-01-01", 0, 0, 0.03);

    CHECK(take(s, &h, file.text, &got));
    CHECK(got.n_days_new == 0);
    CHECK(take(s, &h, next.text, &got));

    const struct rows *r = days_of(s, db, 1);
    CHECK(got.n_days_new == 1);
    CHECK_TEXT(rows_text(r, 0, "day"), "2019-12-31");
    CHECK(rows_number(r, 0, "value") == 0.03);
}

// Five hours of 0.12 sum to 0.6 > 0.567: with zeros for the others 0.075, above the standard, so
// the day counts although few windows do. At 0.113 the sum is 0.565.
TEST_DB(days_of_ozone_above_the_standard_count_with_few_hours)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    level_put(&file, OZONE, "2019-07-01", 12, 16, 0.12);
    level_put(&file, OZONE, "2019-07-03", 12, 16, 0.113);
    level_put(&file, OZONE, "2019-07-05", 12, 17, 0.071);
    level_put(&file, OZONE, "2019-07-07", 12, 17, 0.070);

    CHECK(take(s, &h, file.text, &got));

    const struct rows *r = days_of(s, db, 2);
    CHECK_TEXT(rows_text(r, 0, "day"), "2019-07-01");
    CHECK(rows_number(r, 0, "value") == 0.075);
    CHECK_TEXT(rows_text(r, 1, "day"), "2019-07-05");
    CHECK(rows_number(r, 1, "value") == 0.071);
}

// Eight hours from 20:00 to 3:00 have 2.5, the mean of those that end at 3:00: the next day's.
TEST_DB(days_of_carbon_monoxide_are_the_greatest_mean_that_ends_in_them)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    level_put(&file, CO, "2019-01-01", 0, 19, 0.3);
    level_put(&file, CO, "2019-01-01", 20, 23, 2.5);
    level_put(&file, CO, "2019-01-02", 0, 3, 2.5);
    level_put(&file, CO, "2019-01-02", 4, 23, 0.3);

    CHECK(take(s, &h, file.text, &got));

    const struct rows *r = days_of(s, db, 2);
    CHECK(rows_number(r, 0, "value") == 1.4); // (4 * 0.3 + 4 * 2.5) / 8 at 23:00
    CHECK(rows_number(r, 1, "value") == 2.5);
}

TEST_DB(days_of_other_gases_and_weather_follow_their_rules)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    level_put(&file, SO2, "2019-01-01", 0, 16, 3);
    hours_put(&file, SO2, "2019-01-01", 17, 1, (double[]){44.5});
    level_put(&file, NORTH, "2019-01-01", 0, 23, 350);
    level_put(&file, TEMPERATURE, "2019-01-01", 0, 11, -10);
    level_put(&file, TEMPERATURE, "2019-01-01", 12, 23, 5.5);

    CHECK(take(s, &h, file.text, &got));

    const struct rows *r = days_of(s, db, 2); // wind direction has no day
    CHECK(got.n_new == 66);
    CHECK(rows_number(r, 0, "value") == 44.5);
    CHECK(rows_number(r, 1, "value") == -2.25);
}

TEST_DB(hours_again_change_nothing_and_corrected_ones_derive_their_day_anew)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s), better = file_begun(s);
    level_put(&file, PM, "2019-03-01", 0, 23, 10);
    level_put(&file, PM, "2019-03-02", 0, 23, 10);
    level_put(&better, PM, "2019-03-02", 0, 0, 34);
    CHECK(take(s, &h, file.text, &got));

    CHECK(take(s, &h, file.text, &got));
    CHECK(got.n_new == 0 && got.n_changed == 0 && got.n_same == 48);
    CHECK(take(s, &h, better.text, &got));
    CHECK(got.n_new == 0 && got.n_changed == 1);
    CHECK(got.n_days_new == 0 && got.n_days_changed == 1);
    CHECK(rows_number(days_of(s, db, 2), 1, "value") == 11);
    const struct rows *hours = db_query(s, db, &find_hours_past, 0, NULL);
    CHECK(rows_count(hours) == 1 && rows_number(hours, 0, "value") == 10);
    CHECK(rows_int(hours, 0, "object_id") < rows_int(hours, 0, "replaced_by"));
    const struct rows *days = db_query(s, db, &find_days_past, 0, NULL);
    CHECK(rows_count(days) == 1 && rows_number(days, 0, "value") == 10);

    CHECK(take(s, &h, file.text, &got)); // what an earlier object said stays replaced
    CHECK(got.n_changed == 0 && got.n_same == 48);
    CHECK(rows_number(days_of(s, db, 2), 1, "value") == 11);
}

// Five hours of 0.12 make a day only because they are above the standard; corrected ones do not.
TEST_DB(a_derived_day_goes_when_corrected_hours_do_not_make_it)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s), better = file_begun(s);
    level_put(&file, OZONE, "2019-07-01", 12, 16, 0.12);
    level_put(&better, OZONE, "2019-07-01", 12, 16, 0.02);
    CHECK(take(s, &h, file.text, &got) && got.n_days_new == 1);

    CHECK(take(s, &h, better.text, &got));

    days_of(s, db, 0);
    CHECK(got.n_changed == 5 && got.n_days_changed == 1);
    const struct rows *past = db_query(s, db, &find_days_past, 0, NULL);
    CHECK(rows_count(past) == 1 && rows_number(past, 0, "value") == 0.075);
}

TEST_DB(hours_repeated_in_a_file_settle_on_the_later_line)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    hours_put(&file, PM, "2019-03-01", 5, 1, (double[]){1});
    hours_put(&file, PM, "2019-03-01", 5, 1, (double[]){2});

    CHECK(take(s, &h, file.text, &got));

    const struct rows *r = db_query(s, db, &find_hours, 0, NULL);
    CHECK(got.n_new == 1);
    CHECK_TEXT(got.skipped, "{\"repeated in the file\":1}");
    CHECK(rows_count(r) == 1 && rows_number(r, 0, "value") == 2);
}

#define DAILY                                                                                      \
    "{\"Header\":[{\"status\":\"Success\"}],\"Data\":[{\"state_code\":\"37\","                     \
    "\"county_code\":\"183\",\"site_number\":\"0014\",\"parameter_code\":\"88101\",\"poc\":1,"     \
    "\"latitude\":35.8,\"longitude\":-78.5,\"sample_duration\":\"24-HR BLK AVG\","                 \
    "\"date_local\":\"2019-03-01\",\"units_of_measure\":\"Micrograms/cubic meter (LC)\","          \
    "\"event_type\":\"No Events\",\"observation_count\":1,\"arithmetic_mean\":9.9,"                \
    "\"first_max_value\":9.9,\"method_code\":\"170\"}]}"

TEST_DB(a_derived_day_gives_way_to_epas_own)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    level_put(&file, PM, "2019-03-01", 0, 23, 10);
    CHECK(take(s, &h, file.text, &got) && got.n_days_new == 1);

    CHECK(take(s, &h, DAILY, &got));

    const struct rows *r = days_of(s, db, 1);
    CHECK(got.n_changed == 1 && rows_number(r, 0, "value") == 9.9);
    CHECK(rows_int(r, 0, "grade") == GRADE_OWN && rows_is_null(r, 0, "n_hours"));
    const struct rows *past = db_query(s, db, &find_days_past, 0, NULL);
    CHECK(rows_count(past) == 1 && rows_int(past, 0, "grade") == GRADE_DERIVED);
}

TEST_DB(a_derived_day_never_replaces_epas_own)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    struct buf file = file_begun(s);
    level_put(&file, PM, "2019-03-01", 0, 23, 10);
    CHECK(take(s, &h, DAILY, &got) && got.n_new == 1);

    CHECK(take(s, &h, file.text, &got));

    const struct rows *r = days_of(s, db, 1);
    CHECK(got.n_new == 24 && got.n_days_same == 1 && got.n_days_changed == 0);
    CHECK(rows_number(r, 0, "value") == 9.9 && rows_int(r, 0, "grade") == GRADE_OWN);
}
