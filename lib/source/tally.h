// source/tally.h: what a reading of a source has come to.
#ifndef SOURCE_TALLY_H
#define SOURCE_TALLY_H

#include "aqs/ingest.h"
#include "text/json.h"

#define TALLY_REASONS 32
#define TALLY_FAILURES 20
#define TALLY_NOTES 20

struct source_tally { // {0} is ready to use; texts live as long as the scope of the calls
    int64_t n_rows, n_new, n_changed, n_same, n_skipped, n_rejected, n_removed, n_bytes;
    int64_t n_units; // planned; all of them are in one of the next six
    int64_t n_done, n_empty, n_failed;
    int64_t n_unchanged; // of those done: the server said that nothing is new
    int64_t n_past;      // an interrupted backfill had done them
    int64_t n_busy;      // another process is at them
    int64_t n_left;      // not tried
    bool is_resumed;
    size_t n_reasons;
    struct tally_reason { // why rows were set aside
        const char *reason;
        int64_t n;
    } reasons[TALLY_REASONS];
    const char *first_reject;
    size_t n_failures;
    struct tally_failure { // the first ones
        const char *unit, *error;
        enum error_kind kind;
    } failures[TALLY_FAILURES];
    size_t n_notes;
    struct tally_note { // the first ones
        const char *unit, *note;
    } notes[TALLY_NOTES];
    bool is_away; // one of them was that the service did not answer
    double seconds;
};

// Adds what an ingest came to, a unit that failed, and what is to be said of one.
bool tally_add(struct scope *s, struct source_tally *t,
               const struct ingest_summary *got) MUST_CHECK;
void tally_fail(struct scope *s, struct source_tally *t, const char *unit,
                const struct scope *failed);
void tally_note(struct scope *s, struct source_tally *t, const char *unit, const char *note);

// Writes it as pairs of an open object: those of an ingest, and "units" with "failures" and
// "notes".
void tally_report(const struct source_tally *t, struct json_writer *w);

// The same in a line for people.
const char *tally_words(struct scope *s, const struct source_tally *t);

#endif
