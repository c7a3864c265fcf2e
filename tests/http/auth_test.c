#include "http/auth.h"

#include "base/time.h"
#include "db.h"
#include "registry/user.h"
#include "text/base64.h"

static const char *
token_of(struct scope *s, struct db *db, const char *role, int64_t expires_at, int64_t *id)
{
    char *token = scope_alloc(s, TOKEN_TEXT);
    const struct token_request request = {
        .principal = "ann", .role = role, .label = "", .expires_at = expires_at, .actor = "test"};
    CHECK(token_create(s, db, &request, token, id));
    return token;
}

static struct request
request_of(struct scope *s, struct db *db, const char *scheme, const char *credential)
{
    return (struct request){
        .authorization = scope_print(s, "%s %s", scheme, credential), .db = db, .at = 1000};
}

TEST_DB(auth_knows_the_owner_of_a_bearer_token)
{
    int64_t id;
    struct auth *auth = auth_open(s);
    struct request in = request_of(s, db, "Bearer", token_of(s, db, "scientist", 0, &id));

    CHECK(auth_identify(s, auth, &in));

    CHECK_TEXT(in.principal, "ann");
    CHECK(in.roles == (ROLE_SCIENTIST | ROLE_PREDICTOR | ROLE_VIEWER));
    CHECK(auth_demand(s, &in, ROLE_PREDICTOR));
    CHECK_FAILS(auth_demand(s, &in, ROLE_OPERATOR), ERROR_DENIED,
                "principal \"ann\" lacks role \"operator\"");
}

TEST_DB(auth_takes_the_token_as_basic_password)
{
    // "x:aw_0…0" in base64, made by coreutils' base64
    static const char basic[] = "eDphd18wMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"
                                "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw";
    char sha256[HASH_TEXT];
    int64_t id;
    token_of(s, db, "viewer", 0, &id);
    const char *token = "aw_0000000000000000000000000000000000000000000000000000000000000000";
    CHECK(db_script(s, db,
                    scope_print(s, "UPDATE auth.token SET sha256 = '%s'",
                                hash_bytes(token, strlen(token), sha256))));
    struct request in = request_of(s, db, "Basic", basic);

    CHECK(auth_identify(s, auth_open(s), &in));
    CHECK_TEXT(in.principal, "ann");
}

