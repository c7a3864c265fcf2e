#include "aqs/address.h"

#include "test.h"

#define QUERY "dailyData/byState?param=88101&state=37"

static struct config
account(const char *url, const char *email, const char *key)
{
    return (struct config){.aqs_url = url, .aqs_email = email, .aqs_key = {key}};
}

TEST(address_adds_base_and_account)
{
    const struct config config = account("http://127.0.0.1:9/api", "a+b@x.org", "k&y");
    const char *address;

    CHECK(aqs_address(s, &config, QUERY, &address));
    CHECK_TEXT(address, "http://127.0.0.1:9/api/" QUERY "&email=a%2Bb%40x.org&key=k%26y");
}

TEST(address_without_an_account_says_how_to_get_one)
{
    const struct config config = account("http://h/", "a@x.org", NULL);
    const char *address;

    CHECK_FAILS(aqs_address(s, &config, QUERY, &address), ERROR_INPUT,
                "AQS_EMAIL and AQS_KEY are not both set; EPA mails a key to whoever asks at "
                "http://h/signup?email=YOUR-ADDRESS");
}

TEST(address_refuses_an_account_in_the_query)
{
    const struct config config = account("http://h/", "a@x.org", "k");
    const char *address;

    CHECK_FAILS(aqs_address(s, &config, QUERY "&key=mine", &address), ERROR_INPUT,
                "an AQS query is given without email and key; they come from the settings");
    CHECK_FAILS(aqs_address(s, &config, "dailyData", &address), ERROR_INPUT,
                "\"dailyData\" is not an AQS query, such as dailyData/byState?param=88101&…");
}
