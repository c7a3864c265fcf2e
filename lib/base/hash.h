// base/hash.h: SHA-256 of bytes, whole or as they stream, and CRC-32.
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/scope.h"

#define HASH_BYTES 32
#define HASH_TEXT 65 // 64 hexadecimal digits and their end

struct hash;

// Begins a streaming SHA-256.
//
//   owner   the scope
struct hash *hash_open(struct scope *s);

void hash_add(struct hash *h, const void *bytes, size_t n);

// Ends the stream and writes its digest in lower-case hexadecimal. Returns `out`.
char *hash_finish(struct hash *h, char out[HASH_TEXT]);

// The SHA-256 of n bytes in one call. Returns `out`.
char *hash_bytes(const void *bytes, size_t n, char out[HASH_TEXT]);

// HMAC with SHA-256, and a digest in lower-case hexadecimal. hash_hex returns `out`.
//
//   source  RFC 2104
void hash_hmac(const void *key, size_t n_key, const void *bytes, size_t n,
               unsigned char out[HASH_BYTES]);
char *hash_hex(const unsigned char digest[HASH_BYTES], char out[HASH_TEXT]);

// CRC-32 as zlib and PNG compute it; `so_far` is 0 at the start.
uint32_t hash_crc32(uint32_t so_far, const void *bytes, size_t n);

#endif
