#include "app/app.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "http/listener.h"
#include "registry/team.h"

#define STORE_FRESH_S 10
#define LEVELS 4096        // remembered
#define RUNS 16384         // likewise
#define RUN_FRESH_S 3600.0 // a run stays in its experiment, but may be deleted for good

struct app *
app_of(const struct request *in)
{
    return in->app;
}

bool
app_store_is_up(struct app *app)
{
    const double now_s = time_monotonic_s();
    pthread_mutex_lock(&app->checking);
    if (app->checked_s == 0 || now_s - app->checked_s > STORE_FRESH_S) {
        struct scope s = {0};
        app->is_store_up = store_check(&s, app->store);
        if (!app->is_store_up)
            log_error("store.failed", "reason=\"%s\"", s.message);
        app->checked_s = now_s;
        scope_close(&s);
    }
    const bool is_up = app->is_store_up;
    pthread_mutex_unlock(&app->checking);
    return is_up;
}

bool
app_store_failed(struct scope *s)
{
    if (s->kind == ERROR_DENIED)
        s->kind = ERROR_UNAVAILABLE;
    return false;
}

// Resident memory, from the second number of /proc/self/statm.
static double
resident_bytes(void)
{
    long n_pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%*s %ld", &n_pages) != 1)
        n_pages = 0;
    fclose(f);
    return (double)n_pages * (double)sysconf(_SC_PAGESIZE);
}

static void
program_gauge(const struct app *app, enum counter_family family, double value)
{
    struct scope s = {0};
    struct buf labels = buf_open(&s, 64);
    counter_label(&labels, "program", app->name);
    counter_set(counter_find(app->counters, family, labels.text), value);
    scope_close(&s);
}

static void
word_heard(void *context)
{
    const struct app *app = context;
    auth_forget(app->auth);
    memo_forget(app->levels);
}

static void
settings_tell(struct app *app, struct db *db)
{
    struct scope s = {0};
    const struct config_mlflow *c = &app->config->mlflow;
    app->is_settled = grant_settings(&s, db, c->default_permission, c->anonymous_role);
    if (!app->is_settled)
        log_warn("permission.not_set", "reason=\"%s\"", s.message);
    scope_close(&s);
}

static void
change_take(void *context, struct db *db)
{
    struct app *app = context;
    if (!app->is_settled)
        settings_tell(app, db);
    if (app->serving != NULL)
        serving_refresh(app->serving, db, time_now());
    program_gauge(app, COUNTER_process_resident_bytes, resident_bytes());
}

static bool
predicting_open(struct scope *s, struct app *app)
{
    const struct config *config = app->config;
    const struct spool_options options = {
        .folder = config_path(s, config, "spool"),
        .database_url = config->database_url,
        .is_synced = config->durable[0] == 'p',
        .counters = app->counters,
    };
    app->serving = serving_open(s, app->store, app->counters);
    app->spool = spool_open(s, &options);
    return app->spool != NULL;
}

static bool
run(struct scope *s, struct app *app, const struct area *const areas[], bool is_predicting)
{
    const struct config *config = app->config;
    const struct server_options options = server_options(s, config, app->name);
    const struct listener_options follow = {
        .database_url = config->database_url,
        .who = app->name,
        .heard = word_heard,
        .changed = change_take,
        .context = app,
    };
    app->auth = auth_open(s);
    auth_anonymous_set(app->auth, roles_read(config->mlflow.anonymous_role));
    app->levels = memo_open(s, LEVELS, AUTH_FRESH_S);
    app->run_experiments = memo_open(s, RUNS, RUN_FRESH_S);
    app->counters = counters_open(s, config_path(s, config, "run/counters.shm"));
    app->store = store_open(s, config);
    if (app->counters == NULL || app->store == NULL ||
        (is_predicting && !predicting_open(s, app)) || !listener_start(s, &follow))
        return false;
    program_gauge(app, COUNTER_process_start_timestamp_seconds, (double)time_now());
    const struct service service = {
        .name = app->name,
        .areas = areas,
        .auth = app->auth,
        .counters = app->counters,
        .app = app,
    };
    return server_run(s, config, &service, &options);
}

int
app_main(const char *name, const struct area *const areas[], bool is_predicting)
{
    struct scope s = {0};
    struct config config;
    struct app app = {.config = &config, .name = name};

    server_signals_hold();
    pthread_mutex_init(&app.checking, NULL);
    if (!config_load(&s, &config) || !run(&s, &app, areas, is_predicting))
        log_error("program.failed", "program=%s reason=\"%s\"", name, s.message);
    const int code = error_exit_code(s.kind);
    scope_close(&s);
    pthread_mutex_destroy(&app.checking);
    return code;
}
