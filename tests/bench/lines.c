// tests/bench/lines.c: makes large AirData files of real lines, for the benchmarks.
//
// The lines of the named files, plain or zipped, follow each other as often as it takes. Each time
// their county and site codes are shifted, so that no key comes twice: base 36 has room for 46
// times the 1,000 counties and 168 times the 10,000 sites. Nothing else of a line changes, but in
// every hundredth its mean and maximum with `changed`. `json` writes them as the API does, `hourly`
// writes a line of an hourly file for each hour of the days that were measured hourly.
// usage: lines csv|changed|json|hourly COUNT FILE...   (to stdout)
//        lines zip OUT FILE                            (one file into a zip)
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#define COUNTIES 46
#define SITES 168
#define FIELDS 64
#define PIECE_BYTES (1 << 20)

struct source {
    FILE *file;
    zip_t *zip;
    zip_file_t *entry;
    char *piece;
    size_t at, n;
};

static void
die(const char *what, const char *name)
{
    fprintf(stderr, "lines: %s \"%s\"\n", what, name);
    exit(75);
}

static void
source_open(struct source *x, const char *name)
{
    char magic[2] = "";
    x->at = x->n = 0;
    x->zip = NULL;
    x->file = fopen(name, "rb");
    if (x->file == NULL || fread(magic, 1, 2, x->file) != 2)
        die("could not read", name);
    rewind(x->file);
    if (memcmp(magic, "PK", 2) != 0)
        return;
    x->zip = zip_open(name, ZIP_RDONLY, NULL);
    x->entry = x->zip == NULL ? NULL : zip_fopen_index(x->zip, 0, 0);
    if (x->entry == NULL)
        die("could not unpack", name);
}

static void
source_close(struct source *x)
{
    fclose(x->file);
    if (x->zip == NULL)
        return;
    zip_fclose(x->entry);
    zip_discard(x->zip);
}

static bool
source_fill(struct source *x)
{
    const zip_int64_t n = x->zip != NULL ? zip_fread(x->entry, x->piece, PIECE_BYTES)
                                         : (zip_int64_t)fread(x->piece, 1, PIECE_BYTES, x->file);
    x->at = 0;
    x->n = n < 0 ? 0 : (size_t)n;
    return x->n > 0;
}

// Reads a line without its end; false at the end.
static bool
line_read(struct source *x, char *line, size_t room)
{
    size_t n = 0;
    while (x->at < x->n || source_fill(x)) {
        const char *from = x->piece + x->at, *end = memchr(from, '\n', x->n - x->at);
        const size_t part = end == NULL ? x->n - x->at : (size_t)(end - from);
        if (n + part >= room)
            die("a line is too long:", line);
        memcpy(line + n, from, part);
        n += part;
        x->at += part + (end != NULL);
        if (end == NULL)
            continue;
        n -= n > 0 && line[n - 1] == '\r';
        line[n] = '\0';
        return true;
    }
    return false;
}

// Cuts a line into fields as they stand, quotes and all.
static size_t
fields_cut(char *line, char *fields[FIELDS])
{
    size_t n = 0;
    bool is_quoted = false;
    fields[n++] = line;
    for (char *c = line; *c != '\0'; c++) {
        if (*c == '"')
            is_quoted = !is_quoted;
        if (*c != ',' || is_quoted)
            continue;
        *c = '\0';
        if (n < FIELDS)
            fields[n++] = c + 1;
    }
    return n;
}

// Adds to the code between quotes in base 36, which leaves it as long.
static void
code_shift(char *quoted, int by)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const size_t n = strlen(quoted) - 2;
    const int decimal = atoi(quoted + 1);
    if (by == 0)
        return;
    for (int x = decimal + by, i = (int)n; i > 0; i--, x /= 36)
        quoted[i] = digits[x % 36];
}

static void
value_put(const char *value, bool is_changed)
{
    if (is_changed && *value != '-')
        putchar_unlocked('1');
    fputs_unlocked(is_changed && *value == '-' ? value + 1 : value, stdout);
}

static void
csv_put(char *fields[], size_t n, bool is_changed)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            putchar_unlocked(',');
        value_put(fields[i], is_changed && (i == 16 || i == 17));
    }
    putchar_unlocked('\n');
}

static const char hourly_header[] =
    "\"State Code\",\"County Code\",\"Site Num\",\"Parameter Code\",\"POC\",\"Latitude\","
    "\"Longitude\",\"Datum\",\"Parameter Name\",\"Date Local\",\"Time Local\",\"Date GMT\","
    "\"Time GMT\",\"Sample Measurement\",\"Units of Measure\",\"MDL\",\"Uncertainty\","
    "\"Qualifier\",\"Method Type\",\"Method Code\",\"Method Name\",\"State Name\","
    "\"County Name\",\"Date of Last Change\"";

