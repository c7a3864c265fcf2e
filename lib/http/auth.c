#include "http/auth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include "base/chance.h"
#include "base/password.h"
#include "base/time.h"
#include "registry/user.h"
#include "text/base64.h"

#define N_SLOTS 1024 // a token has a set of N_WAYS slots; the oldest gives way
#define N_WAYS 4
#define AWAY_S 1.0           // after a failed question the database is left alone so long
#define BASIC_CHARACTERS 512 // of a Basic header
#define CHECKS_WAITING 8     // password checks at most, with the one that runs

struct slot {
    char sha256[HASH_TEXT]; // of what was shown, "" when empty
    char kept[HASH_TEXT];   // of what is kept of the password; "" for a token
    struct token_owner owner;
    double asked_s; // monotonic
};

struct claim {        // what a caller shows
    const char *user; // NULL for a token
    const char *secret;
    char sha256[HASH_TEXT];
};

struct auth {
    pthread_mutex_t lock;
    struct slot slots[N_SLOTS];
    double away_until_s; // monotonic
    double forgot_s;     // monotonic: what was asked earlier is stale, also if answered later
    unsigned anonymous_roles;
    pthread_mutex_t checking; // a password
    atomic_int n_checking;
    unsigned char key[HASH_BYTES]; // so that a slot tells no password, not even to a guesser
};

static void
auth_close(void *thing)
{
    struct auth *auth = thing;
    pthread_mutex_destroy(&auth->lock);
    pthread_mutex_destroy(&auth->checking);
}

struct auth *
auth_open(struct scope *s)
{
    struct auth *auth = scope_alloc(s, sizeof *auth);
    pthread_mutex_init(&auth->lock, NULL);
    pthread_mutex_init(&auth->checking, NULL);
    chance_secret(auth->key, sizeof auth->key);
    scope_defer(s, auth_close, auth);
    return auth;
}

static bool
is_token(const char *secret)
{
    return strncmp(secret, "aw_", 3) == 0 && strlen(secret) == TOKEN_TEXT - 1;
}

// The name and password of "Basic dXNlcjpwYXNzd29yZA==".
//
//   source  RFC 7617
static bool
basic_read(struct scope *s, const struct auth *auth, const char *encoded, struct claim *out)
{
    unsigned char digest[HASH_BYTES];
    const size_t n = strlen(encoded);
    struct buf plain = buf_open(s, n + 1);

    if (n > BASIC_CHARACTERS || !base64_read((struct str){encoded, n}, &plain) ||
        strlen(plain.text) != plain.n)
        return false;
    char *colon = strchr(plain.text, ':');
    if (colon == NULL || colon[1] == '\0')
        return false;
    out->secret = colon + 1;
    if (is_token(out->secret))
        return true;
    hash_hmac(auth->key, sizeof auth->key, plain.text, plain.n, digest);
    hash_hex(digest, out->sha256);
    *colon = '\0';
    out->user = plain.text;
    return true;
}

