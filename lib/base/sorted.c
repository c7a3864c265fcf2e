#include "base/sorted.h"

#include <string.h>

bool
sorted_find(size_t n, const char *const texts[], const char *text, size_t *at)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(texts[middle], text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    return low < n && strcmp(texts[low], text) == 0;
}
