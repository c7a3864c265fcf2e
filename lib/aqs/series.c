#include "aqs/series.h"

#include <string.h>

#define N_SLOTS ((size_t)1 << 12)    // at first
#define SLOTS_MOST ((size_t)1 << 20) // 16 MB
#define PARAMETERS UINT64_C(100000)  // AQS's codes have five digits
#define POCS (UINT64_C(1) << 15)

struct slot {
    uint64_t instrument; // 0: free
    int32_t moment;      // its latest
};

struct series {
    struct scope *s;
    struct slot *slots; // open addressing
    size_t n_slots, n;  // a power of two; used
    struct slot *last;  // mostly the next row's, too
    bool is_disordered;
};

struct series *
series_open(struct scope *s)
{
    struct series *series = scope_alloc(s, sizeof *series);
    *series = (struct series){.s = s, .n_slots = N_SLOTS};
    series->slots = scope_array(s, N_SLOTS, sizeof *series->slots);
    series->last = series->slots;
    return series;
}

static struct slot *
slot_find(const struct series *series, uint64_t instrument)
{
    // Knuth, The Art of Computer Programming, vol. 3, 6.4: multiplication by the golden ratio.
    for (size_t i = instrument * UINT64_C(0x9E3779B97F4A7C15) >> 20;; i++) {
        struct slot *slot = &series->slots[i & (series->n_slots - 1)];
        if (slot->instrument == 0 || slot->instrument == instrument)
            return slot;
    }
}

// Doubles the room; each doubling leaves its predecessor's memory behind, so at most as much again.
static void
slots_grow(struct series *series)
{
    const struct slot *before = series->slots;
    const size_t n_before = series->n_slots;
    series->n_slots *= 2;
    series->slots = scope_array(series->s, series->n_slots, sizeof *series->slots);
    for (size_t i = 0; i < n_before; i++)
        if (before[i].instrument != 0)
            *slot_find(series, before[i].instrument) = before[i];
}

static struct slot *
slot_make(struct series *series, uint64_t instrument)
{
    if (2 * series->n >= series->n_slots)
        slots_grow(series);
    struct slot *slot = slot_find(series, instrument);
    *slot = (struct slot){.instrument = instrument, .moment = INT32_MIN};
    series->n++;
    return slot;
}

void
series_note(struct series *series, uint32_t place, int parameter, int poc, int32_t moment)
{
    const uint64_t instrument =
        ((uint64_t)place * PARAMETERS + (uint64_t)parameter) * POCS + (uint64_t)poc + 1;
    if (series->is_disordered)
        return;
    if (series->last->instrument != instrument) {
        series->last = slot_find(series, instrument);
        if (series->last->instrument == 0 && 2 * series->n >= SLOTS_MOST) {
            series->is_disordered = true;
            return;
        }
        if (series->last->instrument == 0)
            series->last = slot_make(series, instrument);
    }
    series->is_disordered = moment <= series->last->moment;
    series->last->moment = moment;
}

bool
series_ascend(const struct series *series)
{
    return !series->is_disordered;
}
