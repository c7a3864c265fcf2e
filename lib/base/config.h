// base/config.h: settings from the environment and from `.env`, read once by main.
//
// The table below is the whole list. A key in `.env` that is not in it is refused by name and
// line, as is an environment variable beginning with AIRWATCH_; the environment wins over `.env`.
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/scope.h"

struct secret {         // never printed, never logged
    const char *hidden; // NULL when not set
};

struct config {
    const char *home;         // AIRWATCH_HOME: all state; "var" beside the program's project
    const char *port;         // PORT: where nginx listens
    const char *database_url; // DATABASE_URL: a libpq connection string; the home's own by default
    const char *log_level;    // LOG_LEVEL
    const char *aqs_url;      // AQS_URL: base of the EPA AQS API
    const char *aqs_email;    // AQS_EMAIL
    struct secret aqs_key;    // AQS_KEY
    const char *durable;      // DURABLE: "crash" (page cache) or "power" (fdatasync per answer)
    const char *gnuplot;      // GNUPLOT: the program that draws charts
};

// Reads all settings. `.env` is looked for in the current folder and then in the home.
//
//   owner   the scope
//   errors  INPUT for an unknown key or a value out of its range, naming key, file and line
bool config_load(struct scope *s, struct config *out) MUST_CHECK;

// Joins the home and a path below it.
const char *config_path(struct scope *s, const struct config *config, const char *below);

#endif
