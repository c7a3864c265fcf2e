#include "store/profile.h"

#include "test.h"

static struct profile
read_of(struct scope *s, const char *text, const char *name)
{
    struct profile p;
    CHECK(profile_read(s, (struct str){text, strlen(text)}, name, &p));
    return p;
}

static const char file[] = "# of the team\n"
                           "[default]\n"
                           "aws_access_key_id = AKID1\r\n"
                           "aws_secret_access_key=a=b/c+d\n"
                           "\n"
                           "[ lake ]\n"
                           "aws_access_key_id = AKID2\n"
                           "  s3 =\n"
                           "    aws_access_key_id = inner\n"
                           "; more\n"
                           "aws_secret_access_key = two words\n"
                           "aws_session_token = t\n"
                           "[profile other]\n"
                           "role_arn = arn:aws:iam::1:role/x";

TEST(profiles_are_read_by_name)
{
    const struct profile first = read_of(s, file, "default"), second = read_of(s, file, "lake");

    CHECK_TEXT(first.key_id, "AKID1");
    CHECK_TEXT(first.secret_key, "a=b/c+d");
    CHECK(first.token == NULL && first.other_way == NULL);
    CHECK_TEXT(second.key_id, "AKID2");
    CHECK_TEXT(second.secret_key, "two words");
    CHECK_TEXT(second.token, "t");
}

TEST(profiles_tell_what_is_missing_and_what_is_not_followed)
{
    CHECK(!read_of(s, file, "nobody").is_found);
    CHECK(!read_of(s, "", "default").is_found);
    CHECK_TEXT(read_of(s, file, "other").other_way, "role_arn");
}

TEST(profiles_that_are_none_are_told_by_line_without_what_stands_there)
{
    struct profile p;
    CHECK_FAILS(profile_read(s, (struct str){"[a]\nsecret", 10}, "a", &p), ERROR_INPUT,
                "line 2: it is neither [section] nor key = value");
    CHECK_FAILS(profile_read(s, (struct str){"[a", 2}, "a", &p), ERROR_INPUT,
                "line 1: a section's name does not end");
    CHECK_FAILS(profile_read(s, (struct str){"a\0b", 3}, "a", &p), ERROR_INPUT, "it is no text");
}
