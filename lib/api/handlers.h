// api/handlers.h: the handlers that the route tables name, by file.
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "http/reply.h"
#include "http/request.h"

// predict.c: POST /api/v1/predict/{model}
bool predict_rows(struct scope *s, const struct request *in, struct reply *out);

// forecast.c: GET /api/v1/forecast?site=&model=
bool forecast_get(struct scope *s, const struct request *in, struct reply *out);

// health.c: GET /health
bool health_get(struct scope *s, const struct request *in, struct reply *out);

// models.c: GET /api/v1/models, …/{model}, …/{model}/versions
bool model_list(struct scope *s, const struct request *in, struct reply *out);
bool model_get(struct scope *s, const struct request *in, struct reply *out);
bool model_versions(struct scope *s, const struct request *in, struct reply *out);

// versions.c: GET /api/v1/models/{model}/versions/{version}, …/versions/compare
bool version_get(struct scope *s, const struct request *in, struct reply *out);
bool version_compare(struct scope *s, const struct request *in, struct reply *out);

// access.c: GET /api/v1/audit, GET and POST /api/v1/tokens, DELETE /api/v1/tokens/{id}
bool access_audit(struct scope *s, const struct request *in, struct reply *out);
bool access_tokens(struct scope *s, const struct request *in, struct reply *out);
bool access_token_create(struct scope *s, const struct request *in, struct reply *out);
bool access_token_revoke(struct scope *s, const struct request *in, struct reply *out);

// datasets.c: GET /api/v1/datasets, …/{id}, …/{id}/data.csv, …/{id}/data.csv.gz
bool dataset_list(struct scope *s, const struct request *in, struct reply *out);
bool dataset_get(struct scope *s, const struct request *in, struct reply *out);
bool dataset_data(struct scope *s, const struct request *in, struct reply *out);
bool dataset_data_packed(struct scope *s, const struct request *in, struct reply *out);

// quality.c: GET /api/v1/quality, /api/v1/quality/{id}
bool quality_list(struct scope *s, const struct request *in, struct reply *out);
bool quality_get(struct scope *s, const struct request *in, struct reply *out);

// objects.c: GET /api/v1/sources, /api/v1/objects, /api/v1/objects/{sha256}
bool source_index(struct scope *s, const struct request *in, struct reply *out);
bool object_list(struct scope *s, const struct request *in, struct reply *out);
bool object_get(struct scope *s, const struct request *in, struct reply *out);

// document.c: GET /api/openapi.json
bool document_openapi(struct scope *s, const struct request *in, struct reply *out);

// metrics.c: GET /metrics
bool metrics_get(struct scope *s, const struct request *in, struct reply *out);

#endif
