#include "base/hash.h"

#include "test.h"

TEST(sha256_matches_fips_180_2)
{
    // FIPS 180-2, appendix B: "abc", 448 bits, and a million times "a"; and no bytes at all.
    char got[HASH_TEXT];
    char *million = scope_alloc(s, 1000000);
    memset(million, 'a', 1000000);
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    CHECK_TEXT(hash_bytes("", 0, got),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_TEXT(hash_bytes("abc", 3, got),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_TEXT(hash_bytes(two, strlen(two), got),
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK_TEXT(hash_bytes(million, 1000000, got),
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(streamed_pieces_hash_as_the_whole)
{
    char whole[HASH_TEXT], streamed[HASH_TEXT], bytes[1000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    hash_bytes(bytes, sizeof bytes, whole);

    for (size_t cut = 0; cut <= sizeof bytes; cut += 37) {
        struct hash *h = hash_open(s);
        hash_add(h, bytes, cut);
        hash_add(h, bytes + cut, sizeof bytes - cut);
        CHECK_TEXT(hash_finish(h, streamed), whole);
    }
}

TEST(crc32_matches_its_check_value)
{
    // The check value of CRC-32/ISO-HDLC, which zlib and PNG use.
    CHECK(hash_crc32(0, "123456789", 9) == 0xCBF43926);
    CHECK(hash_crc32(hash_crc32(0, "1234", 4), "56789", 5) == 0xCBF43926);
    CHECK(hash_crc32(0, "", 0) == 0);
}

TEST(hmac_agrees_with_the_rfc)
{
    unsigned char mac[HASH_BYTES];
    char out[HASH_TEXT];

    hash_hmac("Jefe", 4, "what do ya want for nothing?", 28, mac);

    // RFC 4231, test case 2.
    CHECK_TEXT(hash_hex(mac, out),
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
