#include "text/csv.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CHUNK_BYTES ((size_t)128 * 1024) // read ahead; fits the second-level cache
#define BLOCK_BYTES 64                   // one bit of a word for each

// Bytes are looked at 64 at a time: a bit for each comma, quote and line end, and from the quotes
// so far, for each byte inside quotes. Commas outside them end fields, line ends always do; behind
// one that stood inside quotes the scan begins anew.
//
//   source  Langdale, Lemire, "Parsing gigabytes of JSON per second", VLDB J. 28, 2019, 3.1.1
struct scan {
    size_t block, next; // where the current and the next block begin
    uint64_t ends;      // separators of the current block that are still ahead
    uint64_t quotes;    // quotes of the current block
    uint64_t inside;    // all ones where the last block ended inside quotes
    size_t n_quotes;    // in the blocks before
    size_t n_at_start;  // quotes before the current record
    size_t zeros_upto;  // the end of the last block with zero bytes
};

struct csv {
    csv_fill fill;
    void *context;
    char *bytes, *scratch;
    size_t limit_bytes, room_bytes;
    size_t at, end;             // unread bytes: the next record's first, and behind the last
    bool is_dry;                // the source has ended
    bool is_begun, is_skipping; // skipping: inside a line that is too long
    int64_t line;               // of the next record
    struct scan scan;
    struct csv_record record;
    struct str fields[CSV_FIELDS];
};

static const char too_long[] = "the record is too long";
static const char many_fields[] = "the record has more than 512 fields";

struct csv *
csv_open(struct scope *s, csv_fill fill, void *context, size_t limit_bytes)
{
    struct csv *c = scope_alloc(s, sizeof *c);
    c->fill = fill;
    c->context = context;
    c->limit_bytes = limit_bytes;
    c->room_bytes = limit_bytes + CHUNK_BYTES;
    c->bytes = scope_alloc(s, c->room_bytes + BLOCK_BYTES);
    c->scratch = scope_alloc(s, limit_bytes + 1);
    c->line = 1;
    return c;
}

static bool
bytes_fill(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct str *rest = context;
    (void)s;
    *n = rest->n < room_bytes ? rest->n : room_bytes;
    if (*n > 0)
        memcpy(to, rest->at, *n);
    *rest = (struct str){rest->at + *n, rest->n - *n};
    return true;
}

struct csv *
csv_open_bytes(struct scope *s, struct str bytes, size_t limit_bytes)
{
    struct str *rest = scope_alloc(s, sizeof *rest);
    *rest = bytes;
    return csv_open(s, bytes_fill, rest, limit_bytes);
}

static void
scan_restart(struct csv *c, size_t at)
{
    c->scan = (struct scan){.block = at, .next = at};
}

struct bits {
    uint64_t quotes, commas, line_ends, zeros;
};

#ifdef __SSE2__
static inline uint64_t
equal_bits(const __m128i part[4], char byte)
{
    const __m128i wanted = _mm_set1_epi8(byte);
    const uint64_t a = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(part[0], wanted));
    const uint64_t b = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(part[1], wanted));
    const uint64_t c = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(part[2], wanted));
    const uint64_t d = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(part[3], wanted));
    return a | b << 16 | c << 32 | d << 48;
}

static struct bits
block_bits(const char *at)
{
    __m128i part[4];
    memcpy(part, at, sizeof part);
    return (struct bits){equal_bits(part, '"'), equal_bits(part, ','), equal_bits(part, '\n'),
                         equal_bits(part, '\0')};
}
#else
static struct bits
block_bits(const char *at)
{
    struct bits b = {0};
    for (int i = 0; i < BLOCK_BYTES; i++) {
        b.quotes |= (uint64_t)(at[i] == '"') << i;
        b.commas |= (uint64_t)(at[i] == ',') << i;
        b.line_ends |= (uint64_t)(at[i] == '\n') << i;
        b.zeros |= (uint64_t)(at[i] == '\0') << i;
    }
    return b;
}
#endif

// Adds neighbours, in pairs, fours and eights of bits, then all bytes: the compiler's own calls a
// function where it may not count on the instruction.
//
//   source  Warren, Hacker's Delight, 2nd ed., figure 5-2
static inline size_t
bits_count(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555;
    x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (size_t)(x * 0x0101010101010101 >> 56);
}

