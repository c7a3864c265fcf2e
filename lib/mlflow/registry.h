// mlflow/registry.h: what the handlers of models and of versions share.
#ifndef MLFLOW_REGISTRY_H
#define MLFLOW_REGISTRY_H

#include "http/reply.h"
#include "mlflow/message.h"
#include "mlflow/permit.h"
#include "registry/model_version.h"
#include "registry/registered_model.h"
#include "track/filter.h"

// Writes {"registered_model": …} with its latest versions, or the object alone; the same of a
// version. What is empty is left out.
void registry_put_model(struct json_writer *w, const struct registered_model *model, size_t n,
                        const struct model_version latest[]);
void registry_put_version(struct json_writer *w, const struct model_version *version);
void registry_put_versions(struct json_writer *w, size_t n, const struct model_version versions[]);

// Answers {"model_version": …} with a version as it is now.
bool registry_reply_version(struct scope *s, const struct request *in, const char *model,
                            int64_t number, struct reply *out) MUST_CHECK;

// Answers {}.
bool registry_done(struct reply *out);

// Reads one of MLflow's stages, in any case, and gives it as it is told.
//
//   errors  INPUT
bool registry_stage(struct scope *s, const char *text, const char **out) MUST_CHECK;

// Reads the name of a model and, if `number` is not NULL, the number of a version, and demands a
// permission on the model.
bool registry_read(struct scope *s, const struct request *in, const struct message *m,
                   enum permission wanted, const char **name, int64_t *number) MUST_CHECK;

// Sees to it that whoever moves a version into production or out of it manages the model, and that
// one that goes into production can be served: then `v` has its artifact.
//
//   errors  DENIED; GATE with the reason
bool registry_permit_move(struct scope *s, const struct request *in, struct version *v,
                          const char *stage) MUST_CHECK;

// Who moves a version now, and what the client did: {"mlflow": "alias"}.
struct release_move registry_move(struct scope *s, const struct request *in, const char *by);

struct registry_language { // what a search may ask, and how it is put in order
    const struct filter_language *filter, *order;
    const char *default_order[SEARCH_ORDER], *tie_break[2]; // NULL-ended unless full
    int64_t default_limit, most;
};

// Reads a search: filter, order_by, max_results, page_token. It asks for one row more than the
// page, and `registry_page_end` writes the token of the next one if that row came.
bool registry_search_read(struct scope *s, const struct request *in, const struct message *m,
                          const struct registry_language *language, struct search *out) MUST_CHECK;
size_t registry_page_end(struct scope *s, struct json_writer *w, const struct search *search,
                         size_t n);

#endif
