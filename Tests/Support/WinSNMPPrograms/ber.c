/*
 * Layer: test programs of the C library. Used by: agent.c, the checks, stress, fuzz.
 * Encoding goes backwards, so that lengths are known when their headers are written.
 */
#include "ber.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t ber_integer_content(int64_t value, uint8_t memory[9]) {
    size_t length = 8;
    for (size_t i = 0; i < 8; i++) memory[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
    size_t skip = 0;
    while (skip < 7 && ((memory[skip] == 0 && !(memory[skip + 1] & 0x80)) ||
                        (memory[skip] == 0xFF && (memory[skip + 1] & 0x80))))
        skip++;
    length -= skip;
    memmove(memory, memory + skip, length);
    return length;
}

size_t ber_unsigned_content(uint64_t value, uint8_t memory[9]) {
    uint8_t all[9] = {0};
    for (size_t i = 0; i < 8; i++) all[i + 1] = (uint8_t)(value >> (56 - 8 * i));
    size_t skip = 0;
    while (skip < 8 && all[skip] == 0 && !(all[skip + 1] & 0x80)) skip++;
    memcpy(memory, all + skip, 9 - skip);
    return 9 - skip;
}

size_t ber_oid_content(const struct ber_oid *oid, uint8_t *memory, size_t size) {
    size_t used = 0;
    for (unsigned i = oid->count > 1 ? 1 : 0; i < oid->count; i++) {
        uint64_t arc = oid->arcs[i];
        if (i == 1) arc += (uint64_t)oid->arcs[0] * 40;
        uint8_t groups[10];
        int count = 0;
        do {
            groups[count++] = arc & 0x7F;
            arc >>= 7;
        } while (arc != 0);
        if (used + (size_t)count > size) return 0;
        while (count-- > 0) memory[used++] = (uint8_t)(groups[count] | (count > 0 ? 0x80 : 0));
    }
    return used;
}

int64_t ber_integer_value(const uint8_t *content, size_t length) {
    if (length == 0 || length > 8) return 0;
    uint64_t value = (content[0] & 0x80) ? UINT64_MAX : 0;
    for (size_t i = 0; i < length; i++) value = value << 8 | content[i];
    return (int64_t)value;
}

uint64_t ber_unsigned_value(const uint8_t *content, size_t length) {
    uint64_t value = 0;
    if (length > 9) return 0;
    for (size_t i = 0; i < length; i++) value = value << 8 | content[i];
    return value;
}

bool ber_oid_value(const uint8_t *content, size_t length, struct ber_oid *oid) {
    oid->count = 0;
    uint64_t arc = 0;
    bool inside = false;
    for (size_t i = 0; i < length; i++) {
        arc = arc << 7 | (content[i] & 0x7F);
        inside = (content[i] & 0x80) != 0;
        if (arc > UINT32_MAX + (uint64_t)80) return false;
        if (inside) continue;
        if (oid->count == 0) {
            uint32_t first = arc < 40 ? 0 : arc < 80 ? 1 : 2;
            oid->arcs[oid->count++] = first;
            arc -= first * 40;
        }
        if (oid->count >= BER_MAX_ARCS || arc > UINT32_MAX) return false;
        oid->arcs[oid->count++] = (uint32_t)arc;
        arc = 0;
    }
    return !inside && oid->count > 0;
}

struct ber_oid ber_oid_of(const char *text) {
    struct ber_oid oid = {.count = 0};
    while (*text) {
        char *end;
        oid.arcs[oid.count++] = (uint32_t)strtoul(text, &end, 10);
        if (end == text || (*end && *end != '.') || oid.count > BER_MAX_ARCS - 1) {
            fprintf(stderr, "not an object identifier: %s\n", text);
            abort();
        }
        text = *end ? end + 1 : end;
    }
    return oid;
}

int ber_oid_compare(const struct ber_oid *a, const struct ber_oid *b) {
    for (unsigned i = 0; i < a->count && i < b->count; i++)
        if (a->arcs[i] != b->arcs[i]) return a->arcs[i] < b->arcs[i] ? -1 : 1;
    return a->count == b->count ? 0 : a->count < b->count ? -1 : 1;
}

bool ber_oid_is(const struct ber_oid *oid, const char *text) {
    struct ber_oid other = ber_oid_of(text);
    return ber_oid_compare(oid, &other) == 0;
}

/* ---- Encoding ---- */

/* What is written stands at the end of the buffer, from `start`. */
struct writer {
    uint8_t *buffer;
    size_t size, start;
    bool full;
};

static void put(struct writer *w, const void *bytes, size_t length) {
    if (length > w->start) {
        w->full = true;
        return;
    }
    w->start -= length;
    if (length > 0) memcpy(w->buffer + w->start, bytes, length);
}

/* The header of what was written since `end`. */
static void put_header(struct writer *w, uint8_t tag, size_t end) {
    size_t length = end - w->start;
    uint8_t header[6] = {tag};
    size_t used = 1;
    if (length < 0x80) {
        header[used++] = (uint8_t)length;
    } else {
        size_t octets = length > 0xFFFF ? 3 : length > 0xFF ? 2 : 1;
        header[used++] = (uint8_t)(0x80 | octets);
        while (octets-- > 0) header[used++] = (uint8_t)(length >> (8 * octets));
    }
    put(w, header, used);
}

