#include "aqs/place.h"

#include <math.h>
#include <string.h>

#include "aqs/place.sql.h"
#include "text/json.h"
#include "text/utf8.h"

#define PLACES_MOST 100000 // stations; AQS has had 20,888 in all its years
#define NAME_BYTES 200

struct place {
    char code[RECORD_SITE_BYTES];
    int32_t site_id;                     // 0 until it has been made
    bool is_placed, is_named, is_stated; // its position, name and state are known
    bool is_due;                         // to be made or filled in before the block goes
    const char *name, *state, *county;
    double latitude, longitude;
};

struct places {
    struct scope *s; // of all memory here
    struct db *db;
    struct place *all;
    size_t n, room, n_due;
    uint32_t *slots; // open addressing: index + 1, 0 is free
    size_t n_slots;  // a power of two
};

static uint32_t *
slot_find(const struct places *places, const char *code)
{
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (const char *c = code; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    for (size_t i = hash >> 20;; i++) {
        uint32_t *slot = &places->slots[i & (places->n_slots - 1)];
        if (*slot == 0 || strcmp(places->all[*slot - 1].code, code) == 0)
            return slot;
    }
}

// Doubles the room; each doubling leaves its predecessor's memory behind, so at most as much again.
static void
places_grow(struct places *places)
{
    struct place *more = scope_array(places->s, 2 * places->room, sizeof *more);
    memcpy(more, places->all, places->n * sizeof *more);
    places->all = more;
    places->room *= 2;
    places->n_slots *= 2;
    places->slots = scope_array(places->s, places->n_slots, sizeof *places->slots);
    for (size_t i = 0; i < places->n; i++)
        *slot_find(places, more[i].code) = (uint32_t)i + 1;
}

static struct place *
place_find_or_add(struct places *places, const char *code)
{
    uint32_t *slot = slot_find(places, code);
    if (*slot != 0)
        return &places->all[*slot - 1];
    if (places->n == places->room) {
        places_grow(places);
        slot = slot_find(places, code);
    }
    struct place *place = &places->all[places->n++];
    *place =
        (struct place){.name = "", .state = "", .county = "", .latitude = NAN, .longitude = NAN};
    memcpy(place->code, code, strlen(code) + 1);
    *slot = (uint32_t)places->n;
    return place;
}

struct places *
places_open(struct scope *s, struct db *db)
{
    struct places *places = scope_alloc(s, sizeof *places);
    *places = (struct places){.s = s, .db = db, .room = 1024, .n_slots = 4096};
    places->all = scope_array(s, places->room, sizeof *places->all);
    places->slots = scope_array(s, places->n_slots, sizeof *places->slots);
    const struct rows *r = db_query(s, db, &sql_place_list, 0, NULL);
    if (r == NULL)
        return NULL;
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *code = rows_text(r, i, "site");
        if (strlen(code) >= RECORD_SITE_BYTES)
            continue;
        struct place *place = place_find_or_add(places, code);
        place->site_id = (int32_t)rows_int(r, i, "site_id");
        place->is_placed = rows_bool(r, i, "is_placed");
        place->is_named = rows_bool(r, i, "is_named");
        place->is_stated = rows_bool(r, i, "is_stated");
    }
    return places;
}

const char *
places_text(struct scope *s, struct str name)
{
    const size_t n = name.n > NAME_BYTES ? NAME_BYTES : name.n;
    if (n == 0 || utf8_span(name.at, n) != n || memchr(name.at, 0, n) != NULL)
        return "";
    return scope_copy_n(s, name.at, n);
}

// Whether the record tells of its station what is not known yet.
static bool
has_news(const struct place *place, const struct record *record)
{
    return place->site_id == 0 || (!place->is_placed && !isnan(record->latitude)) ||
           (!place->is_named && record->name.n > 0) || (!place->is_stated && record->state.n > 0);
}

bool
places_note(struct scope *s, struct places *places, const struct record *record, int64_t line,
            uint32_t *out)
{
    struct place *place = place_find_or_add(places, record->site);
    if (places->n > PLACES_MOST && place->site_id == 0)
        return fail(s, ERROR_LIMIT, "line %lld: station \"%s\" would be one more than %d",
                    (long long)line, record->site, PLACES_MOST);
    *out = (uint32_t)(place - places->all);
    if (place->is_due || !has_news(place, record))
        return true;
    place->is_due = true;
    place->is_named = place->is_named || record->name.n > 0;
    place->is_stated = place->is_stated || record->state.n > 0;
    place->name = places_text(places->s, record->name);
    place->state = places_text(places->s, record->state);
    place->county = places_text(places->s, record->county);
    place->latitude = record->latitude;
    place->longitude = record->longitude;
    places->n_due++;
    return true;
}

size_t
places_due(const struct places *places)
{
    return places->n_due;
}

static void
place_write(struct json_writer *w, const struct place *place)
{
    json_object_begin(w);
    json_pair_text(w, "site", place->code);
    json_pair_text(w, "name", place->name);
    json_pair_text(w, "state", place->state);
    json_pair_text(w, "county", place->county);
    json_pair_number(w, "latitude", place->latitude); // NaN is null
    json_pair_number(w, "longitude", place->longitude);
    json_object_end(w);
}

bool
places_make(struct scope *s, struct places *places)
{
    if (places->n_due == 0)
        return true;
    struct buf text = buf_open(s, 1 << 12);
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    for (size_t i = 0; i < places->n; i++)
        if (places->all[i].is_due)
            place_write(&w, &places->all[i]);
    json_array_end(&w);
    const struct rows *r = DB_QUERY(s, places->db, &sql_place_put, text.text);
    if (r == NULL)
        return explain(s, "could not make stations");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct place *place = place_find_or_add(places, rows_text(r, i, "site"));
        place->site_id = (int32_t)rows_int(r, i, "site_id");
        place->is_placed = place->is_placed || !isnan(place->latitude);
        place->is_due = false;
    }
    places->n_due = 0;
    return true;
}

int32_t
places_id(const struct places *places, uint32_t place)
{
    return places->all[place].site_id;
}
