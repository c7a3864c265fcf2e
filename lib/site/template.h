// site/template.h: fills {{slots}} and repeated {{#blocks}} of the pages in www/.
//
// A template knows three marks: {{name}} is replaced by a value, {{#name}} … {{/name}} is written
// once for each row of a list, {{^name}} … {{/name}} only where the list is empty. Inside a block a
// name is looked for in its row first, then outward. Values are escaped for HTML, except those
// given as html. A mark that names nothing is a failure, so a page never shows a hole.
#ifndef SITE_TEMPLATE_H
#define SITE_TEMPLATE_H

#include <stdint.h>

#include "base/buf.h"

struct slots; // values by name, and lists of further values

// Makes an empty set of values.
struct slots *slots_open(struct scope *s);

// Gives a value. Names are borrowed, values copied. A number that is not finite becomes an en dash.
void slots_text(struct slots *v, const char *name, const char *value);
void slots_html(struct slots *v, const char *name, const char *html);
void slots_int(struct slots *v, const char *name, int64_t value);
void slots_number(struct slots *v, const char *name, double value, int decimals);

// Declares a list, so that an empty one is known too, and adds a row to it.
void slots_list(struct slots *v, const char *name);
struct slots *slots_row(struct slots *v, const char *name);

// Declares a list of one row when `is_shown`, of none otherwise.
void slots_if(struct slots *v, const char *name, bool is_shown);

// Writes a template with its marks replaced. `name` is the template's, for messages.
//
//   errors  BUG naming the template, the line and the mark that is unknown or unbalanced
bool template_fill(struct scope *s, const char *name, const char *text, const struct slots *values,
                   struct buf *out) MUST_CHECK;

#endif
