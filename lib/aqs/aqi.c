#include "aqs/aqi.h"

#include <math.h>
#include <stddef.h>

#define BAND_MOST 6

struct band { // both ends belong to it, in the table's truncated units
    int index_low, index_high;
    int low, high;
};

struct table {
    int parameter;
    double scale; // truncated units in one stored unit
    bool goes_on; // past its last band, with that band's slope
    struct band bands[BAND_MOST + 1];
};

// Each table ends with an empty band.
static const struct table tables[] = {
    {88101,
     10,
     true,
     {{0, 50, 0, 90},
      {51, 100, 91, 354},
      {101, 150, 355, 554},
      {151, 200, 555, 1254},
      {201, 300, 1255, 2254},
      {301, 500, 2255, 3254},
      {0}}},
    {88502,
     10,
     true,
     {{0, 50, 0, 90},
      {51, 100, 91, 354},
      {101, 150, 355, 554},
      {151, 200, 555, 1254},
      {201, 300, 1255, 2254},
      {301, 500, 2255, 3254},
      {0}}},
    {81102,
     1,
     true,
     {{0, 50, 0, 54},
      {51, 100, 55, 154},
      {101, 150, 155, 254},
      {151, 200, 255, 354},
      {201, 300, 355, 424},
      {301, 500, 425, 604},
      {0}}},
    {44201,
     1000,
     false,
     {{0, 50, 0, 54},
      {51, 100, 55, 70},
      {101, 150, 71, 85},
      {151, 200, 86, 105},
      {201, 300, 106, 200},
      {0}}},
    {42101,
     10,
     true,
     {{0, 50, 0, 44},
      {51, 100, 45, 94},
      {101, 150, 95, 124},
      {151, 200, 125, 154},
      {201, 300, 155, 304},
      {301, 500, 305, 504},
      {0}}},
    {42401,
     1,
     false,
     {{0, 50, 0, 35}, {51, 100, 36, 75}, {101, 150, 76, 185}, {151, 200, 186, 304}, {0}}},
    {42602,
     1,
     true,
     {{0, 50, 0, 53},
      {51, 100, 54, 100},
      {101, 150, 101, 360},
      {151, 200, 361, 649},
      {201, 300, 650, 1249},
      {301, 500, 1250, 2049},
      {0}}},
};

static const struct {
    int highest;
    const char *category, *colour;
} categories[] = {
    {50, "Good", "#00E400"},
    {100, "Moderate", "#FFFF00"},
    {150, "Unhealthy for Sensitive Groups", "#FF7E00"},
    {200, "Unhealthy", "#FF0000"},
    {300, "Very Unhealthy", "#8F3F97"},
    {0, "Hazardous", "#7E0023"},
};

static const struct table *
table_find(int parameter)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (tables[i].parameter == parameter)
            return &tables[i];
    return NULL;
}

// The index of a truncated concentration; whole numbers throughout, half rounded up.
static int
index_of(const struct table *table, double units)
{
    const struct band *band = table->bands;
    while (units > band->high && band[1].high > 0)
        band++;
    if (units > band->high && !table->goes_on)
        return band->index_high;
    const double rise = band->index_high - band->index_low, run = band->high - band->low;
    return (int)floor((2 * rise * (units - band->low) + run) / (2 * run)) + band->index_low;
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
    while (categories[i].highest != 0 && index > categories[i].highest)
        i++;
    *out = (struct aqi){index, categories[i].category, categories[i].colour};
    return true;
}
