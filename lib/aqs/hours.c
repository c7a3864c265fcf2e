#include "aqs/hours.h"

#include <assert.h>
#include <string.h>

#include "aqs/hours.sql.h"
#include "aqs/pack.h"
#include "aqs/place.h"
#include "aqs/series.h"

#define BLOCK_ROWS ((size_t)16384)
#define N_YEARS (RECORD_LAST_YEAR - RECORD_FIRST_YEAR + 1)
#define QUALIFIER_BYTES 8 // of a code: "BF", "9", "IT"

struct row {
    int32_t parameter, day, line;
    uint32_t place;
    double value;
    int16_t poc, method; // -1 is NULL
    char hour;
    char n_qualifier, qualifier[QUALIFIER_BYTES];
};

struct hours {
    struct scope *s; // of all memory here
    struct db *db;
    int64_t object_id;
    bool is_direct, is_open; // whether a COPY is
    struct places *places;
    struct series *series; // whether rows of one key can be among the staged ones
    bool has_year[N_YEARS], is_year_due[N_YEARS];
    size_t n_years_due;
    struct row *rows;
    size_t n_rows, n_blocks;
    int64_t n_copied;
    struct day first, last;
    struct buf bytes;
};

struct hours *
hours_open(struct scope *s, struct db *db, int64_t object_id, bool is_direct)
{
    struct hours *hours = scope_alloc(s, sizeof *hours);
    *hours = (struct hours){
        .s = s,
        .db = db,
        .object_id = object_id,
        .is_direct = is_direct,
        .first = {INT32_MAX},
        .last = {INT32_MIN},
        .bytes = buf_open(s, 1 << 16),
    };
    hours->rows = scope_array(s, BLOCK_ROWS, sizeof *hours->rows);
    hours->series = series_open(s);
    hours->places = places_open(s, db);
    if (hours->places == NULL || !db_run(s, db, &sql_hours_make, 0, NULL) ||
        !db_run(s, db, &sql_hours_empty, 0, NULL))
        return NULL;
    return hours;
}

// Makes the stations and years that the block is the first to name.
static bool
dues_make(struct scope *s, struct hours *hours)
{
    if (!places_make(s, hours->places))
        return false;
    for (int i = 0; i < N_YEARS && hours->n_years_due > 0; i++) {
        if (!hours->is_year_due[i])
            continue;
        if (!DB_RUN(s, hours->db, &sql_hours_year, db_int(s, RECORD_FIRST_YEAR + i)))
            return false;
        hours->is_year_due[i] = false;
        hours->n_years_due--;
    }
    return true;
}

static void
row_encode(struct hours *hours, const struct row *row)
{
    char *from = buf_room(&hours->bytes, 128), *to = from;
    uint64_t value;
    memcpy(&value, &row->value, sizeof value);
    *to++ = 0;
    *to++ = 9; // fields
    to = pack_whole(to, (uint64_t)row->parameter, 4);
    to = pack_whole(to, (uint64_t)places_id(hours->places, row->place), 4);
    to = pack_whole(to, (uint64_t)(int64_t)(row->day - PACK_EPOCH_DAYS), 4);
    to = pack_whole(to, (uint64_t)row->hour, 2);
    to = pack_whole(to, (uint64_t)row->poc, 2);
    to = pack_whole(to, value, 8);
    to = pack_whole(to, (uint64_t)(hours->is_direct ? hours->object_id : row->line), 4);
    to = pack_short(to, row->method);
    to = row->n_qualifier == 0 ? pack_null(to)
                               : pack_bytes(to, row->qualifier, (size_t)row->n_qualifier);
    buf_grow(&hours->bytes, (size_t)(to - from));
}

static bool
copy_close(struct scope *s, struct hours *hours)
{
    int64_t n = 0;
    if (!hours->is_open)
        return true;
    hours->is_open = false;
    if (!db_copy_put(s, hours->db, PACK_END, 2) || !db_copy_close(s, hours->db, &n))
        return false;
    hours->n_copied += n;
    return true;
}

static bool
copy_open(struct scope *s, struct hours *hours)
{
    if (hours->is_open)
        return true;
    hours->is_open =
        db_copy_open(s, hours->db, hours->is_direct ? &sql_hours_copy_direct : &sql_hours_copy);
    return hours->is_open && db_copy_put(s, hours->db, PACK_HEADER, PACK_HEADER_BYTES);
}

// Sends the block; as in aqs/stage, a direct copy is closed after 1, 2, 4, 8 … blocks.
static bool
block_send(struct scope *s, struct hours *hours)
{
    const bool has_dues = places_due(hours->places) > 0 || hours->n_years_due > 0;
    if (has_dues && (!copy_close(s, hours) || !dues_make(s, hours)))
        return false;
    if (hours->n_rows == 0)
        return true;
    if (!copy_open(s, hours))
        return false;
    for (size_t i = 0; i < hours->n_rows; i++) {
        row_encode(hours, &hours->rows[i]);
        if (hours->bytes.n < 1 << 15 && i + 1 < hours->n_rows)
            continue;
        if (!db_copy_put(s, hours->db, hours->bytes.text, hours->bytes.n))
            return false;
        buf_clear(&hours->bytes);
    }
    hours->n_rows = 0;
    hours->n_blocks++;
    return (hours->n_blocks & (hours->n_blocks - 1)) != 0 || copy_close(s, hours);
}

// "BF" of "BF - Precision/Zero/Span."; what is no short word is none.
static void
qualifier_take(struct row *row, struct str qualifier)
{
    size_t n = 0;
    while (n < qualifier.n && qualifier.at[n] > ' ' && qualifier.at[n] <= '~')
        n++;
    if (n > QUALIFIER_BYTES)
        return;
    memcpy(row->qualifier, qualifier.at, n);
    row->n_qualifier = (char)n;
}

