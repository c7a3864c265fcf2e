// api/routes.h: all addresses of the programs, by program; www/api tells the same (/api/openapi.json).
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "http/route.h"

extern const struct route predict_routes[];
extern const struct route registry_routes[];
extern const struct route metrics_routes[];

extern const struct area predict_area, registry_area, metrics_area;

#endif
