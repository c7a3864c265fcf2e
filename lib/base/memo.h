// base/memo.h: small answers that several threads remember for a while, by a text.
//
// What is kept is forgotten after its time, when its place is needed, or all at once. An answer
// that was asked for before all was forgotten and comes after is not kept, for it may be the old
// one.
#ifndef BASE_MEMO_H
#define BASE_MEMO_H

#include <stdint.h>

#include "base/scope.h"

struct memo;

// Begins an empty memory of at most n answers, each kept for `fresh_s` seconds.
//
//   owner   the scope; threads may share it
struct memo *memo_open(struct scope *s, size_t n, double fresh_s);

// Finds an answer. Where there is none, `*asked` is what memo_keep wants with the new one.
bool memo_find(struct memo *m, const char *key, int64_t *out, uint64_t *asked);
void memo_keep(struct memo *m, const char *key, int64_t value, uint64_t asked);

// Forgets all.
void memo_forget(struct memo *m);

#endif
