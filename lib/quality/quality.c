#include "quality/quality.h"

#include <string.h>

#include "quality/quality.sql.h"

bool
quality_run(struct scope *s, struct db *db, const struct quality_spec *spec, int parameter,
            const char *model, int64_t as_of, struct quality_result *out)
{
    char today[DAY_TEXT];
    *out = (struct quality_result){0};
    const struct rows *r =
        DB_QUERY(s, db, &sql_quality_run, db_int(s, parameter), model, db_time(s, as_of),
                 day_format(time_day(as_of), today), db_int(s, spec->fresh_days),
                 db_number(s, spec->completeness), db_number(s, spec->range_share),
                 db_int(s, spec->flat_days), db_int(s, spec->rows_at_least));
    if (r == NULL)
        return explain(s, "could not check the data of model \"%s\"", model);
    out->n_checks = rows_count(r);
    for (size_t i = 0; i < out->n_checks; i++) {
        const char *verdict = rows_text(r, i, "verdict");
        out->n_warnings += strcmp(verdict, "warn") == 0;
        if (strcmp(verdict, "fail") != 0)
            continue;
        out->n_failures++;
        if (out->first_failure == NULL)
            out->first_failure =
                scope_print(s, "%s: %s", rows_text(r, i, "name"), rows_text(r, i, "detail"));
    }
    return true;
}
