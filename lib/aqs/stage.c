#include "aqs/stage.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "aqs/stage.sql.h"
#include "text/json.h"
#include "text/utf8.h"

#define BLOCK_ROWS ((size_t)16384)
#define N_YEARS (RECORD_LAST_YEAR - RECORD_FIRST_YEAR + 1)
#define SITES_MOST 100000 // stations; AQS has had 20,888 in all its years
#define EPOCH_DAYS 10957  // from 1970 to PostgreSQL's 2000-01-01

struct site {
    char code[RECORD_SITE_BYTES];
    int32_t site_id; // 0 until it has been made
    bool is_placed;  // its position is known
    bool is_due;     // to be made or filled in before the block goes
    const char *name, *state, *county;
    double latitude, longitude;
};

struct row {
    int32_t parameter, day, line;
    uint32_t site; // index
    double value;
    int16_t poc, n_hours, method; // -1 is NULL
    char event;
};

struct stage {
    struct scope *s; // of all memory here
    struct db *db;
    int64_t object_id;
    bool is_direct, is_open; // whether a COPY is
    struct site *sites;
    size_t n_sites, sites_room, n_due;
    uint32_t *slots; // open addressing: index + 1, 0 is free
    size_t n_slots;  // a power of two
    bool has_year[N_YEARS], is_year_due[N_YEARS];
    size_t n_years_due;
    struct row *rows;
    size_t n_rows, n_blocks;
    int64_t n_copied;
    struct day first, last;
    struct buf bytes;
};

static uint32_t *
slot_find(const struct stage *stage, const char *code)
{
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (const char *c = code; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    for (size_t i = hash >> 20;; i++) {
        uint32_t *slot = &stage->slots[i & (stage->n_slots - 1)];
        if (*slot == 0 || strcmp(stage->sites[*slot - 1].code, code) == 0)
            return slot;
    }
}

// Doubles the room; each doubling leaves its predecessor's memory behind, so at most as much again.
static void
sites_grow(struct stage *stage)
{
    struct site *more = scope_array(stage->s, 2 * stage->sites_room, sizeof *more);
    memcpy(more, stage->sites, stage->n_sites * sizeof *more);
    stage->sites = more;
    stage->sites_room *= 2;
    stage->n_slots *= 2;
    stage->slots = scope_array(stage->s, stage->n_slots, sizeof *stage->slots);
    for (size_t i = 0; i < stage->n_sites; i++)
        *slot_find(stage, more[i].code) = (uint32_t)i + 1;
}

static struct site *
site_find_or_add(struct stage *stage, const char *code)
{
    uint32_t *slot = slot_find(stage, code);
    if (*slot != 0)
        return &stage->sites[*slot - 1];
    if (stage->n_sites == stage->sites_room) {
        sites_grow(stage);
        slot = slot_find(stage, code);
    }
    struct site *site = &stage->sites[stage->n_sites++];
    *site = (struct site){.name = "", .state = "", .county = "", .latitude = NAN, .longitude = NAN};
    memcpy(site->code, code, strlen(code) + 1);
    *slot = (uint32_t)stage->n_sites;
    return site;
}

static bool
sites_load(struct scope *s, struct stage *stage)
{
    const struct rows *r = db_query(s, stage->db, &sql_stage_sites, 0, NULL);
    if (r == NULL)
        return false;
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *code = rows_text(r, i, "site");
        if (strlen(code) >= RECORD_SITE_BYTES)
            continue;
        struct site *site = site_find_or_add(stage, code);
        site->site_id = (int32_t)rows_int(r, i, "site_id");
        site->is_placed = rows_bool(r, i, "is_placed");
    }
    return true;
}

