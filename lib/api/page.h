// api/page.h: long lists, a page at a time: ?limit= and ?before=, newest first.
#ifndef API_PAGE_H
#define API_PAGE_H

#include "http/request.h"
#include "text/json.h"

struct page {
    const char *before; // rows with a lower number, as a statement's parameter; NULL for all
    const char *limit;  // rows in the page
    int64_t n_limit;
};

// Reads "limit" (1 to 1000, 100 unless told) and "before".
//
//   errors  INPUT naming the value
bool page_read(struct scope *s, const struct request *in, struct page *out) MUST_CHECK;

// Reads a whole number of an address or a query.
bool page_number(struct scope *s, const char *what, const char *text, int64_t *out) MUST_CHECK;

// Ends a list: "next_before" is what to ask for the next page, null after the last one.
void page_end(const struct page *page, struct json_writer *w, const struct rows *r,
              const char *number);

#endif
