#include "aqs/reading.h"

#include <string.h>

#include "aqs/fact.h"
#include "aqs/hours.h"
#include "cli/progress.h"
#include "text/utf8.h"

struct judged {
    enum verdict verdict;
    enum skip skip;
    char reason[RECORD_REASON_BYTES];
};

struct pass { // one way through the object
    struct reading *reading;
    struct table *table;
    bool is_direct;
    void *self; // the taker's
};

struct taker {     // what becomes of a format's lines
    bool can_copy; // straight into the tables
    bool (*open)(struct scope *s, struct pass *pass);
    bool (*take)(struct scope *s, struct pass *pass, const struct line *line, struct judged *out);
    bool (*settle)(struct scope *s, struct pass *pass);
};

static void
day_note(struct reading *reading, struct day day)
{
    if (day.n < reading->first.n)
        reading->first = day;
    if (day.n > reading->last.n)
        reading->last = day;
}

static bool
days_open(struct scope *s, struct pass *pass)
{
    const bool is_graded = table_format(pass->table)->kind == TABLE_EXPORT;
    return (pass->self = stage_open(s, pass->reading->db, pass->reading->object_id,
                                    is_graded         ? STAGE_GRADED
                                    : pass->is_direct ? STAGE_DIRECT
                                                      : STAGE_SETTLED)) != NULL;
}

static bool
days_take(struct scope *s, struct pass *pass, const struct line *line, struct judged *out)
{
    struct record record;
    out->verdict =
        record_read(&pass->reading->rules, pass->table, line, &record, &out->skip, out->reason);
    if (out->verdict != RECORD_KEPT)
        return true;
    day_note(pass->reading, record.day);
    return stage_add(s, pass->self, &record, line->number);
}

static bool
days_settle(struct scope *s, struct pass *pass)
{
    return stage_settle(s, pass->self, pass->reading->request->as_of, &pass->reading->tally);
}

static bool
hours_begin(struct scope *s, struct pass *pass)
{
    pass->reading->has_hours = true;
    return (pass->self = hours_open(s, pass->reading->db, pass->reading->object_id,
                                    pass->is_direct)) != NULL;
}

// Counts a value that is missing under what its qualifier says.
static void
reason_count(struct reading *reading, struct str qualifier)
{
    const size_t most = READING_REASON_BYTES - 1;
    const size_t n = qualifier.n > most ? most : qualifier.n;
    struct str text = {qualifier.at, utf8_span(qualifier.at, n)};
    if (memchr(text.at, '\0', text.n) != NULL)
        text.n = 0;
    size_t i = 0;
    while (i < reading->n_reasons && !str_is(text, reading->reasons[i].text))
        i++;
    if (i == READING_REASONS - 1)
        text = (struct str){"others", 6};
    if (i == reading->n_reasons) {
        memcpy(reading->reasons[i].text, text.at, text.n);
        reading->reasons[i].text[text.n] = '\0';
        reading->n_reasons++;
    }
    reading->reasons[i].n++;
}

static bool
hours_take(struct scope *s, struct pass *pass, const struct line *line, struct judged *out)
{
    struct record record;
    out->verdict =
        record_read(&pass->reading->rules, pass->table, line, &record, &out->skip, out->reason);
    if (out->verdict == RECORD_SKIPPED && out->skip == SKIP_NO_VALUE && record.qualifier.n > 0)
        reason_count(pass->reading, record.qualifier);
    if (out->verdict != RECORD_KEPT)
        return true;
    day_note(pass->reading, record.day);
    return hours_add(s, pass->self, &record, line->number);
}

static bool
hours_end(struct scope *s, struct pass *pass)
{
    return hours_settle(s, pass->self, pass->reading->request->as_of, &pass->reading->tally,
                        &pass->reading->days);
}

static bool
sites_open(struct scope *s, struct pass *pass)
{
    return (pass->self = facts_open(s, pass->reading->db, pass->reading->object_id)) != NULL;
}

static bool
sites_take(struct scope *s, struct pass *pass, const struct line *line, struct judged *out)
{
    return facts_add(s, pass->self, line, &out->verdict, out->reason);
}

