/*
 * Layer: test programs of the C library. Used by: conformance.c and the files of checks.
 * The checks, by section of the specification. Each runs in a process of its own that has not started WinSNMP yet.
 */
#ifndef ORIEL_TEST_CONFORMANCE_H
#define ORIEL_TEST_CONFORMANCE_H

#include "check.h"

/* Each list ends with a number that is NULL. */
extern const struct check lifecycle_checks[], session_checks[], entity_checks[], pdu_checks[], utility_checks[],
    message_checks[], traffic_checks[], registration_checks[], trap_port_checks[], notification_checks[],
    agent_role_checks[], abi_checks[], program_checks[];

/* True when the check's process has done nothing else before. */
extern bool is_fresh_process;

/* What this program does when it starts itself again as `conformance --child ROLE ARGUMENT`. */
int trap_child(int argc, char **argv);

#endif
