/*
 * Layer: test programs of the C library. Used by: fuzz_calls.c, fuzz_extensions.c.
 * Random arguments. Pointers are NULL or to memory that is there, with lengths that it has: no library in C can check
 * more.
 */
#include "fuzz_values.h"

#include <stdatomic.h>
#include <string.h>

enum { POOL = 24 };

/* ---- Handles ---- */

/* The handles of late, alive or not. */
static _Atomic(HANDLE) pool[KINDS][POOL];

HANDLE pooled(enum kind kind, uint64_t *random) { return atomic_load(&pool[kind][next_random(random) % POOL]); }

/* What it takes the place of is freed, so that there are never more than the limits allow. */
void keep(enum kind kind, HANDLE handle, uint64_t *random) {
    if (handle == NULL) return;
    HANDLE old = atomic_exchange(&pool[kind][next_random(random) % POOL], handle);
    if (old == NULL) return;
    switch (kind) {
    case SESSION:
        SnmpClose(old);
        break;
    case ENTITY:
        SnmpFreeEntity(old);
        break;
    case CONTEXT:
        SnmpFreeContext(old);
        break;
    case PDU:
        SnmpFreePdu(old);
        break;
    default:
        SnmpFreeVbl(old);
    }
}

/* Mostly of that kind and alive; else stale, of another kind, altered, made up, or NULL. */
HANDLE some(enum kind kind, uint64_t *random) {
    uint64_t chosen = next_random(random);
    static int place;
    switch (chosen % 64) {
    case 0:
        return NULL;
    case 1:
        return (HANDLE)(uintptr_t)next_random(random);
    case 2:
        return (HANDLE)(uintptr_t)(next_random(random) % 4096);
    case 3:
        return (HANDLE)&place;
    case 4:
        return (HANDLE)((uintptr_t)atomic_load(&pool[kind][chosen / 64 % POOL]) ^ (uintptr_t)1 << (chosen >> 40) % 64);
    case 5:
    case 6:
        kind = (enum kind)(chosen / 64 % KINDS);
    }
    return atomic_load(&pool[kind][(chosen >> 20) % POOL]);
}

/* ---- Numbers, texts, descriptors ---- */

smiUINT32 number(uint64_t *random) {
    static const smiUINT32 edges[] = {
        0, 1, 2, 3, 5, 7, 99, 127, 128, 129, 255, 256, 1023, 1024, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    uint64_t chosen = next_random(random);
    if (chosen % 4 == 0) return (smiUINT32)(chosen >> 32);
    if (chosen % 4 == 1) return (smiUINT32)(chosen >> 32) % 20;
    return edges[(chosen >> 8) % (sizeof edges / sizeof edges[0])];
}

bool one_in(unsigned count, uint64_t *random) { return next_random(random) % count == 0; }

smiUINT32 syntax(uint64_t *random) {
    static const smiUINT32 all[] = {0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x40, 0x41, 0x42,
                                    0x43, 0x44, 0x45, 0x46, 0x47, 0x80, 0x81, 0x82};
    return one_in(8, random) ? number(random) : all[next_random(random) % (sizeof all / sizeof all[0])];
}

smiINT pdu_type(uint64_t *random) {
    return one_in(8, random) ? (smiINT)number(random) : (smiINT)(0xA0 + next_random(random) % 9);
}

smiLPOID some_oid(struct memory *memory, int which, uint64_t *random) {
    smiLPOID oid = &memory->oid[which];
    if (one_in(16, random)) return NULL;
    oid->len = (smiUINT32)(one_in(8, random) ? next_random(random) % (ARCS + 1) : next_random(random) % 12);
    oid->ptr = one_in(16, random) ? NULL : memory->arcs[which];
    for (smiUINT32 i = 0; i < oid->len; i++)
        memory->arcs[which][i] = one_in(4, random) ? number(random) : (smiUINT32)(next_random(random) % 10);
    /* Usually one that an identifier may begin with. */
    if (!one_in(6, random)) memory->arcs[which][0] = 1, memory->arcs[which][1] = 3;
    /* No memory stands behind a longer length, unless there is none at all. */
    if (oid->ptr == NULL && one_in(2, random)) oid->len = number(random);
    return oid;
}

void fill_octets(struct memory *memory, smiLPOCTETS octets, uint64_t *random) {
    octets->len = (smiUINT32)(one_in(8, random) ? next_random(random) % OCTETS : next_random(random) % 20);
    octets->ptr = one_in(16, random) ? NULL : memory->octets;
    for (smiUINT32 i = 0; i < octets->len && i < 32; i++) memory->octets[i] = (smiBYTE)next_random(random);
    if (octets->ptr == NULL && one_in(2, random)) octets->len = number(random);
}

smiLPOCTETS some_octets(struct memory *memory, uint64_t *random) {
    if (one_in(16, random)) return NULL;
    fill_octets(memory, &memory->string, random);
    return &memory->string;
}

smiLPVALUE some_value(struct memory *memory, uint64_t *random) {
    smiLPVALUE value = &memory->value;
    if (one_in(8, random)) return NULL;
    memset(value, 0, sizeof *value);
    value->syntax = syntax(random);
    if (value->syntax == SNMP_SYNTAX_OID) {
        smiLPOID oid = some_oid(memory, 1, random);
        if (oid != NULL) value->value.oid = *oid;
    } else if (
        value->syntax == SNMP_SYNTAX_OCTETS || value->syntax == SNMP_SYNTAX_BITS ||
        value->syntax == SNMP_SYNTAX_OPAQUE || value->syntax == SNMP_SYNTAX_IPADDR ||
        value->syntax == SNMP_SYNTAX_NSAPADDR) {
        fill_octets(memory, &value->value.string, random);
    } else {
        value->value.hNumber.hipart = number(random);
        value->value.hNumber.lopart = number(random);
    }
    return value;
}

LPCSTR some_text(struct memory *memory, uint64_t *random) {
    static const char *const texts[] = {
        "127.0.0.1", "::1", "1.3.6.1.2.1.1.1.0", "", ".", "1", "0.0.0.0", "300.1.1.1", "fe80::1%lo", "[::1]",
        "00000001:00081A0D01C2", "1.3.6.1.4294967296", "127.0.0.2", "%s%n", "1.3.6.1.4.1.99", "\xFF\xFE", "a b"};
    uint64_t chosen = next_random(random);
    if (chosen % 16 == 0) return NULL;
    if (chosen % 16 < 12) return texts[(chosen >> 8) % (sizeof texts / sizeof texts[0])];
    size_t length = (chosen >> 8) % (chosen % 16 == 15 ? OCTETS - 1 : 24);
    static const smiBYTE digits[] = "0123456789.:abcdef%[]-";
    bool is_likely = (chosen >> 32) % 2;
    for (size_t i = 0; i < length; i++) {
        uint64_t next = next_random(random);
        memory->octets[i] = is_likely ? digits[next % (sizeof digits - 1)] : (smiBYTE)(1 + next % 255);
    }
    memory->octets[length] = 0;
    return (LPCSTR)memory->octets;
}

void free_octets(smiLPOCTETS octets, smiUINT32 as) {
    /* Another thread may have cleaned up between. */
    if (octets->ptr != NULL) SnmpFreeDescriptor(as, octets);
}
