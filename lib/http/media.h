// http/media.h: what a file is to a browser, told from its name alone.
#ifndef HTTP_MEDIA_H
#define HTTP_MEDIA_H

#include "base/scope.h"

// The Content-Type of a file: "text/plain" for whatever is read as text, "application/octet-stream"
// for what is not known.
//
//   source  MLflow, utils/mime_type_utils.py; IANA's registry of media types
const char *media_type(const char *name);

// The Content-Disposition by which a browser keeps the file under its name, and does not show it.
//
//   owner   the scope
//   source  RFC 6266; RFC 8187 for names beyond ASCII
const char *media_attachment(struct scope *s, const char *name);

#endif
