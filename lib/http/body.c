#include "http/body.h"

#include <stdlib.h>

bool
streams_enter(struct scope *s, struct streams *streams)
{
    if (atomic_fetch_add(&streams->n, 1) < streams->most)
        return true;
    atomic_fetch_sub(&streams->n, 1);
    return fail(s, ERROR_UNAVAILABLE,
                "%d uploads and downloads are under way, and no more are taken; try again",
                streams->most);
}

void
streams_leave(struct streams *streams)
{
    atomic_fetch_sub(&streams->n, 1);
}

static bool
body_take(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct body *body = context;
    *n = 0;
    if (body->left_bytes == 0)
        return true;
    if (!body->is_here && !body->is_entered) {
        if (!streams_enter(s, body->streams))
            return false;
        body->is_entered = true;
    }
    const bool is_known = body->left_bytes > 0;
    if (is_known && body->left_bytes < (int64_t)room_bytes)
        room_bytes = (size_t)body->left_bytes;
    const int got = FCGX_GetStr(to, (int)room_bytes, body->from);
    if (got < (int)room_bytes && (is_known || FCGX_GetError(body->from) != 0))
        return fail(s, ERROR_INPUT, "the body was cut short");
    *n = (size_t)got;
    if (is_known)
        body->left_bytes -= got;
    else if (got < (int)room_bytes)
        body->left_bytes = 0;
    return true;
}

struct inlet
body_open(struct body *body, FCGX_Request *request, struct streams *streams)
{
    const char *length = FCGX_GetParam("CONTENT_LENGTH", request->envp);
    *body = (struct body){
        .from = request->in,
        .streams = streams,
        .left_bytes = length == NULL || *length == '\0' ? -1 : strtoll(length, NULL, 10),
        .is_here = FCGX_GetParam("BODY_STREAMS", request->envp) == NULL,
    };
    return (struct inlet){body_take, body};
}

void
body_close(struct body *body)
{
    if (body->is_entered)
        streams_leave(body->streams);
    body->is_entered = false;
}
