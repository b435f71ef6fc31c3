/*
 * Layer: test programs of the C library. Used by: agent.c, the checks, stress, fuzz.
 * The least of BER that an SNMPv1 or SNMPv2c message needs; written apart from the library's, so that no mistake of
 * one hides in the other.
 */
#ifndef ORIEL_TEST_BER_H
#define ORIEL_TEST_BER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BER_MAX_ARCS = 128, BER_MAX_BINDINGS = 96, BER_MAX_COMMUNITY = 256, BER_MAX_DATAGRAM = 65536 };

struct ber_oid {
    uint32_t arcs[BER_MAX_ARCS];
    unsigned count;
};

/* One variable binding; the value is its tag and its content octets, which belong to somebody else. */
struct ber_binding {
    struct ber_oid name;
    uint8_t tag;
    const uint8_t *content;
    size_t length;
};

struct ber_message {
    int32_t version;
    uint8_t community[BER_MAX_COMMUNITY];
    size_t community_length;
    uint8_t type;
    int32_t id, error_status, error_index;
    /* Only of type 0xA4. */
    struct ber_oid enterprise;
    uint8_t agent_address[4];
    int32_t generic, specific;
    uint32_t time_stamp;
    unsigned count;
    struct ber_binding bindings[BER_MAX_BINDINGS];
};

/* Content octets of values, for the callers' own storage; the results point into `memory` (9 octets or more). */
size_t ber_integer_content(int64_t value, uint8_t memory[9]);
size_t ber_unsigned_content(uint64_t value, uint8_t memory[9]);
size_t ber_oid_content(const struct ber_oid *oid, uint8_t *memory, size_t size);

/* The value of an integer of up to 8 octets; 0 if there are more. */
int64_t ber_integer_value(const uint8_t *content, size_t length);
uint64_t ber_unsigned_value(const uint8_t *content, size_t length);
bool ber_oid_value(const uint8_t *content, size_t length, struct ber_oid *oid);

/* Dotted text to identifier; ends the program when the text is wrong, as texts are constants here. */
struct ber_oid ber_oid_of(const char *text);
int ber_oid_compare(const struct ber_oid *a, const struct ber_oid *b);
bool ber_oid_is(const struct ber_oid *oid, const char *text);

/* Octets written, 0 if they don't fit. */
size_t ber_encode(const struct ber_message *message, uint8_t *buffer, size_t size);
/* The bindings point into `bytes`. */
bool ber_decode(const uint8_t *bytes, size_t length, struct ber_message *message);

#endif
