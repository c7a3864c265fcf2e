#include "aqs/aqi.h"

#include <math.h>
#include <stddef.h>

#define N_BANDS 6

static const struct {
    int highest; // index of the band; higher ones are hazardous, too
    const char *category, *colour;
} bands[N_BANDS] = {
    {50, "Good", "#00E400"},
    {100, "Moderate", "#FFFF00"},
    {150, "Unhealthy for Sensitive Groups", "#FF7E00"},
    {200, "Unhealthy", "#FF0000"},
    {300, "Very Unhealthy", "#8F3F97"},
    {500, "Hazardous", "#7E0023"},
};

struct table {
    int parameters[2];
    double scale;      // truncated units in one stored unit
    bool goes_on;      // past its last band, with that band's slope
    int high[N_BANDS]; // of each band, in truncated units; the next begins one above; 0 ends them
};

static const struct table tables[] = {
    {{88101, 88502}, 10, true, {90, 354, 554, 1254, 2254, 3254}},
    {{81102}, 1, true, {54, 154, 254, 354, 424, 604}},
    {{44201}, 1000, false, {54, 70, 85, 105, 200}},
    {{42101}, 10, true, {44, 94, 124, 154, 304, 504}},
    {{42401}, 1, false, {35, 75, 185, 304}},
    {{42602}, 1, true, {53, 100, 360, 649, 1249, 2049}},
};

static const struct table *
table_find(int parameter)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (parameter != 0 &&
            (tables[i].parameters[0] == parameter || tables[i].parameters[1] == parameter))
            return &tables[i];
    return NULL;
}

// The index of a truncated concentration; whole numbers throughout, half rounded up.
static int
index_of(const struct table *table, double units)
{
    size_t i = 0;
    while (i + 1 < N_BANDS && units > table->high[i] && table->high[i + 1] > 0)
        i++;
    if (units > table->high[i] && !table->goes_on)
        return bands[i].highest;
    const int low = i == 0 ? 0 : table->high[i - 1] + 1;
    const int index_low = i == 0 ? 0 : bands[i - 1].highest + 1;
    const double rise = bands[i].highest - index_low, run = table->high[i] - low;
    return (int)floor((2 * rise * (units - low) + run) / (2 * run)) + index_low;
}

bool
aqi_of(int parameter, double value, struct aqi *out)
{
    const struct table *table = table_find(parameter);
    if (table == NULL || !isfinite(value) || value > 1e6)
        return false;
    // 0.057 * 1000 is 56.999…: the millionth keeps what was written.
    const double units = value <= 0 ? 0 : floor(value * table->scale + 1e-6);
    const int index = index_of(table, units);
    size_t i = 0;
    while (i + 1 < N_BANDS && index > bands[i].highest)
        i++;
    *out = (struct aqi){index, bands[i].category, bands[i].colour};
    return true;
}
