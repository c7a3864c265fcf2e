#include "registry/token.h"

#include "db.h"

static struct token_request
request_of(const char *principal, const char *role)
{
    return (struct token_request){
        .principal = principal, .role = role, .label = "", .actor = "test"};
}

TEST_DB(token_is_kept_as_its_hash_and_audited)
{
    char token[TOKEN_TEXT], sha256[HASH_TEXT];
    int64_t id;
    bool is_found;
    struct token_owner owner;
    const struct token_request request = request_of("ann", "predictor");

    CHECK(token_create(s, db, &request, token, &id));

    CHECK(strlen(token) == TOKEN_TEXT - 1 && strncmp(token, "aw_", 3) == 0);
    CHECK(token_find(s, db, hash_bytes(token, strlen(token), sha256), &is_found, &owner));
    CHECK(is_found);
    CHECK_TEXT(owner.principal, "ann");
    CHECK(owner.roles == (ROLE_PREDICTOR | ROLE_VIEWER));
    CHECK(db_script(s, db,
                    "DO $$ BEGIN ASSERT (SELECT count(*) FROM auth.audit WHERE action = "
                    "'token.created' AND object = 'ann') = 1; END $$"));
    CHECK(db_script(s, db,
                    "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM auth.token WHERE sha256 LIKE "
                    "'aw%'); END $$"));
}

TEST_DB(token_that_is_revoked_is_found_no_more)
{
    char token[TOKEN_TEXT], sha256[HASH_TEXT];
    int64_t id;
    bool is_found;
    struct token_owner owner;
    const struct token_request request = request_of("ann", "operator");
    CHECK(token_create(s, db, &request, token, &id));

    CHECK(token_revoke(s, db, id, "test"));

    CHECK(token_find(s, db, hash_bytes(token, strlen(token), sha256), &is_found, &owner));
    CHECK(!is_found);
    const char *message = scope_print(s, "there is no good token %lld", (long long)id);
    CHECK_FAILS(token_revoke(s, db, id, "test"), ERROR_MISSING, message);
}

TEST_DB(token_for_what_cannot_be_is_refused)
{
    char token[TOKEN_TEXT];
    int64_t id;
    static const char *const names[] = {"", "a b", ".a", "-a", "@a", "a;drop", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct token_request request = request_of(names[i], "viewer");
        CHECK(!token_create(s, db, &request, token, &id));
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
    }
    const struct token_request request = request_of("ann", "king");
    CHECK_FAILS(token_create(s, db, &request, token, &id), ERROR_INPUT,
                "unknown role \"king\" (known: viewer, predictor, scientist, engineer, operator)");
}

TEST_DB(token_label_is_short_text_that_a_terminal_can_show)
{
    int64_t token_id;
    char token[TOKEN_TEXT];
    char long_label[202] = {0};
    memset(long_label, 'x', 201);
    const char *const labels[] = {"\033[31m", "two\nlines", long_label};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const struct token_request request = {
            .principal = "ann", .role = "viewer", .label = labels[i], .actor = "test"};
        CHECK_FAILS(token_create(s, db, &request, token, &token_id), ERROR_INPUT,
                    "the label is not text of at most 200 bytes without control characters");
    }
}

TEST_DB(roles_bring_with_them_what_they_imply)
{
    static const struct {
        const char *role;
        unsigned roles;
    } cases[] = {
        {"viewer", ROLE_VIEWER},
        {"predictor", ROLE_PREDICTOR | ROLE_VIEWER},
        {"scientist", ROLE_SCIENTIST | ROLE_PREDICTOR | ROLE_VIEWER},
        {"engineer", ROLE_ENGINEER | ROLE_VIEWER},
        {"operator", ROLE_OPERATOR | ROLE_SCIENTIST | ROLE_ENGINEER | ROLE_PREDICTOR | ROLE_VIEWER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char token[TOKEN_TEXT], sha256[HASH_TEXT];
        const struct token_request request = request_of(cases[i].role, cases[i].role);
        struct token_owner owner;
        int64_t id;
        bool is_found;
        CHECK(token_create(s, db, &request, token, &id));
        CHECK(token_find(s, db, hash_bytes(token, strlen(token), sha256), &is_found, &owner));
        CHECK(is_found && owner.roles == cases[i].roles);
    }
}
