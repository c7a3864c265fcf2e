// tests/registry/history.h: runs and versions to register in tests.
#ifndef TESTS_REGISTRY_HISTORY_H
#define TESTS_REGISTRY_HISTORY_H

#include "db.h"

#include "registry/run.h"
#include "registry/release.h"

// Registers a version with a run of its own; the id's digits are all `digit`.
static inline struct version
history_register(struct scope *s, struct db *db, char digit, int tag, const char *recipe_sha256)
{
    char run_id[33] = {0};
    struct version v = {0};
    memset(run_id, digit, 32);
    const struct run run = {.run_id = run_id, .experiment = "pm", .name = "one", .ended_ms = 1000};
    const struct version_request request = {
        .model = "pm",
        .description = "PM tomorrow",
        .tag = tag,
        .recipe = "{\"name\":\"pm\"}",
        .recipe_sha256 = recipe_sha256,
        .run_id = scope_copy(s, run_id),
        .family = "ridge",
        .reason = "ridge: the only one",
        .artifact_key = "artifacts/models/pm/0/model.json",
        .artifact_sha256 = "00",
        .metrics = "{\"candidates\":[]}",
        .as_of = day_from(2009, 1, 31),
        .actor = "tester",
    };
    CHECK(run_log(s, db, &run));
    CHECK(version_register(s, db, &request, &v));
    return v;
}

#endif
