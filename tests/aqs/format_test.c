#include "aqs/format.h"

#include "aqs/record.h"

#include "house.h"

static const struct query find_values = {
    "t_values", "SELECT site, day, parameter, poc, value, grade, event, method, n_hours "
                "FROM data.observation JOIN data.site USING (site_id) "
                "ORDER BY site, day, parameter, poc"};

static const struct rows *
values_of(struct scope *s, struct db *db, size_t n)
{
    const struct rows *r = db_query(s, db, &find_values, 0, NULL);
    CHECK(r != NULL);
    CHECK(rows_count(r) == n);
    return r;
}

// Tells a format from names that stand with commas between.
static bool
told(struct scope *s, const char *header, struct format *out)
{
    struct str names[FORMAT_COLUMNS];
    size_t n = 0;
    for (const char *at = header;; at++) {
        const size_t length = strcspn(at, ",");
        names[n++] = (struct str){at, length};
        at += length;
        if (*at == '\0')
            return format_tell(s, n, names, 0, out);
    }
}

TEST(formats_are_told_by_names_whatever_their_order_and_case)
{
    static const struct {
        const char *header;
        enum table_kind kind;
    } cases[] = {
        {"Method Code,1st Max Value,Arithmetic Mean,Observation Count,Event Type,Units of Measure,"
         "Date Local,Sample Duration,Longitude,Latitude,POC,Parameter Code,Site Num,County Code,"
         "State Code",
         TABLE_AIRDATA},
        {"STATE CODE,county_code,Site Num,Parameter Code,POC,Latitude,Longitude,Date Local,"
         "Time Local,Sample Measurement,Units of Measure,Qualifier",
         TABLE_HOURS},
        {"state_code,county_code,site_number,latitude,longitude,elevation,gmt_offset", TABLE_SITES},
        {"state_code,county_code,site_number,parameter_code,latitude,longitude,"
         "monitoring_objective",
         TABLE_SITES},
        {"Date,Source,Site ID,Units,Daily Max 8-hour Ozone Concentration", TABLE_EXPORT},
        {"day,site,88502", TABLE_STATION},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct format format;
        CHECK(told(s, cases[i].header, &format));
        CHECK(format.kind == cases[i].kind);
    }
}

