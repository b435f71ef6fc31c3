/*
 * Layer: test programs of the C library. Used by: registrations.c, trap_port.c, notifications.c.
 * A session, a sender of traps and a port of traps that is free.
 */
#ifndef ORIEL_TEST_TRAP_SCENE_H
#define ORIEL_TEST_TRAP_SCENE_H

#include "scene.h"

#define SYS_UP_TIME "1.3.6.1.2.1.1.3.0"
#define TRAP_OID "1.3.6.1.6.3.1.1.4.1.0"
#define TRAP_ENTERPRISE "1.3.6.1.6.3.1.1.4.3.0"
#define COLD_START "1.3.6.1.6.3.1.1.5.1"

/* A message with the first two bindings of a trap, and the memory that they point into. */
struct trap {
    struct ber_message message;
    uint8_t contents[4][BER_MAX_ARCS * 5];
};

/* Of the running check; notices go to the recorder, the sender is a silent agent that records what it is sent. */
extern HSNMP_SESSION session;
extern struct recorder recorder;
extern struct agent *sender;
extern uint16_t trap_port;

/* Starts, with options and a session. */
void begin_traps(void);
void end_traps(void);

struct ber_binding *add_binding(struct trap *trap, const char *name, uint8_t tag);
void fill_trap(struct trap *trap, const char *community_text, uint8_t type, int32_t id, const char *oid_text);
void send_message(struct agent *from, const char *address, const struct ber_message *message);
void send_trap_as(const char *community_text, int32_t id, const char *oid);
/* With the community public. */
void send_trap(int32_t id, const char *oid);

/* Registers for everything below an identifier, NULL: for everything. */
SNMPAPI_STATUS set_registration(const char *oid, smiUINT32 state);
/* Notice `index` of the session is that of a trap with that identifier, and it is received. */
struct received take_trap(unsigned index, int32_t id);
void expect_trap(unsigned index, int32_t id);
/*
 * Nothing but `count` notices came. Traps come in the order in which they were sent, so a second session that takes
 * everything tells when those before must have been there. Its trap has the community "witness".
 */
void expect_silence(unsigned count);
/* A binding has that name, that syntax, and unless it is NULL that identifier as its value. */
void check_binding(HSNMP_VBL list, smiUINT32 index, const char *name, smiUINT32 syntax, const char *oid);
/* The PDU's list, as a new handle. */
HSNMP_VBL list_in(HSNMP_PDU pdu);

#endif
