// app/app.h: what the FastCGI programs serve from, and their life.
#ifndef APP_APP_H
#define APP_APP_H

#include <pthread.h>

#include "base/config.h"
#include "base/memo.h"
#include "http/server.h"
#include "serve/serving.h"
#include "serve/spool.h"
#include "store/store.h"

struct app {
    const struct config *config;
    struct auth *auth;
    struct memo *levels;          // how far a principal may go with a thing, see mlflow/permit.h
    struct memo *run_experiments; // of which experiment a run is; never another
    struct counters *counters;
    struct store *store;
    struct serving *serving; // NULL in programs that do not predict
    struct spool *spool;     // likewise
    const char *name;
    pthread_mutex_t checking; // of the store, which is tried at most every few seconds
    double checked_s;
    bool is_store_up;
    bool is_settled; // the database knows the settings that searches join
};

// Runs a program until SIGTERM: reads the settings, opens what it serves from, follows changes,
// answers these areas. Returns main's exit code.
int app_main(const char *name, const struct area *const areas[], bool is_predicting);

// The app behind a request.
struct app *app_of(const struct request *in);

// Tells whether objects can be written and read; asked of the store at most every 10 s.
bool app_store_is_up(struct app *app);

// Takes a failure of the store's over: its refusal of us is not one of the caller. Returns false.
bool app_store_failed(struct scope *s);

#endif
