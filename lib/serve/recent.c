#include "serve/recent.h"

#include <math.h>

#include "learn/history.h"

#define DAYS_AT_LEAST 60 // so that a station that fell silent is still seen, and counted

bool
recent_load(struct scope *s, struct db *db, const struct artifact *a, struct day origin,
            struct panel *out)
{
    const int reach = feature_reach_days(a->features);
    const int n_days = reach > DAYS_AT_LEAST ? reach : DAYS_AT_LEAST;
    return history_load(s, db, a->recipe.parameter, day_add(origin, 1 - n_days), origin, out);
}

bool
recent_is_silent(const struct panel *p, size_t site)
{
    for (int k = 0; k < RECENT_SILENT_DAYS; k++)
        if (isfinite(panel_value(p, day_add(panel_last(p), -k), site)))
            return false;
    return true;
}