struct stage *
stage_open(struct scope *s, struct db *db, int64_t object_id, bool is_direct)
{
    struct stage *stage = scope_alloc(s, sizeof *stage);
    *stage = (struct stage){
        .s = s,
        .db = db,
        .object_id = object_id,
        .is_direct = is_direct,
        .sites_room = 1024,
        .n_slots = 4096,
        .first = {INT32_MAX},
        .last = {INT32_MIN},
        .bytes = buf_open(s, 1 << 16),
    };
    stage->sites = scope_array(s, stage->sites_room, sizeof *stage->sites);
    stage->slots = scope_array(s, stage->n_slots, sizeof *stage->slots);
    stage->rows = scope_array(s, BLOCK_ROWS, sizeof *stage->rows);
    if (!sites_load(s, stage))
        return NULL;
    if (!is_direct &&
        (!db_run(s, db, &sql_stage_make, 0, NULL) || !db_run(s, db, &sql_stage_empty, 0, NULL)))
        return NULL;
    return stage;
}

static void
site_write(struct json_writer *w, const struct site *site)
{
    json_object_begin(w);
    json_pair_text(w, "site", site->code);
    json_pair_text(w, "name", site->name);
    json_pair_text(w, "state", site->state);
    json_pair_text(w, "county", site->county);
    json_pair_number(w, "latitude", site->latitude); // NaN is null
    json_pair_number(w, "longitude", site->longitude);
    json_object_end(w);
}

// Makes all due stations in one round trip.
static bool
sites_make(struct scope *s, struct stage *stage)
{
    struct buf text = buf_open(s, 1 << 12);
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    for (size_t i = 0; i < stage->n_sites; i++)
        if (stage->sites[i].is_due)
            site_write(&w, &stage->sites[i]);
    json_array_end(&w);
    const struct rows *r = DB_QUERY(s, stage->db, &sql_stage_site_put, text.text);
    if (r == NULL)
        return explain(s, "could not make stations");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct site *site = site_find_or_add(stage, rows_text(r, i, "site"));
        site->site_id = (int32_t)rows_int(r, i, "site_id");
        site->is_placed = !isnan(site->latitude);
        site->is_due = false;
    }
    stage->n_due = 0;
    return true;
}

