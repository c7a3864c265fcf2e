// base/belt.h: pieces of bytes from one thread to another, a few on their way at a time.
//
// One thread fills pieces and gives them, one takes them in the same order. Neither waits unless
// the other is all pieces behind, so the hiccups of one do not stop the other.
#ifndef BASE_BELT_H
#define BASE_BELT_H

#include "base/buf.h"

struct belt;

// Makes a belt of n pieces of so many bytes.
//
//   owner   the scope; both threads must have ended with it before it closes
struct belt *belt_open(struct scope *s, size_t n_pieces, size_t piece_bytes);

// The giver's next piece to fill, awaited; NULL when the taker has left.
char *belt_room(struct belt *belt);

// Gives the piece that was filled, with n bytes in it.
void belt_give(struct belt *belt, size_t n);

// Tells the taker that nothing more comes. It may be told twice.
void belt_end(struct belt *belt);

// Takes the next piece, awaited, and hands the one before back; false when nothing more comes.
bool belt_take(struct belt *belt, struct str *piece);

// Tells the giver that nothing more is taken. It may be told twice.
void belt_leave(struct belt *belt);

#endif