TEST_DB(auth_refuses_what_is_no_good)
{
    static const struct {
        const char *scheme, *credential, *message;
    } cases[] = {
        {"Bearer", "aw_unknown", "the token is unknown, expired or revoked"},
        {"Basic", "eDphd18=", "the user is unknown or the password is wrong"},
        {"Basic", "eDo=", NULL},
        {"Basic", "@@@@", NULL},
        {"Basic", "eA==", NULL},
        {"Digest", "x", NULL},
        {"Bearer", "", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request in = request_of(s, db, cases[i].scheme, cases[i].credential);
        CHECK_FAILS(auth_identify(s, auth_open(s), &in), ERROR_UNKNOWN,
                    cases[i].message != NULL
                        ? cases[i].message
                        : "the Authorization header is neither \"Bearer TOKEN\" nor \"Basic\" with "
                          "a token or a user's password");
        CHECK_TEXT(in.principal, "");
    }
}

TEST_DB(auth_refuses_an_expired_token)
{
    int64_t id;
    struct request in = request_of(s, db, "Bearer", token_of(s, db, "viewer", 86400, &id)); // 1970
    CHECK_FAILS(auth_identify(s, auth_open(s), &in), ERROR_UNKNOWN,
                "the token is unknown, expired or revoked");
}

TEST_DB(auth_remembers_a_token_until_it_is_told_to_forget)
{
    int64_t id;
    struct auth *auth = auth_open(s);
    struct request in = request_of(s, db, "Bearer", token_of(s, db, "viewer", 0, &id));
    CHECK(auth_identify(s, auth, &in));

    CHECK(token_revoke(s, db, id, "test"));
    CHECK(auth_identify(s, auth, &in)); // from memory
    auth_forget(auth);

    CHECK_FAILS(auth_identify(s, auth, &in), ERROR_UNKNOWN,
                "the token is unknown, expired or revoked");
}

TEST_DB(auth_goes_on_with_what_it_knows_while_the_database_is_away)
{
    int64_t id;
    struct auth *auth = auth_open(s);
    const char *token = token_of(s, db, "viewer", 0, &id);
    struct request in = request_of(s, db, "Bearer", token);
    CHECK(auth_identify(s, auth, &in));
    auth_forget(auth);

    in.db = db_open_lazily(s, "host=/nowhere", "test");
    CHECK(auth_identify(s, auth, &in));
    CHECK_TEXT(in.principal, "ann");

    in.authorization = "Bearer aw_another";
    CHECK(!auth_identify(s, auth, &in));
    CHECK(s->kind == ERROR_UNAVAILABLE);
    scope_forgive(s);
}

static struct request
signed_in(struct scope *s, struct db *db, const char *name, const char *password)
{
    struct buf encoded = buf_open(s, 100);
    const char *plain = scope_print(s, "%s:%s", name, password);
    base64_write(&encoded, plain, strlen(plain));
    return request_of(s, db, "Basic", encoded.text);
}

TEST_DB(auth_takes_a_user_by_name_and_password)
{
    struct auth *auth = auth_open(s);
    struct request in = signed_in(s, db, "bo", "a: long: password");
    CHECK(user_create(s, db, "bo", "a: long: password", "test"));

    CHECK(auth_identify(s, auth, &in));

    CHECK_TEXT(in.principal, "bo");
    CHECK(in.roles == (ROLE_SCIENTIST | ROLE_PREDICTOR | ROLE_VIEWER));
}

TEST_DB(auth_checks_a_password_once_and_then_whether_it_is_still_the_one)
{
    struct auth *auth = auth_open(s);
    struct request in = signed_in(s, db, "bo", "a long password");
    CHECK(user_create(s, db, "bo", "a long password", "test"));
    double start_s = time_monotonic_s();
    CHECK(auth_identify(s, auth, &in));
    const double first_s = time_monotonic_s() - start_s;

    start_s = time_monotonic_s();
    for (int i = 0; i < 20; i++) {
        auth_forget(auth); // so that the database is asked each time
        CHECK(auth_identify(s, auth, &in));
    }
    CHECK(time_monotonic_s() - start_s < first_s); // all of them cost less than one check

    CHECK(user_password_set(s, db, "bo", "another password", "test"));
    auth_forget(auth);
    CHECK_FAILS(auth_identify(s, auth, &in), ERROR_UNKNOWN,
                "the user is unknown or the password is wrong");
}

TEST_DB(auth_refuses_wrong_passwords_and_unknown_and_deleted_users_in_the_same_words)
{
    struct auth *auth = auth_open(s);
    struct request good = signed_in(s, db, "bo", "a long password"),
                   wrong = signed_in(s, db, "bo", "a long passwore"),
                   unknown = signed_in(s, db, "eve", "a long password"),
                   quoted = signed_in(s, db, "bo' OR '1'='1", "a long password");
    const char *const message = "the user is unknown or the password is wrong";
    CHECK(user_create(s, db, "bo", "a long password", "test"));
    CHECK(auth_identify(s, auth, &good));

    CHECK_FAILS(auth_identify(s, auth, &wrong), ERROR_UNKNOWN, message);
    CHECK_FAILS(auth_identify(s, auth, &unknown), ERROR_UNKNOWN, message);
    CHECK_FAILS(auth_identify(s, auth, &quoted), ERROR_UNKNOWN, message);
    CHECK(user_delete(s, db, "bo", "test"));
    auth_forget(auth);
    CHECK_FAILS(auth_identify(s, auth, &good), ERROR_UNKNOWN, message);
}

TEST(auth_takes_who_shows_nothing_for_nobody_or_as_it_was_told)
{
    struct auth *auth = auth_open(s);
    struct request in = {.authorization = ""};
    auth_anonymous(auth, &in);
    CHECK_TEXT(in.principal, "");

    auth_anonymous_set(auth, roles_read("scientist"));
    auth_anonymous(auth, &in);

    CHECK_TEXT(in.principal, "anonymous");
    CHECK(auth_demand(s, &in, ROLE_SCIENTIST));
    CHECK(!auth_demand(s, &in, ROLE_OPERATOR));
}
