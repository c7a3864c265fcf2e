#include "aqs/aqi.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "aqs/feed.h"
#include "text/csv.h"
#include "text/number.h"

#include "test.h"

struct vector {
    double value;
    int index;
};

static void
vectors_check(struct scope *s, int parameter, size_t n, const struct vector vectors[])
{
    struct aqi got;
    for (size_t i = 0; i < n; i++) {
        CHECK(aqi_of(parameter, vectors[i].value, &got));
        if (got.index != vectors[i].index)
            TEST_DIE("%g has index %d, not %d", vectors[i].value, got.index, vectors[i].index);
    }
}

#define VECTORS_CHECK(parameter, vectors)                                                          \
    vectors_check(s, parameter, sizeof(vectors) / sizeof(vectors)[0], vectors)

// The vectors were computed with code that reproduces 1.36 million values of EPA's AQI column.
TEST(aqi_of_fine_particles_follows_the_table_of_2024)
{
    static const struct vector vectors[] = {
        {0.0, 0},     {4.5, 25},    {8.9, 49},    {9.0, 50},     {9.05, 50},   {9.1, 51},
        {12.0, 56},   {12.1, 57},   {20.0, 71},   {24.2, 79},    {35.0, 99},   {35.4, 100},
        {35.49, 100}, {35.5, 101},  {45.0, 124},  {55.4, 150},   {55.5, 151},  {90.0, 175},
        {125.4, 200}, {125.5, 201}, {150.4, 226}, {200.0, 275},  {225.4, 300}, {225.5, 301},
        {300.0, 449}, {325.4, 500}, {500.0, 848}, {794.9, 1435}, {-3.6, 0},
    };
    VECTORS_CHECK(88101, vectors);
    VECTORS_CHECK(88502, vectors);
}

TEST(aqi_of_ozone_truncates_to_a_thousandth)
{
    static const struct vector vectors[] = {
        {0, 0},       {0.027, 25},  {0.031, 29},  {0.054, 50},  {0.0549, 50},  {0.055, 51},
        {0.060, 67},  {0.063, 77},  {0.065, 84},  {0.070, 100}, {0.0709, 100}, {0.071, 101},
        {0.075, 115}, {0.078, 126}, {0.080, 133}, {0.085, 150}, {0.086, 151},  {0.100, 187},
        {0.105, 200}, {0.106, 201}, {0.200, 300}, {0.250, 300},
    };
    VECTORS_CHECK(44201, vectors);
}

TEST(aqi_of_coarse_particles_truncates_to_whole_micrograms)
{
    static const struct vector vectors[] = {
        {54, 50},   {54.9, 50}, {55, 51},   {100, 73},  {154, 100}, {155, 101}, {254, 150},
        {255, 151}, {354, 200}, {355, 201}, {424, 300}, {425, 301}, {604, 500},
    };
    VECTORS_CHECK(81102, vectors);
}

// Ends of the published bands of EPA-454/B-24-002, table 6.
TEST(aqi_of_gases_meets_its_breakpoints)
{
    static const struct vector co[] = {{4.4, 50}, {4.5, 51}, {9.4, 100}, {15.4, 200}, {50.4, 500}};
    static const struct vector so2[] = {{35, 50}, {75, 100}, {185, 150}, {304, 200}, {400, 200}};
    static const struct vector no2[] = {{53, 50}, {100, 100}, {649, 200}, {2049, 500}};
    VECTORS_CHECK(42101, co);
    VECTORS_CHECK(42401, so2);
    VECTORS_CHECK(42602, no2);
}

TEST(aqi_names_its_category_and_colour)
{
    struct aqi got;

    CHECK(aqi_of(88101, 9.0, &got));
    CHECK_TEXT(got.category, "Good");
    CHECK_TEXT(got.colour, "#00E400");
    CHECK(aqi_of(88101, 40, &got));
    CHECK_TEXT(got.category, "Unhealthy for Sensitive Groups");
    CHECK(aqi_of(88101, 700, &got));
    CHECK_TEXT(got.category, "Hazardous");
    CHECK_TEXT(got.colour, "#7E0023");
}

TEST(aqi_is_absent_for_other_parameters_and_missing_values)
{
    struct aqi got;

    CHECK(!aqi_of(62101, 20, &got));
    CHECK(!aqi_of(88101, NAN, &got));
    CHECK(!aqi_of(88101, INFINITY, &got));
}

struct held { // EPA's own column against ours
    int64_t n, n_wrong;
};

static bool
feed_take(struct scope *s, void *feed, char *to, size_t room_bytes, size_t *n)
{
    return feed_read(s, feed, to, room_bytes, n);
}

static size_t
column_of(struct scope *s, const struct csv_record *header, const char *name)
{
    size_t i = 0;
    while (i < header->n && !str_is(header->fields[i], name))
        i++;
    CHECK(i < header->n);
    return i;
}

// Compares all rows of a file that carry an index. Excluded rows carry that of the included value.
static void
column_hold(struct scope *s, const char *path, const char *index_name, const char *value_name,
            const char *code_name, struct held *held)
{
    const struct csv_record *r;
    const int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    struct feed *feed = feed_open(s, fd);
    CHECK(feed != NULL);
    struct csv *csv = csv_open(s, feed_take, feed, 1 << 16);
    CHECK(csv_next(s, csv, &r) && r != NULL);
    const size_t index = column_of(s, r, index_name), value = column_of(s, r, value_name),
                 code = column_of(s, r, code_name);
    size_t event = 0;
    while (event < r->n && !str_is(r->fields[event], "Event Type"))
        event++;
    while (csv_next(s, csv, &r) && r != NULL) {
        struct aqi got;
        int due, parameter;
        double x;
        if (!number_read_whole(r->fields[index], 100000, &due) ||
            (event < r->n && str_is(r->fields[event], "Excluded")))
            continue;
        CHECK(number_read(r->fields[value], &x));
        CHECK(number_read_whole(r->fields[code], 99999, &parameter));
        CHECK(aqi_of(parameter, x, &got));
        held->n++;
        held->n_wrong += got.index != due;
    }
    close(fd);
}

static void
folder_hold(struct scope *s, const char *folder, const char *begins, const char *columns[3],
            struct held *held)
{
    DIR *dir = opendir(folder);
    CHECK(dir != NULL);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;)
        if (strncmp(e->d_name, begins, strlen(begins)) == 0)
            column_hold(s, scope_print(s, "%s/%s", folder, e->d_name), columns[0], columns[1],
                        columns[2], held);
    closedir(dir);
}

// The exports of PM2.5 that there are have the index by the table of 2012, which nothing here uses.
TEST(aqi_is_epas_own_in_every_row_of_its_files)
{
    static const char *airdata[] = {"AQI", "Arithmetic Mean", "Parameter Code"};
    static const char *ozone[] = {"DAILY_AQI_VALUE", "Daily Max 8-hour Ozone Concentration",
                                  "AQS_PARAMETER_CODE"};
    const bool is_all = getenv("COUNTS") != NULL;
    struct held held = {0};
    if (access("../shared/data", R_OK) != 0)
        return;

    folder_hold(s, "../shared/data/airdata", is_all ? "daily_" : "daily_88502_10sites", airdata,
                &held);
    folder_hold(s, "../shared/data/epa_export", "EPAair_O3", ozone, &held);

    CHECK(held.n > (is_all ? 1000000 : 70000));
    CHECK(held.n_wrong == 0);
}
