#include "net/sign.h"

#include "test.h"

// The examples and their signatures are Amazon's: "Signature Calculations for the Authorization
// Header: Transferring Payload in a Single Chunk", S3 API reference. They were sent at
// 2013-05-24T00:00:00Z, which is 1369353600.
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct sign_key key = {
    "s3", "us-east-1", "AKIAIOSFODNN7EXAMPLE", {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}};

static const char *
signed_by(struct scope *s, const char *url, const char *const headers[])
{
    const char *out[SIGN_HEADERS + 4];
    const struct sign_request request = {"GET", url, headers, 1369353600};
    sign_headers(s, &key, &request, out);
    size_t n = 0;
    while (out[n + 1] != NULL)
        n++;
    return out[n];
}

TEST(sign_agrees_with_amazons_get_of_an_object)
{
    const char *const headers[] = {"Range: bytes=0-9", "x-amz-content-sha256: " EMPTY, NULL};

    CHECK_TEXT(signed_by(s, "https://examplebucket.s3.amazonaws.com/test.txt", headers),
               "Authorization: AWS4-HMAC-SHA256 "
               "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
               "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature="
               "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(sign_agrees_with_amazons_listing)
{
    const char *const headers[] = {"x-amz-content-sha256: " EMPTY, NULL};
    const char *line =
        signed_by(s, "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", headers);

    CHECK_TEXT(strstr(line, "Signature="),
               "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(sign_agrees_with_amazons_lifecycle)
{
    const char *const headers[] = {"x-amz-content-sha256: " EMPTY, NULL};
    const char *line = signed_by(s, "https://examplebucket.s3.amazonaws.com/?lifecycle=", headers);

    CHECK_TEXT(strstr(line, "Signature="),
               "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(sign_sorts_headers_by_their_names_alone)
{
    const char *const headers[] = {"x-amz-server-side-encryption-aws-kms-key-id: k",
                                   "x-amz-server-side-encryption: aws:kms", NULL};

    CHECK(strstr(signed_by(s, "http://h:9000/b", headers),
                 "SignedHeaders=host;x-amz-date;x-amz-server-side-encryption;"
                 "x-amz-server-side-encryption-aws-kms-key-id,") != NULL);
}

TEST(sign_names_the_host_as_it_is_sent)
{
    const char *out[SIGN_HEADERS + 4];
    const struct sign_request request = {"GET", "http://h:9000?a=b", NULL, 0};

    sign_headers(s, &key, &request, out);

    CHECK_TEXT(out[0], "Host: h:9000");
    CHECK_TEXT(out[1], "x-amz-date: 19700101T000000Z");
}
