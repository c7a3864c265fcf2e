#include "aqs/pollutant.h"

#define PM_DURATIONS                                                                               \
    {                                                                                              \
        "24-HR BLK AVG", "24 HOUR"                                                                 \
    }
#define WEATHER_DURATIONS                                                                          \
    {                                                                                              \
        "1 HOUR", "24 HOUR"                                                                        \
    }
#define PM_UNIT "Micrograms/cubic meter", "ug/m3"
#define PPM "Parts per million", "ppm"
#define PPB "Parts per billion", "ppb"

static const struct pollutant pollutants[] = {
    {88101, PM_DURATIONS, "PM25 24-hour 2024", PM_UNIT, false, false},
    {88502, PM_DURATIONS, "PM25 24-hour 2024", PM_UNIT, false, false},
    {81102, PM_DURATIONS, "PM10 24-hour 2006", PM_UNIT, false, false},
    {44201, {"8-HR RUN AVG BEGIN HOUR"}, "Ozone 8-hour 2015", PPM, true, true},
    {42101, {"8-HR RUN AVG END HOUR"}, "CO 8-hour 1971", PPM, true, true},
    {42401, {"1 HOUR"}, "SO2 1-hour 2010", PPB, true, true},
    {42602, {"1 HOUR"}, "NO2 1-hour 2010", PPB, true, true},
    {62101, WEATHER_DURATIONS, NULL, "Degrees Fahrenheit", "degF", false, true},
    {62103, WEATHER_DURATIONS, NULL, "Degrees Fahrenheit", "degF", false, true},
    {62201, WEATHER_DURATIONS, NULL, "Percent relative humidity", "%", false, true},
    {61103, WEATHER_DURATIONS, NULL, "Knots", "knots", false, true},
    {61104, WEATHER_DURATIONS, NULL, "Degrees Compass", "degrees", false, true},
    {64101, WEATHER_DURATIONS, NULL, "Millibars", "mbar", false, true},
};

const struct pollutant *
pollutant_find(int parameter)
{
    for (size_t i = 0; i < sizeof pollutants / sizeof pollutants[0]; i++)
        if (pollutants[i].parameter == parameter)
            return &pollutants[i];
    return NULL;
}

bool
pollutant_is_daily(const struct pollutant *p, struct str duration)
{
    for (size_t i = 0; p->durations[i] != NULL; i++)
        if (str_is(duration, p->durations[i]))
            return true;
    return false;
}