TEST(formats_without_values_are_refused_by_name)
{
    static const struct {
        const char *header, *reason;
    } cases[] = {
        {"state_code,year,metric_used,arithmetic_mean",
         "annualData holds yearly figures; take dailyData"},
        {"state_code,year,quarter", "quarterlyData holds figures of quarters; take dailyData"},
        {"null_code,reported_sample_measurement",
         "transactionsSample holds samples as they were submitted; take sampleData"},
        {"code,value_represented",
         "an answer of the list services holds codes and their names, no values; station names "
         "come with aqs_sites and monitors"},
        {"Date,Source,Site ID,POC,Units,Daily Mean PM2.5 Concentration",
         "column \"AQS Parameter Code\" is missing"},
        {"Date,Source,Site ID,POC,Units",
         "column \"Daily Mean PM2.5 Concentration\" (or that of another pollutant) is missing"},
        {"Date,Source,POC,Units,Daily Mean PM2.5 Concentration",
         "column \"Site ID\" of a daily export of EPA's outdoor-monitor page is missing"},
        {"year,month,day,hour,PM2.5,station", "column \"date\" is missing"},
        {"sepal length,sepal width,species",
         "no known format has the columns sepal length, sepal width, species; the nearest is an "
         "AirData daily file, where \"State Code\" is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct format format;
        CHECK_FAILS(told(s, cases[i].header, &format), ERROR_INPUT, cases[i].reason);
        scope_forgive(s);
    }
}

#define OLD                                                                                        \
    "\"Date\",\"Source\",\"Site ID\",\"POC\",\"Daily Mean PM2.5 Concentration\",\"UNITS\","        \
    "\"DAILY_AQI_VALUE\",\"Site Name\",\"DAILY_OBS_COUNT\",\"PERCENT_COMPLETE\","                  \
    "\"AQS_PARAMETER_CODE\",\"AQS_PARAMETER_DESC\",\"CBSA_CODE\",\"CBSA_NAME\",\"STATE_CODE\","    \
    "\"STATE\",\"COUNTY_CODE\",\"COUNTY\",\"SITE_LATITUDE\",\"SITE_LONGITUDE\"\n"
#define OLD_ROW(day, source, poc, value)                                                           \
    "\"" day "\",\"" source "\",\"370110002\",\"" poc "\",\"" value "\",\"ug/m3 LC\",\"12\","      \
    "\"Linville Falls\",\"1\",\"100.0000\",\"88502\",\"Acceptable PM2.5\",\"\",\"\",\"37\","       \
    "\"North Carolina\",\"011\",\"Avery\",\"35.972347\",\"-81.933072\"\n"

TEST_DB(an_exports_preliminary_value_gives_way_to_aqs_in_the_file_and_later)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               OLD OLD_ROW("01/02/2018", "AQS", "1", "2.9") OLD_ROW(
                   "01/02/2018", "AirNow", "1", "3.5") OLD_ROW("01/03/2018", "AirNow", "1", "3.6"),
               &got));
    CHECK(got.n_new == 2);
    CHECK_TEXT(got.skipped, "{\"preliminary beside AQS's own\":1}");
    CHECK(take(s, &h, OLD OLD_ROW("01/03/2018", "AQS", "1", "3.7"), &got) && got.n_changed == 1);
    CHECK(take(s, &h, OLD OLD_ROW("01/03/2018", "AirNow", "1", "3.8"), &got) && got.n_same == 1);

    const struct rows *r = values_of(s, db, 2);
    CHECK_TEXT(rows_text(r, 0, "site"), "37-011-0002");
    CHECK_TEXT(rows_text(r, 0, "day"), "2018-01-02");
    CHECK(rows_int(r, 0, "parameter") == 88502 && rows_number(r, 0, "value") == 2.9);
    CHECK(rows_int(r, 0, "grade") == GRADE_OWN);
    CHECK(rows_number(r, 1, "value") == 3.7 && rows_int(r, 1, "grade") == GRADE_OWN);
}

TEST_DB(an_exports_newer_header_with_fewer_columns_is_read)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               "Date,Source,Site ID,Daily Max 8-hour Ozone Concentration,Units,Daily AQI Value,"
               "Local Site Name,Daily Obs Count\n"
               "07/04/2024,AirNow,10030010,0.041,ppm,38,\"FAIRHOPE, Alabama\",17\n"
               "07/05/2024,AQS,010030010,,ppm,,\"FAIRHOPE, Alabama\",0\n"
               "07/06/2024,EPA,010030010,0.04,ppm,37,X,17\n"
               "13/06/2022,AQS,010030010,0.04,ppm,37,X,17\n"
               "07/06/2022,AQS,1003001,0.04,ppm,37,X,17\n"
               "07/06/2022,AQS,010030010,0.04,ppb,37,X,17\n",
               &got));

    CHECK(got.n_rows == 6 && got.n_new == 0); // as of 2023
    CHECK_TEXT(got.skipped, "{\"no value\":1,\"after the as-of day\":1}");
    CHECK(got.n_rejected == 4);
    CHECK_TEXT(got.first_reject, "line 4: source \"EPA\" is neither AQS nor AirNow");
}

TEST_DB(what_an_export_does_not_tell_stays)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    CHECK(db_script(s, db,
                    "INSERT INTO data.object (sha256, key, name, size_bytes) VALUES "
                    "(repeat('0', 64), 'k', 'n', 1);"
                    "INSERT INTO data.site (site) VALUES ('37-011-0002');"
                    "SELECT data.observation_years('2018-01-01', '2018-01-01');"
                    "INSERT INTO data.observation SELECT 88502, site_id, '2018-01-02', 1, 2.9, "
                    "NULL, 707, 'I', object_id FROM data.site, data.object"));

    CHECK(take(s, &h, OLD OLD_ROW("01/02/2018", "AQS", "1", "2.9"), &got) && got.n_same == 1);
    CHECK(take(s, &h, OLD OLD_ROW("01/02/2018", "AQS", "1", "3.0"), &got) && got.n_changed == 1);

    const struct rows *r = values_of(s, db, 1);
    CHECK(rows_number(r, 0, "value") == 3 && rows_int(r, 0, "method") == 707);
    CHECK_TEXT(rows_text(r, 0, "event"), "I");
}

