// One page for each station that has ever measured the subject's parameter.
#include <math.h>
#include <string.h>

#include "site/chart.h"
#include "site/page.h"

#define TABLE_DAYS 14

static void
days_slots(const struct site *site, const struct station *t, struct slots *v)
{
    const int digits = site->subject.parameter == 44201 ? 3 : 1;
    size_t n = 0;
    slots_list(v, "days");
    for (size_t i = t->n_points; i > 0 && n < TABLE_DAYS; i--, n++) {
        const struct point *p = &t->points[i - 1];
        struct slots *row = slots_row(v, "days");
        const double miss = p->value - p->truth;
        const bool is_known = isfinite(miss);
        const bool is_inside = p->truth >= p->lower && p->truth <= p->upper;
        slots_text(row, "day", p->day);
        slots_number(row, "truth", p->truth, digits);
        slots_number(row, "predicted", p->value, digits);
        slots_number(row, "day_lower", p->lower, digits);
        slots_number(row, "day_upper", p->upper, digits);
        slots_number(row, "miss", miss, digits);
        slots_if(row, "if_band", isfinite(p->lower) && isfinite(p->upper));
        slots_html(row, "inside",
                   is_known                        ? is_inside ? "inside" : "outside"
                   : !isfinite(p->value)           ? "no forecast"
                   : strcmp(p->day, site->day) > 0 ? "not known yet"
                                                   : "not measured");
        slots_html(row, "inside_class", !is_known ? "" : is_inside ? "ok" : "warn");
    }
}

static bool
station_write(struct site *site, const struct station *t)
{
    struct scope *s = site->s;
    struct slots *v = slots_open(s);
    page_station_slots(site, t, v);
    days_slots(site, t, v);
    slots_if(v, "if_forecast", t->day != NULL);
    slots_text(v, "forecast_day", t->day != NULL ? page_day(s, t->day) : "");
    slots_text(v, "forecast_version", t->day != NULL ? t->version : "");
    slots_text(v, "made_at", t->day != NULL ? t->made_at : "");
    slots_text(v, "last_day_words", page_day(s, t->last_day));
    slots_int(v, "silent_days", t->silent_days);
    slots_if(v, "if_chart", chart_is_drawn(t));
    slots_if(v, "if_scored", t->n_scored > 0);
    slots_if(v, "if_place", isfinite(t->latitude) && isfinite(t->longitude));
    return page_write(site, scope_print(s, "station/%s.html", t->slug), "station.html", t->name, "",
                      v);
}

bool
page_stations(struct site *site)
{
    for (size_t i = 0; i < site->n_stations; i++)
        if (!station_write(site, &site->stations[i]))
            return explain(site->s, "could not render station \"%s\"", site->stations[i].site);
    return true;
}
