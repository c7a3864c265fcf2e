#include "source/tally.h"

#include <string.h>

static void
reason_add(struct scope *s, struct source_tally *t, const char *reason, int64_t n)
{
    size_t i = 0;
    while (i < t->n_reasons && strcmp(t->reasons[i].reason, reason) != 0)
        i++;
    if (i == TALLY_REASONS)
        return;
    if (i == t->n_reasons) {
        t->n_reasons++;
        t->reasons[i].reason = scope_copy(s, reason);
    }
    t->reasons[i].n += n;
}

bool
tally_add(struct scope *s, struct source_tally *t, const struct ingest_summary *got)
{
    struct scope one = {0};
    const struct json *skipped = json_parse(&one, got->skipped, strlen(got->skipped));
    if (skipped == NULL) {
        fail_as(s, &one);
        scope_close(&one);
        return false;
    }
    for (const struct json *r = json_first(skipped); r != NULL; r = json_next(r))
        reason_add(s, t, json_key(r), (int64_t)json_as_number(r));
    scope_close(&one);
    t->n_rows += got->n_rows;
    t->n_new += got->n_new;
    t->n_changed += got->n_changed;
    t->n_same += got->n_same;
    t->n_skipped += got->n_skipped;
    t->n_rejected += got->n_rejected;
    t->n_removed += got->n_removed;
    if (t->first_reject == NULL && got->first_reject != NULL)
        t->first_reject = scope_copy(s, got->first_reject);
    return true;
}

void
tally_fail(struct scope *s, struct source_tally *t, const char *unit, const struct scope *failed)
{
    t->n_failed++;
    t->is_away = t->is_away || failed->kind == ERROR_UNAVAILABLE;
    if (t->n_failures < TALLY_FAILURES)
        t->failures[t->n_failures++] = (struct tally_failure){
            .unit = unit, .error = scope_copy(s, failed->message), .kind = failed->kind};
}

void
tally_note(struct scope *s, struct source_tally *t, const char *unit, const char *note)
{
    if (t->n_notes < TALLY_NOTES)
        t->notes[t->n_notes++] =
            (struct tally_note){.unit = scope_copy(s, unit), .note = scope_copy(s, note)};
}

static void
units_report(const struct source_tally *t, struct json_writer *w)
{
    json_put_key(w, "units");
    json_object_begin(w);
    json_pair_int(w, "planned", t->n_units);
    json_pair_int(w, "done", t->n_done);
    json_pair_int(w, "unchanged", t->n_unchanged);
    json_pair_int(w, "empty", t->n_empty);
    json_pair_int(w, "failed", t->n_failed);
    json_pair_int(w, "done_before", t->n_past);
    json_pair_int(w, "busy", t->n_busy);
    json_pair_int(w, "left", t->n_left);
    json_object_end(w);
}

void
tally_report(const struct source_tally *t, struct json_writer *w)
{
    json_pair_int(w, "rows", t->n_rows);
    json_pair_int(w, "new", t->n_new);
    json_pair_int(w, "changed", t->n_changed);
    json_pair_int(w, "same", t->n_same);
    json_put_key(w, "skipped");
    json_object_begin(w);
    for (size_t i = 0; i < t->n_reasons; i++)
        json_pair_int(w, t->reasons[i].reason, t->reasons[i].n);
    json_object_end(w);
    json_pair_int(w, "rejected", t->n_rejected);
    json_pair_int(w, "removed", t->n_removed);
    json_pair_text(w, "first_reject", t->first_reject);
    json_pair_int(w, "size_bytes", t->n_bytes);
    units_report(t, w);
    json_put_key(w, "failures");
    json_array_begin(w);
    for (size_t i = 0; i < t->n_failures; i++) {
        json_object_begin(w);
        json_pair_text(w, "unit", t->failures[i].unit);
        json_pair_text(w, "code", error_name(t->failures[i].kind));
        json_pair_text(w, "message", t->failures[i].error);
        json_object_end(w);
    }
    json_array_end(w);
    json_put_key(w, "notes");
    json_array_begin(w);
    for (size_t i = 0; i < t->n_notes; i++) {
        json_object_begin(w);
        json_pair_text(w, "unit", t->notes[i].unit);
        json_pair_text(w, "note", t->notes[i].note);
        json_object_end(w);
    }
    json_array_end(w);
    json_pair_bool(w, "resumed", t->is_resumed);
    json_pair_number(w, "seconds", t->seconds);
}

const char *
tally_words(struct scope *s, const struct source_tally *t)
{
    struct buf text = buf_open(s, 256);
    buf_print(&text,
              "%lld rows in %.1f s (%.1f MB/s): %lld new, %lld changed, %lld same, %lld set aside "
              "by rules, %lld rejected; of %lld units %lld done, %lld empty, %lld failed",
              (long long)t->n_rows, t->seconds,
              t->seconds > 0 ? (double)t->n_bytes / 1e6 / t->seconds : 0, (long long)t->n_new,
              (long long)t->n_changed, (long long)t->n_same, (long long)t->n_skipped,
              (long long)t->n_rejected, (long long)t->n_units, (long long)t->n_done,
              (long long)t->n_empty, (long long)t->n_failed);
    if (t->n_removed > 0)
        buf_print(&text, "; %lld rows of the table removed", (long long)t->n_removed);
    if (t->n_unchanged > 0)
        buf_print(&text, ", %lld unchanged", (long long)t->n_unchanged);
    if (t->n_past > 0)
        buf_print(&text, ", %lld done before", (long long)t->n_past);
    if (t->n_busy > 0)
        buf_print(&text, ", %lld at another process", (long long)t->n_busy);
    if (t->n_left > 0)
        buf_print(&text, ", %lld not tried", (long long)t->n_left);
    return text.text;
}
