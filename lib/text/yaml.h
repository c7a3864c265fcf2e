// text/yaml.h: YAML as JSON values: mappings, sequences, and scalars as text.
#ifndef TEXT_YAML_H
#define TEXT_YAML_H

#include "text/json.h"

#define YAML_BYTES ((size_t)4 << 20)
#define YAML_DEPTH 30

// Reads the one document of n bytes. Every scalar becomes text, as it stands; references to anchors
// are refused, as they could grow without end.
//
//   errors  INPUT with the line; LIMIT above YAML_BYTES
//   source  yaml.org/spec/1.1, by libyaml
const struct json *yaml_parse(struct scope *s, const char *text, size_t n) MUST_CHECK;

#endif
