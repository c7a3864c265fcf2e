// base/asset.h: a whole file that make embedded into the program.
#ifndef BASE_ASSET_H
#define BASE_ASSET_H

#include <stddef.h>

struct asset {
    const char *name;  // the file's name, without its folder
    const char *bytes; // terminated
    size_t size_bytes; // without the terminator
};

#endif
