/*
 * Layer: test programs of the C library. Used by: the checks, stress, fuzz.
 * A scripted SNMP agent on a loopback address: it records every datagram and answers, or misbehaves, as told.
 */
#ifndef ORIEL_TEST_AGENT_H
#define ORIEL_TEST_AGENT_H

#include "ber.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum agent_mode {
    AGENT_ANSWER,       /* at once */
    AGENT_SILENT,       /* never */
    AGENT_DELAY,        /* after `parameter` milliseconds */
    AGENT_WRONG_ID,     /* with the request's identifier + 1 */
    AGENT_DUPLICATE,    /* twice */
    AGENT_OTHER_PORT,   /* from another port of the same address */
    AGENT_OTHER_HOST,   /* from 127.0.0.2 and the same port */
    AGENT_ERROR,        /* with error-status `parameter`, error-index 1 and the request's bindings */
    AGENT_QUEUE,        /* keeps the answers until agent_release */
    AGENT_OTHER_VERSION /* with the other of the versions 0 and 1 */
};

/* A datagram as it came. */
struct datagram {
    uint8_t *bytes;
    size_t length;
    struct sockaddr_storage from;
    uint16_t from_port;
    uint64_t time_ms; /* monotonic */
};

struct agent;

uint64_t now_ms(void);
void pause_ms(unsigned milliseconds);
/* A xorshift generator; the state must not be 0. */
uint64_t next_random(uint64_t *state);

/* NULL if the address isn't there. Port 0: any. */
struct agent *agent_start(const char *address, uint16_t port);
/* Stops the thread, closes the port, frees all. */
void agent_stop(struct agent *agent);
uint16_t agent_port(const struct agent *agent);

void agent_set_mode(struct agent *agent, enum agent_mode mode, int parameter);
/* Without values, any name in a GET has the octets "value". With some, other names are not there. */
void agent_add(struct agent *agent, const char *name, uint8_t tag, const void *content, size_t length);
/* Names base.1 … base.count, each an INTEGER with its last arc. */
void agent_add_rows(struct agent *agent, const char *base, unsigned count);

/* Sends the answers that were kept, in an order that `seed` says; the number of them. */
unsigned agent_release(struct agent *agent, uint64_t seed);

/* Datagrams so far. */
unsigned agent_count(struct agent *agent);
/* Waits until there are `count`; false after `milliseconds`. */
bool agent_wait(struct agent *agent, unsigned count, unsigned milliseconds);
/* Datagram `index`, from 0; valid until agent_stop or agent_forget. */
const struct datagram *agent_datagram(struct agent *agent, unsigned index);
/* Drops the record, and with `record` false keeps none from now on (only the number). */
void agent_forget(struct agent *agent, bool record);

/* Sends from the agent's port. */
bool agent_send(struct agent *agent, const char *address, uint16_t port, const void *bytes, size_t length);

/* A UDP port that nothing has, over IPv4 and IPv6. */
uint16_t free_port(void);
/* A UDP socket bound there, -1 if that fails. */
int bound_socket(const char *address, uint16_t port);
bool have_ipv6(void);

#endif
