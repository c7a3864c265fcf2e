// base/sorted.h: texts in ascending byte order.
#ifndef BASE_SORTED_H
#define BASE_SORTED_H

#include <stdbool.h>
#include <stddef.h>

// Tells whether a text is among n, and where: its index, or that of the first behind it.
bool sorted_find(size_t n, const char *const texts[], const char *text, size_t *at);

#endif
