// What the quality gate said: for the home page in short, for the data page with rows and history.
#include <string.h>

#include "site/page.h"
#include "site/site.sql.h"
#include "text/json.h"

static const char *
verdict_class(const char *verdict)
{
    return strcmp(verdict, "fail") == 0 ? "bad" : strcmp(verdict, "warn") == 0 ? "warn" : "ok";
}

static void
check_slots(struct slots *row, const struct rows *r, size_t i)
{
    slots_text(row, "check", rows_text(r, i, "name"));
    slots_text(row, "expect", rows_text(r, i, "expect"));
    slots_text(row, "verdict", rows_text(r, i, "verdict"));
    slots_html(row, "verdict_class", verdict_class(rows_text(r, i, "verdict")));
    slots_text(row, "detail", rows_text(r, i, "detail"));
}

static void
gate_slots(struct slots *v, const struct rows *r)
{
    size_t n_failed = 0, n_warned = 0;
    for (size_t i = 0; i < rows_count(r); i++) {
        n_failed += strcmp(rows_text(r, i, "verdict"), "fail") == 0;
        n_warned += strcmp(rows_text(r, i, "verdict"), "warn") == 0;
    }
    slots_html(v, "gate",
               n_failed > 0         ? "closed"
               : rows_count(r) == 0 ? "not run yet"
               : n_warned > 0       ? "open, with warnings"
                                    : "open");
    slots_html(v, "gate_class", n_failed > 0 ? "bad" : n_warned > 0 ? "warn" : "ok");
}

static void
checks_slots(struct slots *v, const struct rows *r)
{
    slots_list(v, "checks");
    for (size_t i = 0; i < rows_count(r); i++)
        check_slots(slots_row(v, "checks"), r, i);
    gate_slots(v, r);
}

bool
page_quality(struct site *site, struct slots *v)
{
    const struct rows *r = DB_QUERY(site->s, site->db, &sql_site_quality, site->as_of);
    if (r != NULL)
        checks_slots(v, r);
    return r != NULL;
}

// A member of an offending row as a person reads it.
static const char *
value_text(struct scope *s, const struct json *value)
{
    switch (json_kind(value)) {
    case JSON_TEXT:
        return json_as_text(value);
    case JSON_NUMBER:
        return scope_print(s, "%.10g", json_as_number(value));
    case JSON_BOOL:
        return json_as_bool(value) ? "true" : "false";
    case JSON_NULL:
        return "–";
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return "…";
}

// The offending rows, each an object with the same keys.
static bool
sample_slots(struct site *site, struct slots *row, const char *sample)
{
    const struct json *list = json_parse(site->s, sample, strlen(sample));
    if (list == NULL)
        return false;
    slots_if(row, "if_sample", json_count(list) > 0);
    slots_list(row, "sample_columns");
    slots_list(row, "samples");
    for (const struct json *one = json_first(list); one != NULL; one = json_next(one)) {
        struct slots *shown = slots_row(row, "samples");
        slots_list(shown, "values");
        for (const struct json *x = json_first(one); x != NULL; x = json_next(x)) {
            if (one == json_first(list))
                slots_text(slots_row(row, "sample_columns"), "column", json_key(x));
            slots_text(slots_row(shown, "values"), "value", value_text(site->s, x));
        }
    }
    return true;
}

// The strip of past runs of one subject.
static void
runs_slots(struct site *site, struct slots *gate, const struct rows *runs, const char *subject)
{
    int64_t n = 0, n_failed = 0;
    slots_list(gate, "runs");
    for (size_t i = 0; i < rows_count(runs); i++) {
        const char *verdict = rows_text(runs, i, "verdict");
        if (strcmp(rows_text(runs, i, "subject"), subject) != 0)
            continue;
        struct slots *run = slots_row(gate, "runs");
        slots_html(run, "run_class", verdict_class(verdict));
        slots_text(run, "run_words",
                   scope_print(site->s, "%s: %s, %lld failed, %lld warned",
                               rows_text(runs, i, "as_of"), verdict,
                               (long long)rows_int(runs, i, "n_failed"),
                               (long long)rows_int(runs, i, "n_warned")));
        n++;
        n_failed += strcmp(verdict, "fail") == 0;
    }
    slots_int(gate, "n_runs", n);
    slots_int(gate, "n_runs_failed", n_failed);
}

bool
page_gates(struct site *site, struct slots *v)
{
    const struct rows *r = DB_QUERY(site->s, site->db, &sql_site_quality, site->as_of);
    const struct rows *runs =
        r == NULL ? NULL : DB_QUERY(site->s, site->db, &sql_site_quality_runs, site->as_of);
    struct slots *gate = NULL;
    const char *last = "";
    if (runs == NULL)
        return false;
    checks_slots(v, r);
    slots_list(v, "gates");
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *subject = rows_text(r, i, "subject");
        if (gate == NULL || strcmp(last, subject) != 0) {
            gate = slots_row(v, "gates");
            slots_text(gate, "subject", subject);
            slots_text(gate, "target", rows_text(r, i, "target"));
            slots_text(gate, "gate_as_of", rows_text(r, i, "as_of"));
            slots_text(gate, "run_verdict", rows_text(r, i, "run_verdict"));
            slots_html(gate, "run_verdict_class", verdict_class(rows_text(r, i, "run_verdict")));
            runs_slots(site, gate, runs, subject);
            last = subject;
        }
        struct slots *row = slots_row(gate, "results");
        check_slots(row, r, i);
        slots_if(row, "if_condition", *rows_text(r, i, "condition") != '\0');
        slots_text(row, "condition", rows_text(r, i, "condition"));
        if (!sample_slots(site, row, rows_text(r, i, "sample")))
            return false;
    }
    return true;
}
