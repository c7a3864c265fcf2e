#include "base/error.h"

#include "test.h"

TEST(each_kind_has_a_name_a_status_and_an_exit_code)
{
    CHECK_TEXT(error_name(ERROR_NONE), "NONE");
    CHECK(error_exit_code(ERROR_NONE) == 0);
    CHECK(error_http_status(ERROR_NONE) == 200);
    for (int kind = ERROR_INPUT; kind <= ERROR_BUG; kind++) {
        CHECK(error_http_status((enum error_kind)kind) >= 400);
        CHECK(error_exit_code((enum error_kind)kind) >= 64);
        CHECK(error_exit_code((enum error_kind)kind) <= 78); // sysexits.h
    }
    CHECK_TEXT(error_name(ERROR_BUG), "BUG");
    CHECK(error_exit_code(ERROR_USAGE) == 64);
    CHECK(error_http_status(ERROR_LIMIT) == 413);
}
