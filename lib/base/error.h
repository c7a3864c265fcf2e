// base/error.h: the closed list of ways a piece of work can fail.
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

// clang-format off
//    kind         HTTP exit  meaning
#define ERROR_KINDS(X)                                                                             \
    X(INPUT,       400, 65, "the caller's data is wrong; trying again will not help")              \
    X(USAGE,       400, 64, "the command line or the request was put wrongly")                     \
    X(UNKNOWN,     401, 77, "the caller did not say who they are, or we do not know them")         \
    X(DENIED,      403, 77, "the caller is not allowed to")                                        \
    X(MISSING,     404, 66, "the named thing does not exist")                                      \
    X(METHOD,      405, 64, "the address exists, but not for this method")                         \
    X(CONFLICT,    409, 73, "the thing changed under us, or exists already")                       \
    X(LIMIT,       413, 65, "more bytes, rows or seconds than we accept")                          \
    X(GATE,        422, 69, "a quality gate or a validation gate refused the work")                \
    X(UNSUPPORTED, 501, 69, "a thing that exists elsewhere and that we do not do")                 \
    X(UNAVAILABLE, 503, 75, "something outside did not answer; try again later")                   \
    X(BUG,         500, 70, "our own code is wrong")
// clang-format on

enum error_kind {
    ERROR_NONE = 0,
#define X(kind, http, code, meaning) ERROR_##kind,
    ERROR_KINDS(X)
#undef X
};

// Names a kind as its table row does: "INPUT", "LIMIT"; "NONE" for ERROR_NONE.
const char *error_name(enum error_kind kind);

// Gives the HTTP status that answers a failure of this kind; 200 for ERROR_NONE.
int error_http_status(enum error_kind kind);

// Gives the exit code of a job that failed so; 0 for ERROR_NONE.
int error_exit_code(enum error_kind kind);

#endif