static bool
claim_read(struct scope *s, const struct auth *auth, const char *header, struct claim *out)
{
    if (strncasecmp(header, "Bearer ", 7) == 0)
        out->secret = header + 7 + strspn(header + 7, " ");
    else if (strncasecmp(header, "Basic ", 6) != 0 ||
             !basic_read(s, auth, header + 6 + strspn(header + 6, " "), out))
        return false;
    if (out->user == NULL)
        hash_bytes(out->secret, strlen(out->secret), out->sha256);
    return out->secret[0] != '\0';
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
recall(struct auth *auth, const char *sha256, int64_t at, double now_s, struct slot *out)
{
    enum memory memory = MEMORY_NONE;
    pthread_mutex_lock(&auth->lock);
    const struct slot *slot = slot_find(auth, sha256);
    if (strcmp(slot->sha256, sha256) == 0 && slot->owner.expires_at > at) {
        const bool is_fresh =
            slot->asked_s > auth->forgot_s && now_s - slot->asked_s < AUTH_FRESH_S;
        memory = is_fresh || now_s < auth->away_until_s ? MEMORY_FRESH : MEMORY_STALE;
        *out = *slot;
    }
    pthread_mutex_unlock(&auth->lock);
    return memory;
}

static void
remember(struct auth *auth, bool is_found, const struct slot *new)
{
    pthread_mutex_lock(&auth->lock);
    struct slot *slot = slot_find(auth, new->sha256);
    if (is_found)
        *slot = *new;
    else if (strcmp(slot->sha256, new->sha256) == 0)
        *slot = (struct slot){0}; // revoked since
    pthread_mutex_unlock(&auth->lock);
}

// Tells whether this was found to match what is kept while we waited.
static bool
is_checked(struct auth *auth, const struct slot *wanted)
{
    pthread_mutex_lock(&auth->lock);
    const struct slot *slot = slot_find(auth, wanted->sha256);
    const bool is =
        strcmp(slot->sha256, wanted->sha256) == 0 && strcmp(slot->kept, wanted->kept) == 0;
    pthread_mutex_unlock(&auth->lock);
    return is;
}

// Holds a password against what is kept of it, when its turn comes. A program's first requests come
// together and show the same, so it may have been done by then.
static bool
password_check(struct scope *s, struct auth *auth, const char *kept, const char *password,
               struct slot *slot, bool *matches)
{
    const bool may_wait = atomic_fetch_add(&auth->n_checking, 1) < CHECKS_WAITING;
    if (may_wait) {
        pthread_mutex_lock(&auth->checking);
        *matches = is_checked(auth, slot) || password_matches(kept, password);
        if (*matches)
            remember(auth, true, slot);
        pthread_mutex_unlock(&auth->checking);
    }
    atomic_fetch_sub(&auth->n_checking, 1);
    return may_wait ||
           fail(s, ERROR_UNAVAILABLE, "too many passwords are being checked; try again");
}

// Asks the database who shows this; `known` is what was remembered.
static bool
owner_ask(struct scope *s, struct auth *auth, struct request *in, const struct claim *claim,
          struct slot *known, bool *is_found)
{
    char sha256[HASH_TEXT];
    const char *kept;
    if (claim->user == NULL)
        return token_find(s, in->db, claim->sha256, is_found, &known->owner);
    if (!user_kept(s, in->db, claim->user, &kept, &known->owner))
        return false;
    hash_bytes(kept, strlen(kept), sha256);
    if (strcmp(known->kept, sha256) == 0) { // it matched that before
        *is_found = kept[0] != '\0';
        return true;
    }
    memcpy(known->kept, sha256, HASH_TEXT);
    return password_check(s, auth, kept, claim->secret, known, is_found);
}

static bool
owner_find(struct scope *s, struct auth *auth, struct request *in, const struct claim *claim,
           struct token_owner *out)
{
    struct slot slot = {0}, was;
    struct scope ask = {0};
    bool is_found = false;
    const double now_s = time_monotonic_s();

    const enum memory memory = recall(auth, claim->sha256, in->at, now_s, &slot);
    *out = slot.owner;
    if (memory == MEMORY_FRESH)
        return true;
    memcpy(slot.sha256, claim->sha256, HASH_TEXT);
    slot.asked_s = now_s;
    was = slot;
    if (owner_ask(&ask, auth, in, claim, &slot, &is_found)) {
        remember(auth, is_found, &slot);
        *out = slot.owner;
    } else if (memory == MEMORY_STALE && strcmp(slot.kept, was.kept) == 0) {
        // The database is away, and does not say that the password is another now: what was known
        // still holds.
        pthread_mutex_lock(&auth->lock);
        auth->away_until_s = now_s + AWAY_S;
        pthread_mutex_unlock(&auth->lock);
        is_found = true;
    } else {
        fail_as(s, &ask);
        explain(s,
                claim->user == NULL ? "could not check the token" : "could not check the password");
    }
    scope_close(&ask);
    if (s->kind != ERROR_NONE)
        return false;
    return is_found || fail(s, ERROR_UNKNOWN,
                            claim->user == NULL ? "the token is unknown, expired or revoked"
                                                : "the user is unknown or the password is wrong");
}

bool
auth_identify(struct scope *s, struct auth *auth, struct request *in)
{
    struct token_owner owner;
    struct claim claim = {0};

    if (in->authorization[0] == '\0')
        return true;
    if (!claim_read(s, auth, in->authorization, &claim))
        return fail(s, ERROR_UNKNOWN,
                    "the Authorization header is neither \"Bearer TOKEN\" nor \"Basic\" with a "
                    "token or a user's password");
    if (!owner_find(s, auth, in, &claim, &owner))
        return false;
    memcpy(in->principal, owner.principal, sizeof in->principal);
    in->roles = owner.roles;
    return true;
}

void
auth_anonymous_set(struct auth *auth, unsigned roles)
{
    auth->anonymous_roles = roles;
}

void
auth_anonymous(const struct auth *auth, struct request *in)
{
    if (in->principal[0] != '\0' || auth->anonymous_roles == 0)
        return;
    memcpy(in->principal, "anonymous", sizeof "anonymous");
    in->roles = auth->anonymous_roles;
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