// Makes the stations and years that the block is the first to name.
static bool
dues_make(struct scope *s, struct stage *stage)
{
    if (stage->n_due > 0 && !sites_make(s, stage))
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

// A field of COPY's binary form: its length, then its bytes, the highest first.
//
//   source  PostgreSQL 15, COPY, "Binary Format"
static char *
whole_put(char *to, uint64_t x, int n_bytes)
{
    to[0] = to[1] = to[2] = 0;
    to[3] = (char)n_bytes;
    for (int i = 0; i < n_bytes; i++)
        to[4 + i] = (char)(x >> 8 * (n_bytes - 1 - i));
    return to + 4 + n_bytes;
}

static char *
short_put(char *to, int16_t x)
{
    if (x >= 0)
        return whole_put(to, (uint64_t)x, 2);
    memset(to, 0xff, 4); // the length -1 is NULL
    return to + 4;
}

static void
row_encode(struct stage *stage, const struct row *row)
{
    char *from = buf_room(&stage->bytes, 128), *to = from;
    uint64_t value;
    memcpy(&value, &row->value, sizeof value);
    *to++ = 0;
    *to++ = 9; // fields
    to = whole_put(to, (uint64_t)row->parameter, 4);
    to = whole_put(to, (uint64_t)stage->sites[row->site].site_id, 4);
    to = whole_put(to, (uint64_t)(int64_t)(row->day - EPOCH_DAYS), 4);
    to = whole_put(to, (uint64_t)row->poc, 2);
    to = whole_put(to, value, 8);
    to = short_put(to, row->n_hours);
    to = short_put(to, row->method);
    to = whole_put(to, (uint64_t)row->event, 1);
    to = whole_put(to, (uint64_t)(stage->is_direct ? stage->object_id : row->line), 4);
    buf_grow(&stage->bytes, (size_t)(to - from));
}

static bool
copy_close(struct scope *s, struct stage *stage)
{
    int64_t n = 0;
    if (!stage->is_open)
        return true;
    stage->is_open = false;
    if (!db_copy_put(s, stage->db, "\377\377", 2) || !db_copy_close(s, stage->db, &n))
        return false;
    stage->n_copied += n;
    return true;
}

static bool
copy_open(struct scope *s, struct stage *stage)
{
    static const char header[19] = "PGCOPY\n\377\r\n\0"; // then flags and the extension's length, 0
    if (stage->is_open)
        return true;
    stage->is_open =
        db_copy_open(s, stage->db, stage->is_direct ? &sql_stage_copy_direct : &sql_stage_copy);
    return stage->is_open && db_copy_put(s, stage->db, header, sizeof header);
}

// Sends the block. A refused copy shows only when it is closed: after 1, 2, 4, 8 … blocks, so that
// no more is wasted than was useful.
static bool
block_send(struct scope *s, struct stage *stage)
{
    const bool has_dues = stage->n_due > 0 || stage->n_years_due > 0;
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

static const char *
name_copy(struct scope *s, struct str name)
{
    const size_t n = name.n > 200 ? 200 : name.n;
    return utf8_span(name.at, n) == n && memchr(name.at, 0, n) == NULL ? scope_copy_n(s, name.at, n)
                                                                       : "";
}

// Notes a station that has to be made, or whose position is news.
static void
site_note(struct stage *stage, struct site *site, const struct record *record)
{
    if (site->is_due || (site->site_id != 0 && (site->is_placed || isnan(record->latitude))))
        return;
    site->is_due = true;
    site->name = record->name.n == 0 ? "" : name_copy(stage->s, record->name);
    site->state = record->state.n == 0 ? "" : name_copy(stage->s, record->state);
    site->county = record->county.n == 0 ? "" : name_copy(stage->s, record->county);
    site->latitude = record->latitude;
    site->longitude = record->longitude;
    stage->n_due++;
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
    struct site *site = site_find_or_add(stage, record->site);
    if (stage->n_sites > SITES_MOST && site->site_id == 0)
        return fail(s, ERROR_LIMIT, "line %lld: station \"%s\" would be one more than %d",
                    (long long)line, record->site, SITES_MOST);
    site_note(stage, site, record);
    year_note(stage, record->day);
    stage->rows[stage->n_rows++] = (struct row){
        .parameter = record->parameter,
        .site = (uint32_t)(site - stage->sites),
        .day = record->day.n,
        .poc = (int16_t)record->poc,
        .value = record->value,
        .n_hours = (int16_t)record->n_hours,
        .method = (int16_t)record->method,
        .event = record->event,
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

bool
stage_settle(struct scope *s, struct stage *stage, int64_t as_of, struct stage_tally *out)
{
    char first[DAY_TEXT], last[DAY_TEXT];
    *out = (struct stage_tally){0};
    if (!block_send(s, stage) || !copy_close(s, stage))
        return false;
    out->n_new = stage->n_copied;
    if (stage->is_direct || stage->n_copied == 0)
        return true;
    if (!db_run(s, stage->db, &sql_stage_memory, 0, NULL))
        return false;
    const struct rows *lost = db_query(s, stage->db, &sql_stage_lose, 0, NULL);
    if (lost == NULL)
        return false;
    out->skipped[SKIP_METHOD] = rows_int(lost, 0, "n_method");
    out->skipped[SKIP_EVENT] = rows_int(lost, 0, "n_event");
    out->skipped[SKIP_REPEATED] = rows_int(lost, 0, "n_repeated");
    const struct rows *moved =
        DB_QUERY(s, stage->db, &sql_stage_move, db_int(s, stage->object_id), db_time(s, as_of),
                 day_format(stage->first, first), day_format(stage->last, last));
    if (moved == NULL)
        return false;
    out->n_new = rows_int(moved, 0, "n_new");
    out->n_changed = rows_int(moved, 0, "n_changed");
    out->n_same = rows_int(moved, 0, "n_same");
    return true;
}
