// base/chance.h: random numbers: seeded ones that repeat, and ids and tokens that never do.
#ifndef BASE_CHANCE_H
#define BASE_CHANCE_H

#include <stdint.h>

#include "base/scope.h"

#define UUID_TEXT 37 // 36 characters and their end

struct chance { // the same seed gives the same numbers everywhere
    uint64_t state;
};

struct chance chance_open(uint64_t seed);

// The next 64 random bits, or the next double in [0, 1).
//
//   source  Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (SplitMix64)
uint64_t chance_next(struct chance *c);
double chance_unit(struct chance *c);

// Writes a new random UUID, version 4, from the kernel's randomness. Returns `out`.
char *chance_uuid(char out[UUID_TEXT]);

// Fills bytes from the kernel's randomness; fit for tokens.
void chance_secret(void *bytes, size_t n);

#endif
