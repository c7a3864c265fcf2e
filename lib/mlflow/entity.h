// mlflow/entity.h: what MLflow's messages are made of, read and written.
#ifndef MLFLOW_ENTITY_H
#define MLFLOW_ENTITY_H

#include "http/reply.h"
#include "mlflow/message.h"
#include "track/experiment.h"
#include "track/run.h"

// Reads a list of {key, value}; a value that is absent is "".
bool entity_pairs_read(struct scope *s, const struct message *m, const char *name, size_t *n,
                       const struct track_pair **out) MUST_CHECK;

// Reads a list of metrics with all that their clients may say of them.
bool entity_metrics_read(struct scope *s, const struct message *m, const char *name, size_t *n,
                         const struct track_metric **out) MUST_CHECK;

// Reads one metric from the fields of a message.
bool entity_metric_read(struct scope *s, const struct message *m,
                        struct track_metric *out) MUST_CHECK;

// Reads run_id, or run_uuid as it was once called.
bool entity_run_id(struct scope *s, const struct message *m, const char **out) MUST_CHECK;

// Reads an experiment's number, a text in the protocol.
bool entity_experiment_id(struct scope *s, const struct message *m, int64_t *out) MUST_CHECK;
bool entity_experiment_ids(struct scope *s, const struct message *m, size_t *n,
                           int64_t **out) MUST_CHECK;

// Reads filter, order_by, page_token, max_results and run_view_type or view_type; what is absent
// stays as it is.
bool entity_page_read(struct scope *s, const struct message *m, const char *view, int64_t most,
                      struct track_page *page) MUST_CHECK;

// Writes a key and a list of {key, value}, or nothing when there are none.
void entity_pairs_put(struct json_writer *w, const char *name, size_t n,
                      const struct track_pair pairs[]);

void entity_metric_put(struct json_writer *w, const struct track_metric *m);
void entity_experiment_put(struct json_writer *w, const struct track_experiment *e);
void entity_info_put(struct json_writer *w, const struct track_run *run);
void entity_run_put(struct json_writer *w, const struct track_run *run);

// Writes an experiment's number as the text that it is in the protocol.
void entity_number_put(struct json_writer *w, const char *name, int64_t number);

// Writes {} for what has nothing to say. Returns true, for `return entity_empty(`.
bool entity_empty(struct reply *out);

#endif
