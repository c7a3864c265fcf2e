#include "http/auth.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"
#include "text/base64.h"

#define N_SLOTS 1024 // a token has a set of N_WAYS slots; the oldest gives way
#define N_WAYS 4
#define AWAY_S 1.0           // after a failed question the database is left alone so long
#define BASIC_CHARACTERS 512 // of a Basic header

struct slot {
    char sha256[HASH_TEXT]; // "" when empty
    struct token_owner owner;
    double asked_s; // monotonic
};

struct auth {
    pthread_mutex_t lock;
    struct slot slots[N_SLOTS];
    double away_until_s; // monotonic
    double forgot_s;     // monotonic: what was asked earlier is stale, also if answered later
};

static void
auth_close(void *thing)
{
    struct auth *auth = thing;
    pthread_mutex_destroy(&auth->lock);
}

struct auth *
auth_open(struct scope *s)
{
    struct auth *auth = scope_alloc(s, sizeof *auth);
    pthread_mutex_init(&auth->lock, NULL);
    scope_defer(s, auth_close, auth);
    return auth;
}

// The password of "Basic dXNlcjp0b2tlbg==".
//
//   source  RFC 7617
static const char *
basic_password(struct scope *s, const char *encoded)
{
    const size_t n = strlen(encoded);
    struct buf plain = buf_open(s, n + 1);

    if (n > BASIC_CHARACTERS || !base64_read((struct str){encoded, n}, &plain))
        return NULL;
    const char *colon = strchr(plain.text, ':');
    return colon == NULL ? NULL : colon + 1;
}

static const char *
token_of(struct scope *s, const char *header)
{
    if (strncasecmp(header, "Bearer ", 7) == 0)
        return header + 7 + strspn(header + 7, " ");
    if (strncasecmp(header, "Basic ", 6) == 0)
        return basic_password(s, header + 6 + strspn(header + 6, " "));
    return NULL;
}

// The slot that holds this token, or the one of its set to use for it.
static struct slot *
slot_find(struct auth *auth, const char *sha256)
{
    const size_t first = hash_crc32(0, sha256, HASH_TEXT - 1) % (N_SLOTS / N_WAYS) * N_WAYS;
    struct slot *oldest = &auth->slots[first];
    for (size_t i = first; i < first + N_WAYS; i++) {
        struct slot *slot = &auth->slots[i];
        if (strcmp(slot->sha256, sha256) == 0)
            return slot;
        if (slot->asked_s < oldest->asked_s || slot->sha256[0] == '\0')
            oldest = slot;
    }
    return oldest;
}

enum memory { MEMORY_NONE, MEMORY_STALE, MEMORY_FRESH };

static enum memory
recall(struct auth *auth, const char *sha256, int64_t at, double now_s, struct token_owner *out)
{
    enum memory memory = MEMORY_NONE;
    pthread_mutex_lock(&auth->lock);
    const struct slot *slot = slot_find(auth, sha256);
    if (strcmp(slot->sha256, sha256) == 0 && slot->owner.expires_at > at) {
        const bool is_fresh =
            slot->asked_s > auth->forgot_s && now_s - slot->asked_s < AUTH_FRESH_S;
        memory = is_fresh || now_s < auth->away_until_s ? MEMORY_FRESH : MEMORY_STALE;
        *out = slot->owner;
    }
    pthread_mutex_unlock(&auth->lock);
    return memory;
}

static void
remember(struct auth *auth, const char *sha256, bool is_found, double now_s,
         const struct token_owner *owner)
{
    pthread_mutex_lock(&auth->lock);
    struct slot *slot = slot_find(auth, sha256);
    if (is_found) {
        memcpy(slot->sha256, sha256, HASH_TEXT);
        slot->owner = *owner;
        slot->asked_s = now_s;
    } else if (strcmp(slot->sha256, sha256) == 0) {
        *slot = (struct slot){0}; // revoked since
    }
    pthread_mutex_unlock(&auth->lock);
}

static bool
owner_find(struct scope *s, struct auth *auth, struct request *in, const char *token,
           struct token_owner *out)
{
    char sha256[HASH_TEXT];
    struct scope ask = {0};
    bool is_found = false;
    const double now_s = time_monotonic_s();

    hash_bytes(token, strlen(token), sha256);
    const enum memory memory = recall(auth, sha256, in->at, now_s, out);
    if (memory == MEMORY_FRESH)
        return true;
    const bool is_asked = token_find(&ask, in->db, sha256, &is_found, out);
    if (is_asked) {
        remember(auth, sha256, is_found, now_s, out);
    } else if (memory == MEMORY_STALE) { // the database is away; what was known still holds
        pthread_mutex_lock(&auth->lock);
        auth->away_until_s = now_s + AWAY_S;
        pthread_mutex_unlock(&auth->lock);
        is_found = true;
    } else {
        fail_as(s, &ask);
        explain(s, "could not check the token");
    }
    scope_close(&ask);
    if (s->kind != ERROR_NONE)
        return false;
    return is_found || fail(s, ERROR_UNKNOWN, "the token is unknown, expired or revoked");
}

bool
auth_identify(struct scope *s, struct auth *auth, struct request *in)
{
    struct token_owner owner;

    if (in->authorization[0] == '\0')
        return true;
    const char *token = token_of(s, in->authorization);
    if (token == NULL || token[0] == '\0')
        return fail(s, ERROR_UNKNOWN,
                    "the Authorization header is neither \"Bearer TOKEN\" nor \"Basic\" with the "
                    "token as password");
    if (!owner_find(s, auth, in, token, &owner))
        return false;
    memcpy(in->principal, owner.principal, sizeof in->principal);
    in->roles = owner.roles;
    return true;
}

bool
auth_demand(struct scope *s, const struct request *in, enum role role)
{
    if (role == ROLE_PUBLIC || (in->roles & (unsigned)role) != 0)
        return true;
    if (in->principal[0] == '\0')
        return fail(s, ERROR_UNKNOWN, "this needs a token of role \"%s\"", role_name(role));
    return fail(s, ERROR_DENIED, "principal \"%s\" lacks role \"%s\"", in->principal,
                role_name(role));
}

void
auth_forget(struct auth *auth)
{
    pthread_mutex_lock(&auth->lock);
    auth->forgot_s = time_monotonic_s();
    pthread_mutex_unlock(&auth->lock);
}