// Writes a line for each hour of a day; tells how many. The hours differ, the day's mean is right.
static long
hours_put(char *fields[], long room)
{
    const bool is_hourly = strcmp(fields[9], "\"1 HOUR\"") == 0 && strcmp(fields[14], "24") == 0;
    const double mean = atof(fields[16]);
    long n = 0;
    for (; is_hourly && n < 24 && n < room; n++) {
        for (int i = 0; i < 9; i++)
            printf("%s,", fields[i]);
        printf("%s,\"%02ld:00\",%s,\"%02ld:00\",%.1f,%s,5,\"\",\"\",\"Non-FRM\",%s,%s,%s,%s,%s\n",
               fields[11], n, fields[11], n, mean * (0.8 + 0.4 * (double)n / 23), fields[12],
               fields[20], fields[21], fields[24], fields[25], fields[28]);
    }
    return n;
}

// The names of the API for the columns of the file, in their order.
static const char *const names[] = {"state_code",
                                    "county_code",
                                    "site_number",
                                    "parameter_code",
                                    "poc",
                                    "latitude",
                                    "longitude",
                                    "datum",
                                    "parameter",
                                    "sample_duration",
                                    "pollutant_standard",
                                    "date_local",
                                    "units_of_measure",
                                    "event_type",
                                    "observation_count",
                                    "observation_percent",
                                    "arithmetic_mean",
                                    "first_max_value",
                                    "first_max_hour",
                                    "aqi",
                                    "method_code",
                                    "method",
                                    "local_site_name",
                                    "site_address",
                                    "state",
                                    "county",
                                    "city",
                                    "cbsa",
                                    "date_of_last_change"};

static void
json_put(char *fields[], size_t n, bool is_first)
{
    fputs_unlocked(is_first ? "    {\n" : ",\n    {\n", stdout);
    for (size_t i = 0; i < n && i < sizeof names / sizeof names[0]; i++)
        printf("%s      \"%s\": %s", i == 0 ? "" : ",\n", names[i],
               *fields[i] == '\0' || strcmp(fields[i], "\"\"") == 0 ? "null" : fields[i]);
    fputs_unlocked("\n    }", stdout);
}

static void
lines_put(const char *kind, long count, int n_files, char **files)
{
    static char line[1 << 16];
    char *fields[FIELDS];
    struct source x = {.piece = malloc(PIECE_BYTES)};
    const bool is_json = strcmp(kind, "json") == 0, is_hourly = strcmp(kind, "hourly") == 0;
    if (is_json)
        fputs("{\n  \"Header\": [{\"status\": \"Success\"}],\n  \"Data\": [\n", stdout);
    long n = 0;
    for (int turn = 0; n < count; turn++) {
        if (turn == COUNTIES * SITES)
            die("not enough codes for lines of", files[0]);
        for (int i = 0; i < n_files && n < count; i++) {
            source_open(&x, files[i]);
            if (!line_read(&x, line, sizeof line))
                die("empty:", files[i]);
            if (turn == 0 && i == 0 && !is_json)
                puts(is_hourly ? hourly_header : line);
            for (; n < count && line_read(&x, line, sizeof line); n += !is_hourly) {
                const size_t n_fields = fields_cut(line, fields);
                if (n_fields != sizeof names / sizeof names[0])
                    die("not AirData daily:", files[i]);
                code_shift(fields[1], turn % COUNTIES * 1000);
                code_shift(fields[2], turn / COUNTIES * 10000);
                if (is_hourly)
                    n += hours_put(fields, count - n);
                else if (is_json)
                    json_put(fields, n_fields, n == 0);
                else
                    csv_put(fields, n_fields, strcmp(kind, "changed") == 0 && n % 100 == 0);
            }
            source_close(&x);
        }
    }
    if (is_json)
        fputs("\n  ]\n}\n", stdout);
}

static void
zip_put(const char *to, const char *from)
{
    zip_t *zip = zip_open(to, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    zip_source_t *source = zip == NULL ? NULL : zip_source_file(zip, from, 0, -1);
    if (source == NULL || zip_file_add(zip, "daily.csv", source, 0) < 0 || zip_close(zip) != 0)
        die("could not pack", from);
}

int
main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "zip") == 0)
        zip_put(argv[2], argv[3]);
    else if (argc > 3)
        lines_put(argv[1], atol(argv[2]), argc - 3, argv + 3);
    else
        return 64;
    return fflush(stdout) != 0 || ferror(stdout) ? 75 : 0;
}