// Sets each bit that has an odd number of ones up to itself.
static uint64_t
parity_upto(uint64_t x)
{
    if (x == 0)
        return 0;
    for (int step = 1; step < 64; step *= 2)
        x ^= x << step;
    return x;
}

// The buffer has a block of room behind its end, so a block may be read past it.
static void
block_take(struct csv *c)
{
    struct scan *x = &c->scan;
    const size_t left = c->end - x->next;
    const uint64_t valid = left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
    const struct bits b = block_bits(c->bytes + x->next);

    x->n_quotes += bits_count(x->quotes);
    x->quotes = b.quotes & valid;
    const uint64_t inside = parity_upto(x->quotes) ^ x->inside;
    x->inside = (uint64_t)0 - (inside >> 63);
    x->ends = ((b.commas & ~inside) | b.line_ends) & valid;
    x->block = x->next;
    x->next += BLOCK_BYTES;
    if ((b.zeros & valid) != 0)
        x->zeros_upto = x->next;
}

// Cuts the record at `c->at` into fields as they stand, quotes and all. False where the bytes at
// hand do not reach its end; *n_fields counts on where there are too many.
static bool
fields_cut(struct csv *c, size_t *end, size_t *n_fields)
{
    struct scan *x = &c->scan;
    size_t start = c->at;
    *n_fields = 0;
    for (;;) {
        while (x->ends == 0) {
            if (x->next >= c->end)
                return false;
            block_take(c);
        }
        const int bit = __builtin_ctzll(x->ends);
        const size_t at = x->block + (size_t)bit;
        x->ends &= x->ends - 1;
        if (*n_fields < CSV_FIELDS)
            c->fields[*n_fields] = (struct str){c->bytes + start, at - start};
        ++*n_fields;
        start = at + 1;
        if (c->bytes[at] == '\n') {
            *end = at;
            return true;
        }
    }
}

// Quotes from the record's start to `end`, which lies in the current block.
static size_t
quotes_count(struct csv *c, size_t end)
{
    struct scan *x = &c->scan;
    const uint64_t before = (UINT64_C(1) << (end - x->block)) - 1;
    const size_t n = x->n_quotes + bits_count(x->quotes & before);
    const size_t in_record = n - x->n_at_start;
    x->n_at_start = n;
    return in_record;
}

// Takes the quotes off. True where each field has none, or just one at each end: together they
// are twice as many as quoted fields only if no other place has any.
static bool
fields_unquote(struct csv *c, size_t n_fields, size_t n_quotes)
{
    size_t n_quoted = 0;
    for (size_t i = 0; i < n_fields; i++) {
        struct str *f = &c->fields[i];
        if (f->n == 0 || f->at[0] != '"')
            continue;
        if (f->n < 2 || f->at[f->n - 1] != '"')
            return false;
        n_quoted++;
        f->at++;
        f->n -= 2;
    }
    return n_quotes == 2 * n_quoted;
}

// Reads one quoted field whose text has doubled quotes; `*at` moves behind its closing quote.
static const char *
doubled_read(const char **at, const char *end, char **scratch, struct str *out)
{
    out->at = *scratch;
    for (++*at; *at < end; ++*at) {
        if (**at == '"' && (*at + 1 == end || (*at)[1] != '"'))
            break;
        if (**at == '"')
            ++*at;
        *(*scratch)++ = **at;
    }
    if (*at == end)
        return "a quote is not closed";
    ++*at;
    out->n = (size_t)(*scratch - out->at);
    return *at == end || **at == ',' ? NULL : "text follows a closing quote";
}

// Reads the record byte by byte: the way for doubled quotes and for faults.
static const char *
fields_read_slowly(struct csv *c, struct str raw)
{
    const char *at = raw.at, *end = raw.at + raw.n;
    char *scratch = c->scratch;
    for (size_t i = 0;; i++, at++) {
        if (i == CSV_FIELDS)
            return many_fields;
        struct str *f = &c->fields[i];
        if (at < end && *at == '"') {
            const char *fault = doubled_read(&at, end, &scratch, f);
            if (fault != NULL)
                return fault;
        } else {
            const char *start = at;
            while (at < end && *at != ',' && *at != '"')
                at++;
            if (at < end && *at == '"')
                return "a quote stands inside a field that has none around it";
            *f = (struct str){start, (size_t)(at - start)};
        }
        if (at == end)
            return NULL;
    }
}

