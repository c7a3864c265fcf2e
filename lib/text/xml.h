// text/xml.h: the little of XML that S3 speaks: elements and their text, read in order.
//
// Attributes, comments, processing instructions and namespaces' prefixes are passed over. Document
// types, and with them entities of one's own, are refused.
#ifndef TEXT_XML_H
#define TEXT_XML_H

#include "base/buf.h"

#define XML_DEPTH 16 // elements inside each other at most

enum xml_kind { XML_END, XML_OPEN, XML_CLOSE };

struct xml { // make one with xml_open
    const char *begin, *at, *end;
    struct str open[XML_DEPTH]; // names of the elements around, with their prefixes
    size_t depth;
    bool is_empty; // the element just opened closes at once
};

struct xml_event {
    enum xml_kind kind; // XML_END: the document is over
    const char *name;   // of the element, without a prefix
    const char *text;   // XML_CLOSE: what stood in it, without its children's; decoded
};

// Begins to read n bytes, which must outlive the reader.
struct xml xml_open(const char *text, size_t n);

// Reads up to the next element's beginning or end.
//
//   owner   the scope
//   errors  INPUT with the byte at which it is no XML, LIMIT for elements nested too deep
bool xml_next(struct scope *s, struct xml *x, struct xml_event *out) MUST_CHECK;

// Adds a text with "&", "<" and ">" written as entities.
void xml_text(struct buf *out, const char *text);

#endif