static bool
sites_settle(struct scope *s, struct pass *pass)
{
    return facts_settle(s, pass->self, &pass->reading->tally);
}

static const struct taker days_taker = {true, days_open, days_take, days_settle};
static const struct taker graded_taker = {false, days_open, days_take, days_settle};
static const struct taker hours_taker = {true, hours_begin, hours_take, hours_end};
static const struct taker sites_taker = {false, sites_open, sites_take, sites_settle};

static const struct taker *
taker_of(enum table_kind kind)
{
    switch (kind) {
    case TABLE_EXPORT:
        return &graded_taker;
    case TABLE_HOURS:
        return &hours_taker;
    case TABLE_SITES:
        return &sites_taker;
    case TABLE_AIRDATA:
    case TABLE_API:
    case TABLE_STATION:
        break;
    }
    return &days_taker;
}

// Streams all lines through the rules into the stage. What must outlive a line is kept in `s`;
// what a line needs for itself goes with `one`.
static bool
lines_read(struct scope *s, struct scope *one, struct pass *pass, const struct taker *taker)
{
    struct judged judged;
    struct reading *reading = pass->reading;
    const struct line *line;
    const struct feed *feed = table_feed(pass->table);
    struct progress *bar = progress_open(s, reading->request->name, feed_size(feed), "bytes",
                                         reading->request->is_quiet);
    for (;;) {
        const struct scope_mark mark = scope_mark(one);
        if (!table_next(one, pass->table, &line))
            return false;
        if (line == NULL)
            break;
        if ((reading->n_rows++ & 4095) == 0)
            progress_move(bar, feed_position(feed), NULL);
        if (!taker->take(one, pass, line, &judged))
            return false;
        if (judged.verdict == RECORD_SKIPPED)
            reading->skipped[judged.skip]++;
        if (judged.verdict == RECORD_REJECTED) {
            rejects_note(reading->rejects, line->number, judged.reason, line->raw);
            scope_release(one, mark);
        }
    }
    progress_finish(bar);
    return true;
}

// Reads the whole object once, in a transaction of its own inside the caller's.
static bool
pass_run(struct scope *s, struct reading *reading, struct feed *feed, bool is_direct,
         bool *can_copy)
{
    struct scope one = {0};
    struct pass pass = {.reading = reading, .is_direct = is_direct};
    reading->n_rows = 0;
    reading->n_reasons = 0;
    memset(reading->skipped, 0, sizeof reading->skipped);
    memset(reading->reasons, 0, sizeof reading->reasons);
    reading->first = (struct day){INT32_MAX};
    reading->last = (struct day){INT32_MIN};
    reading->rejects = rejects_open(s);
    if (feed == NULL || !db_begin(s, reading->db))
        return false;
    pass.table = table_open_feed(s, feed, reading->request->parameter);
    if (pass.table == NULL)
        return false;
    const struct taker *taker = taker_of(table_format(pass.table)->kind);
    *can_copy = taker->can_copy;
    if (!taker->open(s, &pass))
        return false;
    const bool ok = lines_read(s, &one, &pass, taker) && taker->settle(&one, &pass);
    if (!ok)
        fail_as(s, &one);
    scope_close(&one);
    return ok && db_commit(s, reading->db);
}

bool
reading_can_copy(enum table_kind kind)
{
    return taker_of(kind)->can_copy;
}

bool
reading_copy(struct scope *s, struct reading *reading, struct feed *feed)
{
    bool can_copy;
    return pass_run(s, reading, feed, true, &can_copy);
}

bool
reading_run(struct scope *s, struct reading *reading, int fd, bool is_known)
{
    bool can_copy = true;
    if (!is_known) {
        const struct scope_mark mark = scope_mark(s);
        if (pass_run(s, reading, feed_open(s, fd), true, &can_copy))
            return true;
        if (s->kind != ERROR_CONFLICT || !can_copy)
            return false;
        scope_forgive(s);
        scope_release(s, mark);
    }
    return pass_run(s, reading, feed_open(s, fd), false, &can_copy);
}
