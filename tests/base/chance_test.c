#include "base/chance.h"

#include "test.h"

TEST(splitmix64_matches_its_reference)
{
    // Vigna's splitmix64.c, seeds 1234567 and 0.
    struct chance c = chance_open(1234567), zero = chance_open(0);

    CHECK(chance_next(&c) == UINT64_C(6457827717110365317));
    CHECK(chance_next(&c) == UINT64_C(3203168211198807973));
    CHECK(chance_next(&c) == UINT64_C(9817491932198370423));
    CHECK(chance_next(&zero) == UINT64_C(0xE220A8397B1DCDAF));
}

TEST(units_lie_in_their_range_and_centre)
{
    struct chance c = chance_open(1);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        const double x = chance_unit(&c);
        CHECK(x >= 0);
        CHECK(x < 1);
        sum += x;
    }
    CHECK_NEAR(sum / 100000, 0.5, 0.005); // five standard errors of 0.289 / sqrt(1e5)
}

TEST(uuids_are_of_version_4_and_differ)
{
    char a[UUID_TEXT], b[UUID_TEXT];
    for (int i = 0; i < 1000; i++) {
        chance_uuid(a);
        CHECK(strlen(a) == 36);
        CHECK(strspn(a, "0123456789abcdef-") == 36);
        CHECK(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
        CHECK(a[14] == '4');
        CHECK(strchr("89ab", a[19]) != NULL);
        CHECK(strcmp(a, chance_uuid(b)) != 0);
    }
}

TEST(secrets_differ)
{
    unsigned char a[32] = {0}, b[32] = {0};
    chance_secret(a, sizeof a);
    chance_secret(b, sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
}
