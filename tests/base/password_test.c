#include "base/password.h"

#include "test.h"

TEST(password_matches_what_was_kept_of_it)
{
    const char *kept = password_keep(s, "correct horse");

    CHECK(password_matches(kept, "correct horse"));
    CHECK(!password_matches(kept, "correct horsf"));
    CHECK(!password_matches(kept, ""));
}

TEST(password_is_salted)
{
    CHECK(strcmp(password_keep(s, "same"), password_keep(s, "same")) != 0);
}

TEST(password_matches_nothing_that_was_not_kept)
{
    static const char *const kept[] = {"", "x", "scrypt$14$8$5$", "scrypt$14$8$5$00$00"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        CHECK(!password_matches(kept[i], ""));
}

// The digest as another program computes it:
//   python3 -c "import hashlib; print(hashlib.scrypt(b'pleaseletmein',
//               salt=b'0123456789abcdef0123456789abcdef', n=16384, r=8, p=5, dklen=32).hex())"
TEST(password_digest_is_scrypt)
{
    CHECK(password_matches("scrypt$14$8$5$0123456789abcdef0123456789abcdef$"
                           "ee0f8be23ffde193fe91b9ec66856a3006bac9272ce11ed5b8be9db57ef49764",
                           "pleaseletmein"));
}
