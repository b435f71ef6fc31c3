/*
 * Memory of descriptors, used by several threads: what two threads free at once is freed by one of them, what a program
 * owns itself is never freed, and everything comes back as it was.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winsnmp.h>

enum { THREADS = 4, ROUNDS = 20000 };

static atomic_uint problems;
static pthread_barrier_t barrier;
static smiOID shared;
static atomic_uint freed;

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            atomic_fetch_add(&problems, 1); \
            printf("line %d: %s\n", __LINE__, #condition); \
        } \
    } while (0)

static void own_descriptors(unsigned seed) {
    smiUINT32 arcs[MAXOBJIDSIZE];
    smiOID name, copy, again;
    char text[MAXOBJIDSTRSIZE];
    smiINT order;
    name.len = 2 + rand_r(&seed) % (MAXOBJIDSIZE - 1);
    name.ptr = arcs;
    for (smiUINT32 i = 0; i < name.len; i++) arcs[i] = (smiUINT32)rand_r(&seed) * 2 + (seed & 1);
    CHECK(SnmpOidCopy(&name, &copy) == name.len);
    CHECK(copy.ptr != arcs && copy.len == name.len && memcmp(copy.ptr, arcs, 4 * name.len) == 0);
    SNMPAPI_STATUS length = SnmpOidToStr(&copy, sizeof text, text);
    CHECK(length == strlen(text) + 1);
    CHECK(SnmpStrToOid(text, &again) == name.len);
    CHECK(SnmpOidCompare(&name, &again, 0, &order) == SNMPAPI_SUCCESS && order == 0);
    /* Not the library's: the program's own, the middle of a descriptor, nonsense. */
    smiOPAQUE foreign = {4, (smiLPBYTE)arcs}, inner = {4, (smiLPBYTE)(copy.ptr + 1)}, nonsense = {4, (smiLPBYTE)16};
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &foreign) == SNMPAPI_FAILURE);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &inner) == SNMPAPI_FAILURE);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &nonsense) == SNMPAPI_FAILURE);
    CHECK(SnmpGetLastError(NULL) == SNMPAPI_OPERATION_INVALID);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, (smiLPOPAQUE)&copy) == SNMPAPI_SUCCESS);
    CHECK(copy.len == 0 && copy.ptr == NULL);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&copy) == SNMPAPI_SUCCESS);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&again) == SNMPAPI_SUCCESS);
}

static void *work(void *number) {
    unsigned seed = 4711u + (unsigned)(size_t)number;
    for (int round = 0; round < ROUNDS; round++) {
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
            CHECK(SnmpStrToOid("1.3.6.1.2.1", &shared) == 6);
            atomic_store(&freed, 0);
        }
        pthread_barrier_wait(&barrier);
        smiOID mine = shared;
        atomic_fetch_add(&freed, SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&mine));
        pthread_barrier_wait(&barrier);
        /* The address may be in use again only after all have tried. */
        if (round % 8 == 0) {
            CHECK(atomic_load(&freed) == 1);
            own_descriptors(seed + (unsigned)round);
        }
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    if (SnmpStartup(NULL, NULL, NULL, NULL, NULL) != SNMPAPI_SUCCESS) return 2;
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
    for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    /* What nobody freed goes with the library, and a pointer to it is foreign afterwards. */
    smiOID left;
    CHECK(SnmpStrToOid("1.3.6.1", &left) == 4);
    CHECK(SnmpCleanup() == SNMPAPI_SUCCESS);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&left) == SNMPAPI_FAILURE);
    CHECK(SnmpGetLastError(NULL) == SNMPAPI_NOT_INITIALIZED);
    CHECK(SnmpStartup(NULL, NULL, NULL, NULL, NULL) == SNMPAPI_SUCCESS);
    CHECK(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&left) == SNMPAPI_FAILURE);
    CHECK(SnmpGetLastError(NULL) == SNMPAPI_OPERATION_INVALID);
    CHECK(SnmpCleanup() == SNMPAPI_SUCCESS);
    puts(atomic_load(&problems) == 0 ? "ok" : "not ok");
    return atomic_load(&problems) != 0;
}
