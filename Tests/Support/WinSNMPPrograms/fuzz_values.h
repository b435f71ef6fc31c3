/*
 * Layer: test programs of the C library. Used by: fuzz_values.c, fuzz_calls.c, fuzz_extensions.c.
 * Random arguments, and the tables of functions that are called with them.
 */
#ifndef ORIEL_TEST_FUZZ_VALUES_H
#define ORIEL_TEST_FUZZ_VALUES_H

#include "fuzz.h"

enum kind { SESSION, ENTITY, CONTEXT, PDU, VBL, KINDS };

enum { ARCS = 130, OCTETS = 2048 };

/* A call's own memory. */
struct memory {
    smiUINT32 arcs[2][ARCS];
    smiBYTE octets[OCTETS];
    smiOID oid[2];
    smiVALUE value;
    smiOCTETS string;
};

struct call {
    struct memory memory;
    const struct world *world;
    uint64_t *random;
    /* The error, of functions after which others are called; else 0. */
    SNMPAPI_STATUS code;
};

/* ---- Tables of functions ---- */

struct function {
    const char *name;
    /* Calls it once; true if it succeeded. */
    bool (*run)(struct call *call);
    /* The errors that are documented for it, up to a 0. */
    const SNMPAPI_STATUS *errors;
};

#define ERRORS(...) \
    { __VA_ARGS__, 0 }
#define RUN(name) static bool run_##name(struct call *c)
#define CODES(name) static const SNMPAPI_STATUS errors_##name[]
#define ROW(name) {#name, run_##name, errors_##name},

/* Each ends with a name that is NULL. */
extern const struct function standard_functions[], extension_functions[];

enum { EXTENSION_COUNT = 15 };

/* ---- Handles ---- */

/* Keeps a handle for later calls; what it takes the place of is freed, so that there are never too many. */
void keep(enum kind kind, HANDLE handle, uint64_t *random);
/* One that was kept, alive or not. */
HANDLE pooled(enum kind kind, uint64_t *random);
/* Mostly of that kind and alive; else stale, of another kind, altered, made up, or NULL. */
HANDLE some(enum kind kind, uint64_t *random);

/* ---- Numbers, texts, descriptors ---- */

/* Mostly near some limit. */
smiUINT32 number(uint64_t *random);
bool one_in(unsigned count, uint64_t *random);
smiUINT32 syntax(uint64_t *random);
smiINT pdu_type(uint64_t *random);
smiLPOID some_oid(struct memory *memory, int which, uint64_t *random);
void fill_octets(struct memory *memory, smiLPOCTETS octets, uint64_t *random);
smiLPOCTETS some_octets(struct memory *memory, uint64_t *random);
smiLPVALUE some_value(struct memory *memory, uint64_t *random);
LPCSTR some_text(struct memory *memory, uint64_t *random);
/* Frees what a function has allocated. */
void free_octets(smiLPOCTETS octets, smiUINT32 as);

#endif