static const char *
record_read(struct csv *c, struct str *raw, size_t n_fields, size_t n_quotes)
{
    if (raw->n > c->limit_bytes)
        return too_long;
    if (n_fields > CSV_FIELDS)
        return many_fields;
    if (c->at < c->scan.zeros_upto && memchr(raw->at, '\0', raw->n) != NULL)
        return "a zero byte";
    if (raw->n > 0 && raw->at[raw->n - 1] == '\r') {
        raw->n--;
        c->fields[n_fields - 1].n--;
    }
    c->record.n = n_fields;
    return fields_unquote(c, n_fields, n_quotes) ? NULL : fields_read_slowly(c, *raw);
}

// Reads on until the buffer is full, so that slow sources do not make us look twice.
static bool
refill(struct scope *s, struct csv *c)
{
    memmove(c->bytes, c->bytes + c->at, c->end - c->at);
    c->end -= c->at;
    c->at = 0;
    while (!c->is_dry && c->end < c->room_bytes - 1) {
        size_t n = 0;
        if (!c->fill(s, c->context, c->bytes + c->end, c->room_bytes - 1 - c->end, &n))
            return false;
        c->end += n;
        c->is_dry = n == 0;
    }
    if (!c->is_begun && c->end >= 3 && memcmp(c->bytes, "\xEF\xBB\xBF", 3) == 0)
        c->at = 3;
    c->is_begun = true;
    if (c->is_dry && c->end > c->at && c->bytes[c->end - 1] != '\n')
        c->bytes[c->end++] = '\n';
    scan_restart(c, c->at);
    return true;
}

// Passes over a record that is too long for the buffer, as far as it is at hand.
static void
long_take(struct csv *c)
{
    c->record = (struct csv_record){.line = c->line,
                                    .raw = {c->bytes + c->at, c->end - c->at},
                                    .fault = too_long,
                                    .is_long = true};
    c->at = c->end;
    c->is_skipping = true;
    scan_restart(c, c->at);
}

// Passes over the rest of a line that was longer than the buffer.
static bool
rest_skip(struct scope *s, struct csv *c)
{
    while (c->is_skipping) {
        const char *end = memchr(c->bytes + c->at, '\n', c->end - c->at);
        c->is_skipping = end == NULL && !(c->is_dry && c->at == c->end);
        c->at = end == NULL ? c->end : (size_t)(end - c->bytes) + 1;
        c->line += end != NULL;
        scan_restart(c, c->at);
        if (c->is_skipping && !refill(s, c))
            return false;
    }
    return true;
}

static void
record_take(struct csv *c, size_t end, size_t n_fields)
{
    const size_t n_quotes = quotes_count(c, end);
    struct csv_record *r = &c->record;
    *r = (struct csv_record){
        .line = c->line++, .fields = c->fields, .raw = {c->bytes + c->at, end - c->at}};
    r->fault = record_read(c, &r->raw, n_fields, n_quotes);
    r->is_long = r->fault == too_long;
    r->n = r->fault == NULL ? r->n : 0;
    c->at = end + 1;
    if (n_quotes % 2 != 0)
        scan_restart(c, c->at);
}

bool
csv_next(struct scope *s, struct csv *c, const struct csv_record **out)
{
    size_t end, n_fields;
    *out = NULL;
    if (!rest_skip(s, c))
        return false;
    while (!fields_cut(c, &end, &n_fields)) {
        if (c->end - c->at > c->limit_bytes) {
            long_take(c);
            *out = &c->record;
            return true;
        }
        if (c->is_dry)
            return true;
        if (!refill(s, c))
            return false;
    }
    record_take(c, end, n_fields);
    *out = &c->record;
    return true;
}

void
csv_add(struct buf *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        buf_text(out, text);
        return;
    }
    buf_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            buf_char(out, '"');
        buf_char(out, *text);
    }
    buf_char(out, '"');
}
