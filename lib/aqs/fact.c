#include "aqs/fact.h"

#include <math.h>
#include <stdio.h>

#include "aqs/fact.sql.h"
#include "aqs/place.h"
#include "text/json.h"
#include "text/number.h"

#define BLOCK_LINES 1000
#define LOWEST_M (-500.0) // below the Dead Sea's shore
#define HIGHEST_M 9000.0

struct facts {
    struct db *db;
    int64_t object_id, n;
    int n_block;
    struct buf text; // of the block: JSON
    struct json_writer w;
};

static const struct {
    enum field field;
    const char *key;
} texts[] = {
    {FIELD_NAME, "name"},     {FIELD_STATE_NAME, "state"},  {FIELD_COUNTY_NAME, "county"},
    {FIELD_CITY, "city"},     {FIELD_CBSA, "cbsa"},         {FIELD_ADDRESS, "address"},
    {FIELD_AGENCY, "agency"}, {FIELD_LAND_USE, "land_use"}, {FIELD_SETTING, "setting"},
};

static const struct {
    enum field field;
    const char *key, *what;
    double least, most;
} numbers[] = {
    {FIELD_ELEVATION, "elevation_m", "elevation", LOWEST_M, HIGHEST_M},
    {FIELD_OFFSET, "gmt_offset_h", "GMT offset", -12, 14},
};

static const struct {
    enum field field;
    const char *key;
} days[] = {{FIELD_OPENED, "opened_on"}, {FIELD_CLOSED, "closed_on"}};

#define N_TEXTS (sizeof texts / sizeof texts[0])
#define N_NUMBERS (sizeof numbers / sizeof numbers[0])
#define N_DAYS (sizeof days / sizeof days[0])

struct fact {
    char site[RECORD_SITE_BYTES];
    double latitude, longitude, numbers[N_NUMBERS];
    struct day days[N_DAYS]; // INT32_MIN where not told
};

static void
block_begin(struct facts *facts)
{
    buf_clear(&facts->text);
    facts->w = (struct json_writer){.out = &facts->text};
    facts->n_block = 0;
    json_array_begin(&facts->w);
}

struct facts *
facts_open(struct scope *s, struct db *db, int64_t object_id)
{
    struct facts *facts = scope_alloc(s, sizeof *facts);
    *facts = (struct facts){.db = db, .object_id = object_id, .text = buf_open(s, 1 << 18)};
    block_begin(facts);
    return db_run(s, db, &sql_fact_make, 0, NULL) && db_run(s, db, &sql_fact_empty, 0, NULL) ? facts
                                                                                             : NULL;
}

// Reads a line's facts; false with the reason. EPA writes 0, 0 for a position nobody knows.
static bool
fact_read(const struct line *line, struct fact *out, char reason[RECORD_REASON_BYTES])
{
    const struct str *fields = line->fields;
    const char *wrong = line->fault;
    if (wrong == NULL && !record_site(line, out->site))
        wrong = "state, county or site code is wrong";
    if (wrong == NULL && !record_position(line, &out->latitude, &out->longitude))
        wrong = "latitude or longitude is wrong";
    snprintf(reason, RECORD_REASON_BYTES, "%s", wrong == NULL ? "" : wrong);
    if (out->latitude == 0 && out->longitude == 0)
        out->latitude = out->longitude = NAN;
    for (size_t i = 0; i < N_NUMBERS && wrong == NULL; i++) {
        const struct str text = fields[numbers[i].field];
        out->numbers[i] = NAN;
        if (text.n > 0 && (!number_read(text, &out->numbers[i]) ||
                           out->numbers[i] < numbers[i].least || out->numbers[i] > numbers[i].most))
            snprintf(reason, RECORD_REASON_BYTES, "%s \"%.*s\" is not from %g to %g",
                     wrong = numbers[i].what, (int)(text.n > 40 ? 40 : text.n), text.at,
                     numbers[i].least, numbers[i].most);
    }
    for (size_t i = 0; i < N_DAYS && wrong == NULL; i++) {
        const struct str text = fields[days[i].field];
        out->days[i].n = INT32_MIN;
        if (text.n > 0 && !day_read(text.at, text.n, &out->days[i]))
            snprintf(reason, RECORD_REASON_BYTES, "%s \"%.*s\" is not a day", wrong = days[i].key,
                     (int)(text.n > 40 ? 40 : text.n), text.at);
    }
    return wrong == NULL;
}

static void
fact_write(struct scope *s, struct json_writer *w, const struct line *line, const struct fact *fact)
{
    char day[DAY_TEXT];
    json_object_begin(w);
    json_pair_int(w, "line", line->number > INT32_MAX ? INT32_MAX : line->number);
    json_pair_text(w, "site", fact->site);
    json_pair_number(w, "latitude", fact->latitude); // NaN is null
    json_pair_number(w, "longitude", fact->longitude);
    for (size_t i = 0; i < N_TEXTS; i++)
        json_pair_text(w, texts[i].key, places_text(s, line->fields[texts[i].field]));
    for (size_t i = 0; i < N_NUMBERS; i++)
        json_pair_number(w, numbers[i].key, fact->numbers[i]);
    for (size_t i = 0; i < N_DAYS; i++)
        if (fact->days[i].n != INT32_MIN)
            json_pair_text(w, days[i].key, day_format(fact->days[i], day));
    json_object_end(w);
}

static bool
block_send(struct scope *s, struct facts *facts)
{
    json_array_end(&facts->w);
    const bool ok = facts->n_block == 0 || DB_RUN(s, facts->db, &sql_fact_add, facts->text.text);
    block_begin(facts);
    return ok;
}

bool
facts_add(struct scope *s, struct facts *facts, const struct line *line, enum verdict *verdict,
          char reason[RECORD_REASON_BYTES])
{
    struct fact fact = {0};
    *verdict = RECORD_REJECTED;
    if (!fact_read(line, &fact, reason))
        return true;
    *verdict = RECORD_KEPT;
    const struct scope_mark mark = scope_mark(s);
    fact_write(s, &facts->w, line, &fact);
    facts->n++;
    const bool ok = ++facts->n_block < BLOCK_LINES || block_send(s, facts);
    if (ok)
        scope_release(s, mark);
    return ok;
}

bool
facts_settle(struct scope *s, struct facts *facts, struct stage_tally *out)
{
    *out = (struct stage_tally){0};
    if (!block_send(s, facts))
        return false;
    if (facts->n == 0)
        return true;
    const struct rows *lost = db_query(s, facts->db, &sql_fact_lose, 0, NULL);
    const struct rows *moved =
        lost == NULL ? NULL : DB_QUERY(s, facts->db, &sql_fact_move, db_int(s, facts->object_id));
    if (moved == NULL)
        return false;
    out->skipped[SKIP_REPEATED] = rows_int(lost, 0, "n_repeated");
    out->n_new = rows_int(moved, 0, "n_new");
    out->n_changed = rows_int(moved, 0, "n_changed");
    out->n_same = rows_int(moved, 0, "n_same");
    return true;
}
