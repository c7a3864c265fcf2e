#include "base/password.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/chance.h"
#include "base/hash.h"

#define SALT_BYTES 16
#define SALT_TEXT (2 * SALT_BYTES)
#define MEMORY_BYTES ((uint64_t)64 * 1024 * 1024)
#define COST "scrypt$14$8$5$" // N = 2^14, r = 8, p = 5

static void
digest_make(const char *salt, const char *password, char out[HASH_TEXT])
{
    unsigned char digest[HASH_BYTES];
    if (EVP_PBE_scrypt(password, strlen(password), (const unsigned char *)salt, SALT_TEXT, 1 << 14,
                       8, 5, MEMORY_BYTES, digest, sizeof digest) != 1)
        abort(); // memory has run out
    hash_hex(digest, out);
}

const char *
password_keep(struct scope *s, const char *password)
{
    unsigned char bytes[SALT_BYTES];
    char salt[SALT_TEXT + 1], digest[HASH_TEXT];
    chance_secret(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(salt + 2 * i, 3, "%02x", bytes[i]);
    digest_make(salt, password, digest);
    return scope_print(s, COST "%s$%s", salt, digest);
}

bool
password_matches(const char *kept, const char *password)
{
    static const char nobody[] = COST "00000000000000000000000000000000$";
    const size_t n_cost = sizeof COST - 1;
    const bool is_kept =
        strncmp(kept, COST, n_cost) == 0 && strlen(kept) == n_cost + SALT_TEXT + 1 + HASH_TEXT - 1;
    char digest[HASH_TEXT];
    unsigned difference = 0;

    digest_make((is_kept ? kept : nobody) + n_cost, password, digest);
    if (!is_kept)
        return false;
    for (size_t i = 0; i < HASH_TEXT - 1; i++) // all of it, so that time tells nothing
        difference |= (unsigned char)kept[n_cost + SALT_TEXT + 1 + i] ^ (unsigned char)digest[i];
    return difference == 0;
}