static void put_value(struct writer *w, uint8_t tag, const void *content, size_t length) {
    size_t end = w->start;
    put(w, content, length);
    put_header(w, tag, end);
}

static void put_integer(struct writer *w, int64_t value) {
    uint8_t memory[9];
    put_value(w, 0x02, memory, ber_integer_content(value, memory));
}

static void put_oid(struct writer *w, const struct ber_oid *oid) {
    uint8_t memory[BER_MAX_ARCS * 5];
    put_value(w, 0x06, memory, ber_oid_content(oid, memory, sizeof memory));
}

size_t ber_encode(const struct ber_message *message, uint8_t *buffer, size_t size) {
    struct writer writer = {.buffer = buffer, .size = size, .start = size}, *w = &writer;
    for (unsigned i = message->count; i-- > 0;) {
        const struct ber_binding *binding = &message->bindings[i];
        size_t end = w->start;
        put_value(w, binding->tag, binding->content, binding->length);
        put_oid(w, &binding->name);
        put_header(w, 0x30, end);
    }
    put_header(w, 0x30, size);
    if (message->type == 0xA4) {
        uint8_t memory[9];
        put_value(w, 0x43, memory, ber_unsigned_content(message->time_stamp, memory));
        put_integer(w, message->specific);
        put_integer(w, message->generic);
        put_value(w, 0x40, message->agent_address, 4);
        put_oid(w, &message->enterprise);
    } else {
        put_integer(w, message->error_index);
        put_integer(w, message->error_status);
        put_integer(w, message->id);
    }
    put_header(w, message->type, size);
    put_value(w, 0x04, message->community, message->community_length);
    put_integer(w, message->version);
    put_header(w, 0x30, size);
    if (w->full) return 0;
    memmove(buffer, buffer + w->start, size - w->start);
    return size - w->start;
}

/* ---- Decoding ---- */

struct reader {
    const uint8_t *at, *end;
};

static bool take(struct reader *r, uint8_t *tag, struct reader *inner) {
    if (r->end - r->at < 2) return false;
    *tag = *r->at++;
    size_t length = *r->at++;
    if (length & 0x80) {
        size_t octets = length & 0x7F;
        if (octets == 0 || octets > 4 || (size_t)(r->end - r->at) < octets) return false;
        for (length = 0; octets > 0; octets--) length = length << 8 | *r->at++;
    }
    if ((size_t)(r->end - r->at) < length) return false;
    inner->at = r->at;
    inner->end = r->at += length;
    return true;
}

static bool take_tagged(struct reader *r, uint8_t tag, struct reader *inner) {
    uint8_t found;
    return take(r, &found, inner) && found == tag;
}

static bool take_integer(struct reader *r, int32_t *value) {
    struct reader inner;
    if (!take_tagged(r, 0x02, &inner)) return false;
    *value = (int32_t)ber_integer_value(inner.at, (size_t)(inner.end - inner.at));
    return inner.end > inner.at;
}

static bool take_oid(struct reader *r, struct ber_oid *oid) {
    struct reader inner;
    return take_tagged(r, 0x06, &inner) && ber_oid_value(inner.at, (size_t)(inner.end - inner.at), oid);
}

static bool take_trap_header(struct reader *pdu, struct ber_message *message) {
    struct reader part;
    if (!take_oid(pdu, &message->enterprise) || !take_tagged(pdu, 0x40, &part) || part.end - part.at != 4) return false;
    memcpy(message->agent_address, part.at, 4);
    if (!take_integer(pdu, &message->generic) || !take_integer(pdu, &message->specific)) return false;
    if (!take_tagged(pdu, 0x43, &part)) return false;
    message->time_stamp = (uint32_t)ber_unsigned_value(part.at, (size_t)(part.end - part.at));
    return true;
}

bool ber_decode(const uint8_t *bytes, size_t length, struct ber_message *message) {
    struct reader all = {bytes, bytes + length}, body, part, pdu, list;
    message->count = 0;
    message->id = message->error_status = message->error_index = 0;
    if (!take_tagged(&all, 0x30, &body) || !take_integer(&body, &message->version)) return false;
    if (!take_tagged(&body, 0x04, &part)) return false;
    message->community_length = (size_t)(part.end - part.at);
    if (message->community_length > BER_MAX_COMMUNITY) return false;
    memcpy(message->community, part.at, message->community_length);
    if (!take(&body, &message->type, &pdu)) return false;
    if (message->type == 0xA4) {
        if (!take_trap_header(&pdu, message)) return false;
    } else if (!take_integer(&pdu, &message->id) || !take_integer(&pdu, &message->error_status) ||
               !take_integer(&pdu, &message->error_index)) {
        return false;
    }
    if (!take_tagged(&pdu, 0x30, &list)) return false;
    while (list.at < list.end) {
        if (message->count == BER_MAX_BINDINGS) return false;
        struct ber_binding *binding = &message->bindings[message->count];
        if (!take_tagged(&list, 0x30, &part) || !take_oid(&part, &binding->name)) return false;
        struct reader value;
        if (!take(&part, &binding->tag, &value)) return false;
        binding->content = value.at;
        binding->length = (size_t)(value.end - value.at);
        message->count++;
    }
    return true;
}
