// registry/artifact_path.h: which names an artifact may have.
//
// A path is "1/0af3…/artifacts/model/MLmodel": UTF-8, segments joined by "/". Any name that a file
// may have is one, but for those that some reader might take for another place: what is refused is
// refused in each form that percent-decoding gives, however often it is done again.
#ifndef REGISTRY_ARTIFACT_PATH_H
#define REGISTRY_ARTIFACT_PATH_H

#include "base/buf.h"

#define ARTIFACT_PATH_BYTES 1024
#define ARTIFACT_PATH_DEPTH 64 // segments

// Checks the path of a file.
//
//   errors  INPUT "Invalid path: …": empty, too long or too deep, no UTF-8; or, as it stands or
//           decoded, with a "#", a backslash, a control character, a "/" at the beginning or twice,
//           a segment that is "." or ".." or "C:" (a ";" and what follows set aside), or that
//           begins with "file:"
bool artifact_path_check(struct scope *s, const char *path) MUST_CHECK;

// The same for a folder, where "", "." and a "/" at the end may stand; gives it without those.
//
//   owner   the scope
bool artifact_folder_check(struct scope *s, const char *path, const char **out) MUST_CHECK;

// Joins a root and a checked path below it; either may be "".
//
//   owner   the scope
const char *artifact_path_join(struct scope *s, const char *root, const char *path);

// The path that an address "mlflow-artifacts:/1/0af3…/artifacts" names here, perhaps with a host
// after two slashes; NULL for one of another scheme, or whose path is none.
//
//   owner   the scope
const char *artifact_uri_path(struct scope *s, const char *uri);

#endif
