#include <string.h>

#include "api/access.sql.h"
#include "api/handlers.h"
#include "api/page.h"
#include "app/app.h"

#define DAY_S 86400

static void
audit_write(struct json_writer *w, const struct rows *r, size_t i)
{
    static const char *const texts[] = {"at", "actor", "action", "object", "hash"};
    json_object_begin(w);
    json_pair_int(w, "audit_id", rows_int(r, i, "audit_id"));
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        json_pair_text(w, texts[k], rows_text(r, i, texts[k]));
    json_put_key(w, "detail");
    json_put_raw(w, rows_text(r, i, "detail"));
    json_object_end(w);
}

bool
access_audit(struct scope *s, const struct request *in, struct reply *out)
{
    const char *before;
    int64_t number = 0;
    if (!request_query(s, in, "before", &before) ||
        (before != NULL && !page_number(s, "before", before, &number)))
        return false;
    const struct rows *r = DB_QUERY(s, in->db, &sql_access_audit, before);
    const struct rows *broken =
        r == NULL ? NULL : db_query(s, in->db, &sql_access_audit_broken, 0, NULL);
    if (broken == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_int(&w, "n_broken", rows_int(broken, 0, "n"));
    json_put_key(&w, "audit");
    json_array_begin(&w);
    for (size_t i = 0; i < rows_count(r); i++)
        audit_write(&w, r, i);
    json_array_end(&w);
    json_object_end(&w);
    return true;
}

bool
access_tokens(struct scope *s, const struct request *in, struct reply *out)
{
    static const char *const texts[] = {"principal",  "roles",      "label",
                                        "created_at", "expires_at", "state"};
    const struct rows *r = token_list(s, in->db);
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "tokens");
    json_array_begin(&w);
    for (size_t i = 0; i < rows_count(r); i++) {
        json_object_begin(&w);
        json_pair_int(&w, "token_id", rows_int(r, i, "token_id"));
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            json_pair_text(&w, texts[k],
                           rows_is_null(r, i, texts[k]) ? NULL : rows_text(r, i, texts[k]));
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    return true;
}

static bool
token_request_read(struct scope *s, const struct request *in, struct token_request *out)
{
    static const char *const known[] = {"principal", "role", "label", "expires_days", NULL};
    int64_t days = 0;
    const struct json *body = json_parse(s, in->body.at, in->body.n);
    if (body == NULL)
        return false;
    if (json_kind(body) != JSON_OBJECT)
        return fail(s, ERROR_INPUT, "the body is not an object");
    *out = (struct token_request){.label = "", .actor = in->principal};
    if (!json_keys_check(s, body, known) || !json_text(s, body, "principal", &out->principal) ||
        !json_text(s, body, "role", &out->role) ||
        (json_find(body, "label") != NULL && !json_text(s, body, "label", &out->label)) ||
        (json_find(body, "expires_days") != NULL && !json_int(s, body, "expires_days", &days)))
        return false;
    if (days < 0 || days > 36500)
        return fail(s, ERROR_INPUT, "expires_days is %lld, not from 0 to 36500", (long long)days);
    if (days > 0)
        out->expires_at = in->at + days * DAY_S;
    return true;
}

bool
access_token_create(struct scope *s, const struct request *in, struct reply *out)
{
    char token[TOKEN_TEXT];
    int64_t token_id;
    struct token_request request;
    if (!token_request_read(s, in, &request) ||
        !token_create(s, in->db, &request, token, &token_id))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_int(&w, "token_id", token_id);
    json_pair_text(&w, "principal", request.principal);
    json_pair_text(&w, "role", request.role);
    json_pair_text(&w, "token", token);
    json_object_end(&w);
    out->status = 201;
    reply_header(out, "Cache-Control", "no-store");
    return true;
}

bool
access_token_revoke(struct scope *s, const struct request *in, struct reply *out)
{
    int64_t token_id;
    if (!page_number(s, "token", in->parts[0], &token_id) ||
        !token_revoke(s, in->db, token_id, in->principal))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_int(&w, "revoked", token_id);
    json_object_end(&w);
    return true;
}
