/*
 * Layer: test programs of the C library. Used by: fuzz.c, fuzz_calls.c.
 */
#ifndef ORIEL_TEST_FUZZ_H
#define ORIEL_TEST_FUZZ_H

#include "agent.h"
#include "check.h"

/* What the threads share: handles of any kind and age, addresses that may be sent to. */
struct world {
    uint16_t agent_port, trap_port;
    /* Whether calls may start and end the library. */
    bool restarts;
};

/* One random call with random arguments; checks its result and, if it failed, that its error is a documented one. */
void random_call(const struct world *world, uint64_t *random);
/* How many functions there are, and of one its name, its calls and how many of them succeeded. */
int fuzz_functions(void);
const char *fuzz_function(int index, unsigned long *calls, unsigned long *successes);

#endif
