#include "track/name.h"

#include <inttypes.h>

#include "base/chance.h"

const char *
track_name_make(struct scope *s)
{
    static const char *const qualities[] = {
        "able",   "airy",   "amber",  "ample", "azure", "bold",   "brave",  "breezy", "bright",
        "brisk",  "calm",   "candid", "clean", "clear", "clever", "cool",   "crisp",  "dapper",
        "deep",   "eager",  "early",  "fair",  "fast",  "fine",   "fleet",  "fresh",  "gentle",
        "glad",   "golden", "grand",  "green", "hardy", "keen",   "kind",   "light",  "lively",
        "lucid",  "lucky",  "mellow", "merry", "mild",  "misty",  "neat",   "nimble", "noble",
        "placid", "proud",  "quick",  "quiet", "rapid", "ready",  "silent", "silver", "sleek",
        "smooth", "solid",  "stoic",  "sunny", "swift", "tidy",   "vivid",  "warm",   "wise"};
    static const char *const animals[] = {
        "ant",   "auk",    "badger", "bat",    "bear",  "bee",   "bison", "boar",  "carp",
        "cat",   "cod",    "colt",   "crab",   "crane", "crow",  "deer",  "dove",  "duck",
        "eagle", "eel",    "elk",    "falcon", "finch", "fox",   "frog",  "gnat",  "goat",
        "goose", "grouse", "gull",   "hare",   "hawk",  "hen",   "heron", "horse", "ibis",
        "jay",   "kite",   "lark",   "lion",   "lynx",  "mink",  "mole",  "moth",  "mouse",
        "newt",  "otter",  "owl",    "perch",  "pike",  "quail", "rail",  "ram",   "raven",
        "robin", "rook",   "seal",   "shrew",  "sloth", "snail", "stoat", "swan",  "trout"};
    uint32_t x[3];
    chance_secret(x, sizeof x);
    return scope_print(s, "%s-%s-%" PRIu32,
                       qualities[x[0] % (sizeof qualities / sizeof *qualities)],
                       animals[x[1] % (sizeof animals / sizeof *animals)], x[2] % 1000);
}

const char *
track_id_make(struct scope *s)
{
    uint64_t x[2];
    chance_secret(x, sizeof x);
    return scope_print(s, "%016" PRIx64 "%016" PRIx64, x[0], x[1]);
}