TEST_DB(a_station_csv_has_a_row_for_each_value)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(s, &h,
               "site,day,88502,temperature,o3_ppb_8h,poc,latitude,longitude\n"
               "A,2001-02-03,7.5,-40,41,2,50,8\n"
               "A,2001-02-04,NA,141,,2,50,8\n",
               &got));

    CHECK(got.n_rows == 6 && got.n_new == 3 && got.n_skipped == 2 && got.n_rejected == 1);
    const struct rows *r = values_of(s, db, 3);
    CHECK(rows_int(r, 0, "parameter") == 44201 && rows_number(r, 0, "value") == 0.041);
    CHECK(rows_int(r, 1, "parameter") == 62101 && rows_number(r, 1, "value") == -40);
    CHECK(rows_int(r, 2, "parameter") == 88502 && rows_int(r, 2, "poc") == 2);
}

TEST_DB(a_station_csvs_parameter_can_be_told)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    static const char text[] = "site,date,pm25,value\nA,2001-02-03,7.5,8.5\n";
    struct ingest_request request = {.fd = file_of(s, h.folder, text, strlen(text)),
                                     .name = "test",
                                     .as_of = AS_OF,
                                     .parameter = 62201,
                                     .is_quiet = true};

    CHECK(ingest_file(s, h.db, h.store, &request, &got));
    const struct rows *r = values_of(s, db, 1);
    CHECK(rows_int(r, 0, "parameter") == 62201 && rows_number(r, 0, "value") == 8.5);

    static const char several[] = "site,date,pm25,pm10\nA,2001-02-03,7.5,8.5\n";
    request.fd = file_of(s, h.folder, several, strlen(several));
    CHECK_FAILS(ingest_file(s, h.db, h.store, &request, &got), ERROR_INPUT,
                "could not ingest \"test\": 2 columns could hold parameter 62201; name one "
                "\"62201\" or \"value\"");
}

#define WEATHER(parameter, unit, value)                                                            \
    "37,183,0014," parameter ",1,35.8,-78.5,1 HOUR,,2019-03-01," unit ",None,24,100," value ",9,"  \
                                                                                            "5,"
TEST_DB(daily_weather_is_taken_as_given)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;

    CHECK(take(
        s, &h,
        "State Code,County Code,Site Num,Parameter Code,POC,Latitude,Longitude,Sample "
        "Duration,Pollutant Standard,Date Local,Units of Measure,Event Type,Observation "
        "Count,Observation Percent,Arithmetic Mean,1st Max Value,1st Max Hour,Method "
        "Code\n" WEATHER("62101", "Degrees Fahrenheit", "48.2") "040\n" WEATHER("61103", "Knots", "3.25") "020\n" WEATHER(
            "61104", "Degrees Compass",
            "181.5") "020\n" WEATHER("62201", "Percent relative humidity",
                                     "71") "061\n" WEATHER("62103", "Degrees Fahrenheit",
                                                           "33.1") "061\n" WEATHER("64101",
                                                                                   "Millibars",
                                                                                   "1013.2") "014"
                                                                                             "\n" WEATHER("62101",
                                                                                                          "Degrees Centigrade",
                                                                                                          "9") "040\n" WEATHER("62201",
                                                                                                                               "Percent relative humidity",
                                                                                                                               "106") "061\n",
        &got));

    static const int parameters[] = {61103, 61104, 62101, 62103, 62201, 64101};
    static const double values[] = {3.25, 181.5, 48.2, 33.1, 71, 1013.2};
    const struct rows *r = values_of(s, db, 6);
    CHECK(got.n_new == 6 && got.n_rejected == 2);
    for (size_t i = 0; i < 6; i++) {
        CHECK(rows_int(r, i, "parameter") == parameters[i]);
        CHECK(rows_number(r, i, "value") == values[i]);
        CHECK(rows_int(r, i, "n_hours") == 24);
    }
}

