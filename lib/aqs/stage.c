#include "aqs/stage.h"

#include <assert.h>
#include <string.h>

#include "aqs/pack.h"
#include "aqs/place.h"
#include "aqs/series.h"
#include "aqs/stage.sql.h"

#define BLOCK_ROWS ((size_t)16384)
#define N_YEARS (RECORD_LAST_YEAR - RECORD_FIRST_YEAR + 1)

struct row {
    int32_t parameter, day, line;
    uint32_t place;
    double value;
    int16_t poc, n_hours, method; // -1 is NULL
    char event;                   // 0 is NULL
    char grade;
};

struct stage {
    struct scope *s; // of all memory here
    struct db *db;
    int64_t object_id;
    enum stage_way way;
    bool is_open; // whether a COPY is
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

struct stage *
stage_open(struct scope *s, struct db *db, int64_t object_id, enum stage_way way)
{
    struct stage *stage = scope_alloc(s, sizeof *stage);
    *stage = (struct stage){
        .s = s,
        .db = db,
        .object_id = object_id,
        .way = way,
        .first = {INT32_MAX},
        .last = {INT32_MIN},
        .bytes = buf_open(s, 1 << 16),
    };
    stage->rows = scope_array(s, BLOCK_ROWS, sizeof *stage->rows);
    stage->series = series_open(s);
    stage->places = places_open(s, db);
    if (stage->places == NULL)
        return NULL;
    if (way != STAGE_DIRECT && !stage_derived_begin(s, db))
        return NULL;
    return stage;
}

// Makes the stations and years that the block is the first to name.
static bool
dues_make(struct scope *s, struct stage *stage)
{
    if (!places_make(s, stage->places))
        return false;
    for (int i = 0; i < N_YEARS && stage->n_years_due > 0; i++) {
        if (!stage->is_year_due[i])
            continue;
        if (!DB_RUN(s, stage->db, &sql_stage_year, db_int(s, RECORD_FIRST_YEAR + i)))
            return false;
        stage->is_year_due[i] = false;
        stage->n_years_due--;
    }
    return true;
}

static void
row_encode(struct stage *stage, const struct row *row)
{
    char *from = buf_room(&stage->bytes, 128), *to = from;
    uint64_t value;
    memcpy(&value, &row->value, sizeof value);
    *to++ = 0;
    *to++ = stage->way == STAGE_GRADED ? 10 : 9; // fields
    to = pack_whole(to, (uint64_t)row->parameter, 4);
    to = pack_whole(to, (uint64_t)places_id(stage->places, row->place), 4);
    to = pack_whole(to, (uint64_t)(int64_t)(row->day - PACK_EPOCH_DAYS), 4);
    to = pack_whole(to, (uint64_t)row->poc, 2);
    to = pack_whole(to, value, 8);
    to = pack_short(to, row->n_hours);
    to = pack_short(to, row->method);
    to = row->event == 0 ? pack_null(to) : pack_whole(to, (uint64_t)row->event, 1);
    to = pack_whole(to, (uint64_t)(stage->way == STAGE_DIRECT ? stage->object_id : row->line), 4);
    if (stage->way == STAGE_GRADED)
        to = pack_whole(to, (uint64_t)row->grade, 2);
    buf_grow(&stage->bytes, (size_t)(to - from));
}

static bool
copy_close(struct scope *s, struct stage *stage)
{
    int64_t n = 0;
    if (!stage->is_open)
        return true;
    stage->is_open = false;
    if (!db_copy_put(s, stage->db, PACK_END, 2) || !db_copy_close(s, stage->db, &n))
        return false;
    stage->n_copied += n;
    return true;
}

static bool
copy_open(struct scope *s, struct stage *stage)
{
    if (stage->is_open)
        return true;
    stage->is_open = db_copy_open(s, stage->db,
                                  stage->way == STAGE_DIRECT    ? &sql_stage_copy_direct
                                  : stage->way == STAGE_SETTLED ? &sql_stage_copy
                                                                : &sql_stage_copy_graded);
    return stage->is_open && db_copy_put(s, stage->db, PACK_HEADER, PACK_HEADER_BYTES);
}

// Sends the block. A refused copy shows only when it is closed: after 1, 2, 4, 8 … blocks, so that
// no more is wasted than was useful.
static bool
block_send(struct scope *s, struct stage *stage)
{
    const bool has_dues = places_due(stage->places) > 0 || stage->n_years_due > 0;
    if (has_dues && (!copy_close(s, stage) || !dues_make(s, stage)))
        return false;
    if (stage->n_rows == 0)
        return true;
    if (!copy_open(s, stage))
        return false;
    for (size_t i = 0; i < stage->n_rows; i++) {
        row_encode(stage, &stage->rows[i]);
        if (stage->bytes.n < 1 << 15 && i + 1 < stage->n_rows)
            continue;
        if (!db_copy_put(s, stage->db, stage->bytes.text, stage->bytes.n))
            return false;
        buf_clear(&stage->bytes);
    }
    stage->n_rows = 0;
    stage->n_blocks++;
    return (stage->n_blocks & (stage->n_blocks - 1)) != 0 || copy_close(s, stage);
}

static void
year_note(struct stage *stage, struct day day)
{
    if (day.n < stage->first.n)
        stage->first = day;
    if (day.n > stage->last.n)
        stage->last = day;
    const int i = day_year(day) - RECORD_FIRST_YEAR;
    assert(i >= 0 && i < N_YEARS);
    if (stage->has_year[i])
        return;
    stage->has_year[i] = stage->is_year_due[i] = true;
    stage->n_years_due++;
}

bool
stage_add(struct scope *s, struct stage *stage, const struct record *record, int64_t line)
{
    uint32_t place;
    if (!places_note(s, stage->places, record, line, &place))
        return false;
    year_note(stage, record->day);
    series_note(stage->series, place, record->parameter, record->poc, record->day.n);
    stage->rows[stage->n_rows++] = (struct row){
        .parameter = record->parameter,
        .place = place,
        .day = record->day.n,
        .poc = (int16_t)record->poc,
        .value = record->value,
        .n_hours = (int16_t)record->n_hours,
        .method = (int16_t)record->method,
        .event = record->event,
        .grade = (char)record->grade,
        .line = (int32_t)(line > INT32_MAX ? INT32_MAX : line),
    };
    if (stage->n_rows < BLOCK_ROWS)
        return true;
    const struct scope_mark mark = scope_mark(s);
    const bool ok = block_send(s, stage);
    if (ok && s != stage->s)
        scope_release(s, mark);
    return ok;
}

// Settles rows of one key.
static bool
rows_lose(struct scope *s, struct stage *stage, struct stage_tally *out)
{
    const struct rows *lost = db_query(s, stage->db, &sql_stage_lose, 0, NULL);
    if (lost == NULL)
        return false;
    out->skipped[SKIP_METHOD] = rows_int(lost, 0, "n_method");
    out->skipped[SKIP_EVENT] = rows_int(lost, 0, "n_event");
    out->skipped[SKIP_REPEATED] = rows_int(lost, 0, "n_repeated");
    out->skipped[SKIP_PRELIMINARY] = rows_int(lost, 0, "n_preliminary");
    return true;
}

bool
stage_settle(struct scope *s, struct stage *stage, int64_t as_of, struct stage_tally *out)
{
    *out = (struct stage_tally){0};
    if (!block_send(s, stage) || !copy_close(s, stage))
        return false;
    out->n_new = stage->n_copied;
    if (stage->way == STAGE_DIRECT || stage->n_copied == 0)
        return true;
    if (!db_run(s, stage->db, &sql_stage_memory, 0, NULL) ||
        (!series_ascend(stage->series) && !rows_lose(s, stage, out)))
        return false;
    return stage_derived_move(s, stage->db, stage->object_id, as_of, stage->first, stage->last,
                              out);
}

bool
stage_derived_begin(struct scope *s, struct db *db)
{
    return db_run(s, db, &sql_stage_make, 0, NULL) && db_run(s, db, &sql_stage_empty, 0, NULL);
}

bool
stage_derived_move(struct scope *s, struct db *db, int64_t object_id, int64_t as_of,
                   struct day first, struct day last, struct stage_tally *out)
{
    char from[DAY_TEXT], to[DAY_TEXT];
    const struct rows *moved =
        DB_QUERY(s, db, &sql_stage_move, db_int(s, object_id), db_time(s, as_of),
                 day_format(first, from), day_format(last, to));
    if (moved == NULL)
        return false;
    out->n_new = rows_int(moved, 0, "n_new");
    out->n_changed = rows_int(moved, 0, "n_changed");
    out->n_same = rows_int(moved, 0, "n_same");
    return true;
}