static void
year_note(struct hours *hours, struct day day)
{
    if (day.n < hours->first.n)
        hours->first = day;
    if (day.n > hours->last.n)
        hours->last = day;
    const int i = day_year(day) - RECORD_FIRST_YEAR;
    assert(i >= 0 && i < N_YEARS);
    if (hours->has_year[i])
        return;
    hours->has_year[i] = hours->is_year_due[i] = true;
    hours->n_years_due++;
}

bool
hours_add(struct scope *s, struct hours *hours, const struct record *record, int64_t line)
{
    uint32_t place;
    if (!places_note(s, hours->places, record, line, &place))
        return false;
    year_note(hours, record->day);
    series_note(hours->series, place, record->parameter, record->poc,
                record->day.n * 24 + record->hour);
    struct row *row = &hours->rows[hours->n_rows++];
    *row = (struct row){
        .parameter = record->parameter,
        .place = place,
        .day = record->day.n,
        .hour = (char)record->hour,
        .poc = (int16_t)record->poc,
        .value = record->value,
        .method = (int16_t)record->method,
        .line = (int32_t)(line > INT32_MAX ? INT32_MAX : line),
    };
    if (record->qualifier.n > 0)
        qualifier_take(row, record->qualifier);
    if (hours->n_rows < BLOCK_ROWS)
        return true;
    const struct scope_mark mark = scope_mark(s);
    const bool ok = block_send(s, hours);
    if (ok && s != hours->s)
        scope_release(s, mark);
    return ok;
}

// Settles rows of one hour.
static bool
rows_lose(struct scope *s, struct hours *hours, struct stage_tally *out)
{
    const struct rows *lost = db_query(s, hours->db, &sql_hours_lose, 0, NULL);
    if (lost != NULL)
        out->skipped[SKIP_REPEATED] = rows_int(lost, 0, "n_repeated");
    return lost != NULL;
}

static bool
hours_move(struct scope *s, struct hours *hours, int64_t as_of, struct stage_tally *out)
{
    char first[DAY_TEXT], last[DAY_TEXT];
    if (!series_ascend(hours->series) && !rows_lose(s, hours, out))
        return false;
    const struct rows *moved =
        DB_QUERY(s, hours->db, &sql_hours_move, db_int(s, hours->object_id), db_time(s, as_of),
                 day_format(hours->first, first), day_format(hours->last, last));
    if (moved == NULL)
        return false;
    out->n_new = rows_int(moved, 0, "n_new");
    out->n_changed = rows_int(moved, 0, "n_changed");
    out->n_same = rows_int(moved, 0, "n_same");
    return true;
}

static bool
days_derive(struct scope *s, struct hours *hours, int64_t as_of, struct stage_tally *days)
{
    char from[DAY_TEXT], to[DAY_TEXT];
    const char *first = day_format(hours->first, from), *last = day_format(hours->last, to);
    struct day first_day, last_day;
    struct db *db = hours->db;
    if (!stage_derived_begin(s, db) || !db_run(s, db, &sql_hours_touch, 0, NULL) ||
        !DB_RUN(s, db, &sql_hours_plan, "off") || !db_run(s, db, &sql_hours_touch_empty, 0, NULL) ||
        !DB_RUN(s, db, &sql_hours_touch_fill, db_int(s, hours->object_id), first, last) ||
        !db_run(s, db, &sql_hours_touch_know, 0, NULL) || !DB_RUN(s, db, &sql_hours_plan, "off") ||
        !DB_RUN(s, db, &sql_hours_days_plain, first, last) ||
        !DB_RUN(s, db, &sql_hours_days_begun, first, last) ||
        !DB_RUN(s, db, &sql_hours_days_ended, first, last) || !DB_RUN(s, db, &sql_hours_plan, "on"))
        return false;
    const struct rows *r = db_query(s, db, &sql_hours_days_span, 0, NULL);
    if (r == NULL)
        return false;
    if (rows_int(r, 0, "n") == 0)
        return true;
    first = rows_text(r, 0, "first_day");
    last = rows_text(r, 0, "last_day");
    return day_parse(s, first, &first_day) && day_parse(s, last, &last_day) &&
           DB_RUN(s, db, &sql_hours_days_years, first, last) &&
           stage_derived_move(s, db, hours->object_id, as_of, first_day, last_day, days);
}

// Takes away what was derived before and is not any more.
static bool
days_end(struct scope *s, struct hours *hours, int64_t as_of, struct stage_tally *days)
{
    char first[DAY_TEXT], last[DAY_TEXT];
    const struct rows *gone =
        DB_QUERY(s, hours->db, &sql_hours_days_gone, db_int(s, hours->object_id),
                 day_format(hours->first, first), day_format(hours->last, last), db_time(s, as_of));
    if (gone != NULL)
        days->n_changed += rows_int(gone, 0, "n");
    return gone != NULL;
}

bool
hours_settle(struct scope *s, struct hours *hours, int64_t as_of, struct stage_tally *out,
             struct stage_tally *days)
{
    *out = *days = (struct stage_tally){0};
    if (!block_send(s, hours) || !copy_close(s, hours))
        return false;
    if (hours->n_copied == 0)
        return true;
    if (!db_run(s, hours->db, &sql_hours_memory, 0, NULL))
        return false;
    out->n_new = hours->n_copied;
    if (!hours->is_direct && !hours_move(s, hours, as_of, out))
        return false;
    return out->n_new + out->n_changed == 0 ||
           (days_derive(s, hours, as_of, days) &&
            (hours->is_direct || days_end(s, hours, as_of, days)));
}
