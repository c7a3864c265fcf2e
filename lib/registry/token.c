#include "registry/token.h"

#include <stdio.h>
#include <string.h>

#include "base/chance.h"
#include "registry/audit.h"
#include "registry/token.sql.h"
#include "registry/version.h"
#include "text/json.h"

#define LABEL_BYTES 200

static const struct {
    const char *name;
    enum role role;
    unsigned implied; // itself among them
} roles[] = {
    {"viewer", ROLE_VIEWER, ROLE_VIEWER},
    {"predictor", ROLE_PREDICTOR, ROLE_PREDICTOR | ROLE_VIEWER},
    {"scientist", ROLE_SCIENTIST, ROLE_SCIENTIST | ROLE_PREDICTOR | ROLE_VIEWER},
    {"engineer", ROLE_ENGINEER, ROLE_ENGINEER | ROLE_VIEWER},
    {"operator", ROLE_OPERATOR,
     ROLE_OPERATOR | ROLE_ENGINEER | ROLE_SCIENTIST | ROLE_PREDICTOR | ROLE_VIEWER},
};

#define N_ROLES (sizeof roles / sizeof *roles)

// The role of that name, ROLE_PUBLIC when there is none.
static enum role
role_named(const char *name)
{
    for (size_t i = 0; i < N_ROLES; i++)
        if (strcmp(roles[i].name, name) == 0)
            return roles[i].role;
    return ROLE_PUBLIC;
}

const char *
role_name(enum role role)
{
    for (size_t i = 0; i < N_ROLES; i++)
        if (roles[i].role == role)
            return roles[i].name;
    if (role == ROLE_READER)
        return "scientist or engineer";
    return "public";
}

// Adds what the granted roles bring with them.
static unsigned
roles_implied(unsigned granted)
{
    unsigned all = granted;
    for (size_t i = 0; i < N_ROLES; i++)
        if (granted & (unsigned)roles[i].role)
            all |= roles[i].implied;
    return all;
}

unsigned
roles_read(const char *names)
{
    unsigned granted = 0;
    for (size_t i = 0; i < N_ROLES; i++) // no role's name is part of another's
        if (strstr(names, roles[i].name) != NULL)
            granted |= roles[i].role;
    return roles_implied(granted);
}

bool
principal_check(struct scope *s, const char *name)
{
    static const char known[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@+._-";
    const size_t n = strlen(name);
    if (n == 0 || n >= PRINCIPAL_TEXT || strchr("@+._-", name[0]) != NULL ||
        strspn(name, known) != n)
        return fail(
            s, ERROR_INPUT,
            "principal \"%.70s\" is not 1 to 63 of A-Z, a-z, 0-9, \"@\", \"+\", \".\", \"_\" "
            "and \"-\", a letter or a digit first",
            name);
    return true;
}

// Labels are shown on terminals.
static bool
has_control(const char *text)
{
    while (*text != '\0' && (unsigned char)*text >= ' ' && *text != 0x7f)
        text++;
    return *text != '\0';
}

static bool
names_check(struct scope *s, const struct token_request *request)
{
    if (role_named(request->role) == ROLE_PUBLIC)
        return fail(s, ERROR_INPUT,
                    "unknown role \"%.40s\" (known: viewer, predictor, scientist, engineer, "
                    "operator)",
                    request->role);
    if (!principal_check(s, request->principal))
        return false;
    if (strlen(request->label) > LABEL_BYTES || has_control(request->label))
        return fail(s, ERROR_INPUT,
                    "the label is not text of at most %d bytes without control characters",
                    LABEL_BYTES);
    return true;
}

bool
access_changed(struct scope *s, struct db *db, const char *actor, const char *action,
               const char *object, const char *detail)
{
    return audit_add(s, db, actor, action, object, detail) &&
           DB_RUN(s, db, &sql_token_announce, REGISTRY_CHANNEL) && db_commit(s, db);
}

static const char *
audit_detail(struct scope *s, const struct token_request *request, int64_t token_id)
{
    struct buf text = buf_open(s, 200);
    struct json_writer w = {.out = &text};
    json_object_begin(&w);
    json_pair_int(&w, "token_id", token_id);
    json_pair_text(&w, "role", request->role);
    json_pair_text(&w, "label", request->label);
    if (request->expires_at != 0)
        json_pair_text(&w, "expires_at", db_time(s, request->expires_at));
    json_object_end(&w);
    return text.text;
}

bool
token_create(struct scope *s, struct db *db, const struct token_request *request,
             char out[TOKEN_TEXT], int64_t *token_id)
{
    unsigned char secret[32];
    char sha256[HASH_TEXT];
    const char *expires = request->expires_at == 0 ? NULL : db_time(s, request->expires_at);

    if (!names_check(s, request))
        return false;
    chance_secret(secret, sizeof secret);
    memcpy(out, "aw_", 3);
    for (size_t i = 0; i < sizeof secret; i++)
        snprintf(out + 3 + 2 * i, 3, "%02x", secret[i]);
    hash_bytes(out, TOKEN_TEXT - 1, sha256);

    if (!db_begin(s, db) || !DB_RUN(s, db, &sql_token_principal_add, request->principal) ||
        !DB_RUN(s, db, &sql_token_role_add, request->principal, request->role))
        return false;
    const struct rows *r =
        DB_QUERY(s, db, &sql_token_add, request->principal, sha256, request->label, expires);
    if (r == NULL)
        return false;
    *token_id = rows_int(r, 0, "token_id");
    return access_changed(s, db, request->actor, "token.created", request->principal,
                          audit_detail(s, request, *token_id));
}

bool
token_revoke(struct scope *s, struct db *db, int64_t token_id, const char *actor)
{
    const char *id = db_int(s, token_id);
    if (!db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_token_revoke, id);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "there is no good token %s", id);
    return access_changed(s, db, actor, "token.revoked", rows_text(r, 0, "principal"),
                          scope_print(s, "{\"token_id\":%s}", id));
}

struct rows *
token_list(struct scope *s, struct db *db)
{
    return db_query(s, db, &sql_token_list, 0, NULL);
}

bool
token_find(struct scope *s, struct db *db, const char sha256[HASH_TEXT], bool *is_found,
           struct token_owner *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_token_find, sha256);
    if (r == NULL)
        return false;
    *is_found = rows_count(r) == 1;
    if (!*is_found)
        return true;
    *out = (struct token_owner){.expires_at = INT64_MAX};
    snprintf(out->principal, sizeof out->principal, "%s", rows_text(r, 0, "principal"));
    if (!rows_is_null(r, 0, "expires_at"))
        out->expires_at = rows_int(r, 0, "expires_at");
    out->roles = roles_read(rows_text(r, 0, "roles"));
    return true;
}
