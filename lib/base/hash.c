#include "base/hash.h"

#include <assert.h>
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

struct hash {
    EVP_MD_CTX *context;
};

static void
context_close(void *context)
{
    EVP_MD_CTX_free(context);
}

struct hash *
hash_open(struct scope *s)
{
    struct hash *h = scope_alloc(s, sizeof *h);
    h->context = EVP_MD_CTX_new();
    assert(h->context != NULL);
    scope_defer(s, context_close, h->context);
    const int ok = EVP_DigestInit_ex(h->context, EVP_sha256(), NULL);
    assert(ok == 1);
    return h;
}

void
hash_add(struct hash *h, const void *bytes, size_t n)
{
    const int ok = EVP_DigestUpdate(h->context, bytes, n);
    assert(ok == 1);
}

char *
hash_hex(const unsigned char digest[HASH_BYTES], char out[HASH_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < HASH_BYTES; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[64] = '\0';
    return out;
}

char *
hash_finish(struct hash *h, char out[HASH_TEXT])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    const int ok = EVP_DigestFinal_ex(h->context, digest, NULL);
    assert(ok == 1);
    return hash_hex(digest, out);
}

char *
hash_bytes(const void *bytes, size_t n, char out[HASH_TEXT])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    const int ok = EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL);
    assert(ok == 1);
    return hash_hex(digest, out);
}

void
hash_hmac(const void *key, size_t n_key, const void *bytes, size_t n, unsigned char out[HASH_BYTES])
{
    size_t n_out = 0;
    const unsigned char *mac = EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, n_key, bytes, n,
                                         out, HASH_BYTES, &n_out);
    assert(mac != NULL);
    assert(n_out == HASH_BYTES);
}

uint32_t
hash_crc32(uint32_t so_far, const void *bytes, size_t n)
{
    return (uint32_t)crc32_z(so_far, bytes, n);
}
