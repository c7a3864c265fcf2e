// site/chart.h: the charts, drawn by one gnuplot process for all of them.
//
// gnuplot reads only our own scripts (lib/site/*.gp) and files of numbers; no text from outside
// reaches it.
#ifndef SITE_CHART_H
#define SITE_CHART_H

#include "site/page.h"

// Draws chart/station-<slug>.svg of each station with a value in the series,
// chart/accuracy-<slug>.svg of each model and chart/network.svg.
//
//   errors  UNAVAILABLE with gnuplot's words, LIMIT when it takes over a minute
bool charts_draw(struct site *site) MUST_CHECK;

// True where a station has a chart.
bool chart_is_drawn(const struct station *station);

#endif