static const struct query find_facts = {
    "t_facts", "SELECT name, latitude, elevation_m, gmt_offset_h, land_use, opened_on, closed_on, "
               "state FROM data.site ORDER BY site"};
#define SITES                                                                                      \
    "\"State Code\",\"County Code\",\"Site Number\",\"Latitude\",\"Longitude\",\"Elevation\","     \
    "\"Land Use\",\"Site Established Date\",\"Site Closed Date\",\"GMT Offset\","                  \
    "\"Local Site Name\",\"State Name\"\n"

TEST_DB(lists_of_sites_fill_in_what_is_known_of_stations)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    CHECK(db_script(s, db, "INSERT INTO data.site (site, state) VALUES ('29-071-9003', 'old')"));

    CHECK(take(s, &h,
               SITES
               "\"29\",\"071\",\"9003\",38.5486,-90.83725,207.3,\"AGRICULTURAL\","
               "\"2016-01-01\",\"\",-6,\"Labadie \"\"Plant Site\"\"\",\"Missouri\"\n"
               "\"32\",\"003\",\"1022\",0,0,,\"\",\"1995-07-01\",\"2002-09-30\",-8,\"\",\"\"\n"
               "\"32\",\"003\",\"1023\",95,0,610,\"\",\"\",\"\",-8,\"\",\"\"\n"
               "\"32\",\"003\",\"1024\",36,-115,14625,\"\",\"\",\"\",-8,\"\",\"\"\n"
               "\"32\",\"003\",\"1025\",36,-115,1,\"\",\"\",\"\",-80,\"\",\"\"\n"
               "\"32\",\"003\",\"1026\",36,-115,1,\"\",\"1995-02-30\",\"\",-8,\"\",\"\"\n",
               &got));

    const struct rows *r = db_query(s, db, &find_facts, 0, NULL);
    CHECK(got.n_rows == 6 && got.n_new == 1 && got.n_changed == 1 && got.n_rejected == 4);
    CHECK(rows_count(r) == 2);
    CHECK_TEXT(rows_text(r, 0, "name"), "Labadie \"Plant Site\"");
    CHECK_TEXT(rows_text(r, 0, "state"), "Missouri");
    CHECK(rows_number(r, 0, "elevation_m") == 207.3 && rows_number(r, 0, "gmt_offset_h") == -6);
    CHECK(rows_is_null(r, 0, "closed_on") && rows_is_null(r, 1, "latitude"));
    CHECK(rows_is_null(r, 1, "elevation_m") && rows_is_null(r, 1, "land_use"));
    CHECK_TEXT(rows_text(r, 1, "closed_on"), "2002-09-30");

    static const struct query reasons = {
        "t_reasons",
        "SELECT string_agg(line || ' ' || reason, '; ' ORDER BY line) AS all FROM data.reject"};
    CHECK_TEXT(
        rows_text(db_query(s, db, &reasons, 0, NULL), 0, "all"),
        "4 latitude or longitude is wrong; 5 elevation \"14625\" is not from -500 to 9000; "
        "6 GMT offset \"-80\" is not from -12 to 14; 7 opened_on \"1995-02-30\" is not a day");
}

TEST_DB(an_older_list_of_sites_changes_nothing_again)
{
    const struct house h = house_make(s, db);
    struct ingest_summary got;
    static const char old[] = SITES "37,183,0014,35,-78,1,,,,-5,Old,\n";
    CHECK(take(s, &h, old, &got) && got.n_new == 1);
    CHECK(take(s, &h, SITES "37,183,0014,35,-78,,,,,-5,New,\n", &got) && got.n_changed == 1);

    CHECK(take(s, &h, old, &got) && got.n_same == 1);

    const struct rows *r = db_query(s, db, &find_facts, 0, NULL);
    CHECK_TEXT(rows_text(r, 0, "name"), "New");
    CHECK(rows_number(r, 0, "elevation_m") == 1); // what the later one did not tell stayed
}
