#include <string.h>

#include "api/handlers.h"
#include "site/asset.h"

bool
document_openapi(struct scope *s, const struct request *in, struct reply *out)
{
    (void)in;
    for (const struct asset *a = site_assets; a->name != NULL; a++)
        if (strcmp(a->name, "openapi.json") == 0) {
            buf_add(&out->body, a->bytes, a->size_bytes);
            reply_header(out, "Cache-Control", "public, max-age=300");
            return true;
        }
    return fail(s, ERROR_BUG, "openapi.json is not embedded");
}
