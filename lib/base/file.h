// base/file.h: whole files in and out, and folders.
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"

// What an errno says of a file that could not be opened: MISSING when it is not there, DENIED when
// it may not be, INPUT for a folder, else UNAVAILABLE.
enum error_kind file_error_kind(int number);

// Reads a whole file of at most `limit_bytes`.
//
//   owner   the scope; terminated
//   errors  as file_open; LIMIT when it is larger, UNAVAILABLE when unreadable
bool file_read(struct scope *s, const char *path, size_t limit_bytes, struct str *out) MUST_CHECK;

// The same from a descriptor, to its end.
bool file_read_fd(struct scope *s, int fd, size_t limit_bytes, struct str *out) MUST_CHECK;

// Writes a whole file so that a reader sees the old or the new one: temporary file beside it,
// fsync, rename. `mode` is its permission bits.
//
//   errors  UNAVAILABLE with the system's reason, "no space left on device" among them; DENIED and
//           MISSING of the folder
bool file_write(struct scope *s, const char *path, struct str bytes, unsigned mode) MUST_CHECK;

// The same from a descriptor, to its end. What is no ordinary file, such as /dev/null or a pipe, is
// written to as it is.
bool file_write_from(struct scope *s, const char *path, int from) MUST_CHECK;

// Makes a folder and those above it, where they are not there yet.
bool file_make_folders(struct scope *s, const char *path) MUST_CHECK;

// Closes a file descriptor, or a FILE, when the scope closes.
void file_defer_close(struct scope *s, int fd);

// Opens for reading; the descriptor closes with the scope.
//
//   errors  as file_error_kind says
bool file_open(struct scope *s, const char *path, int *fd) MUST_CHECK;

// Writes all n bytes to a descriptor, however many calls it takes.
bool file_put(struct scope *s, int fd, const void *bytes, size_t n) MUST_CHECK;

// Copies a descriptor to its end into another.
bool file_copy(struct scope *s, int from, int to) MUST_CHECK;

#endif
