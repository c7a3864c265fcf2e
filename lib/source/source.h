// source/source.h: configured sources: what is read on its own, day by day or over years.
//
// A source is a name, a kind and the kind's settings (SOURCES.md is the manual). What of it has
// been read stands in data.source_unit, a row for each unit of work.
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "source/kind.h"

// All kinds, ended by NULL, and the one of that name.
//
//   errors  USAGE listing the kinds
extern const struct source_kind *const source_kinds[];
bool source_kind_find(struct scope *s, const char *name, const struct source_kind **out) MUST_CHECK;

// Makes a source, and audits it. The settings given must be the kind's.
//
//   errors  USAGE naming the option, CONFLICT when the name is taken
bool source_add(struct scope *s, struct db *db, const char *name, const struct source_kind *kind,
                const struct source_given given[], int64_t as_of) MUST_CHECK;

// Reads a source by its name.
//
//   owner   the scope
//   errors  MISSING
bool source_get(struct scope *s, struct db *db, const char *name, struct source *out) MUST_CHECK;

// A row for each source, and for each unit of one, as `source list` and `source show` tell them.
struct rows *source_list(struct scope *s, struct db *db) MUST_CHECK;
struct rows *source_units(struct scope *s, struct db *db, const char *name) MUST_CHECK;

// Has the source not be read, or be read again; `*was_so` when it was so before.
bool source_pause(struct scope *s, struct db *db, const char *name, bool is_paused,
                  bool *was_so) MUST_CHECK;

// Forgets a source and its units. What came from it stays.
bool source_remove(struct scope *s, struct db *db, const char *name) MUST_CHECK;

#endif
