/*
 * Layer: test programs of the C library. Used by: the test suite.
 * Random calls by several threads, and random datagrams: fuzz [--seed N] [--calls N] [--threads N] [--no-restarts]
 * Prints its seed. Threads run as the machine lets them, so that a seed repeats the calls but not their order between
 * threads; --threads 1 repeats all but the datagrams' times. The exit code is 0 if every call did what is documented.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_THREADS = 16 };

static struct world world = {.restarts = true};
static atomic_bool ending;
static atomic_ulong datagrams_in, datagrams_out;
static unsigned long calls_each = 50000;

struct worker {
    pthread_t thread;
    uint64_t random;
    struct ber_message message;
    uint8_t bytes[BER_MAX_DATAGRAM];
};

static void *call_at_random(void *argument) {
    struct worker *worker = argument;
    for (unsigned long i = 0; i < calls_each; i++) random_call(&world, &worker->random);
    return NULL;
}

/* ---- Datagrams ---- */

static void mutate(uint8_t *bytes, size_t *length, uint64_t *random) {
    for (uint64_t changes = next_random(random) % 5; changes > 0 && *length > 0; changes--) {
        uint64_t chosen = next_random(random);
        size_t place = (chosen >> 16) % *length;
        switch (chosen % 4) {
        case 0:
            *length = place;
            break;
        case 1:
            bytes[place] ^= (uint8_t)(1u << (chosen >> 8) % 8);
            break;
        default:
            bytes[place] = (uint8_t)(chosen >> 8);
        }
    }
}

static struct sockaddr_in loopback(uint16_t port) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void send_bytes(int fd, const void *bytes, size_t length, const struct sockaddr_in *to) {
    /* A closed port is one of the cases. */
    if (sendto(fd, bytes, length, 0, (const struct sockaddr *)to, sizeof *to) >= 0) atomic_fetch_add(&datagrams_out, 1);
}

/* Answers rightly, wrongly, several times or not at all. */
static void answer(struct worker *worker, int fd, size_t length, const struct sockaddr_in *to) {
    uint64_t *random = &worker->random;
    static uint8_t reply[BER_MAX_DATAGRAM];
    if (!ber_decode(worker->bytes, length, &worker->message)) return;
    uint8_t asked = worker->message.type;
    for (uint64_t count = next_random(random) % 3; count > 0; count--) {
        worker->message.type = next_random(random) % 8 == 0 ? asked : 0xA2;
        worker->message.error_status = next_random(random) % 4 == 0 ? (int32_t)next_random(random) : 0;
        worker->message.error_index = next_random(random) % 4 == 0 ? (int32_t)next_random(random) : 0;
        if (next_random(random) % 16 == 0) worker->message.id++;
        size_t size = ber_encode(&worker->message, reply, sizeof reply);
        if (next_random(random) % 2) mutate(reply, &size, random);
        send_bytes(fd, reply, size, to);
    }
}

/* Traps of both versions and informs, right ones and mutated ones. */
static void notify(struct worker *worker, int fd) {
    static const uint8_t oid[] = {0x2B, 0x06, 0x01, 0x06, 0x03, 0x01, 0x01, 0x05, 0x03};
    uint64_t *random = &worker->random, chosen = next_random(random);
    struct sockaddr_in to = loopback(world.trap_port);
    struct ber_message *message = &worker->message;
    size_t length;
    if (chosen % 8 == 0) {
        length = (chosen >> 8) % 200;
        for (size_t i = 0; i < length; i++) worker->bytes[i] = (uint8_t)next_random(random);
    } else {
        memset(message, 0, sizeof *message);
        message->version = chosen % 8 == 1 ? 0 : 1;
        message->type = message->version == 0 ? 0xA4 : (chosen >> 8) % 2 ? 0xA6 : 0xA7;
        message->id = (int32_t)next_random(random);
        message->generic = (int32_t)((chosen >> 16) % 9);
        message->specific = (int32_t)(chosen >> 32);
        message->enterprise = ber_oid_of("1.3.6.1.4.1.99");
        message->community_length = 6;
        memcpy(message->community, "public", 6);
        message->count = 2;
        message->bindings[0].name = ber_oid_of("1.3.6.1.2.1.1.3.0");
        message->bindings[0].tag = 0x43;
        message->bindings[0].content = oid;
        message->bindings[0].length = 2;
        message->bindings[1].name = ber_oid_of("1.3.6.1.6.3.1.1.4.1.0");
        message->bindings[1].tag = 0x06;
        message->bindings[1].content = oid;
        message->bindings[1].length = sizeof oid;
        length = ber_encode(message, worker->bytes, sizeof worker->bytes);
        if (chosen >> 62) mutate(worker->bytes, &length, random);
    }
    send_bytes(fd, worker->bytes, length, &to);
}

static void *talk(void *argument) {
    struct worker *worker = argument;
    int fd = bound_socket("127.0.0.1", world.agent_port);
    if (!CHECK(fd >= 0)) return NULL;
    while (!atomic_load(&ending)) {
        struct pollfd wanted = {.fd = fd, .events = POLLIN};
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        if (poll(&wanted, 1, 1) > 0) {
            ssize_t length = recvfrom(
                fd, worker->bytes, sizeof worker->bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
            if (length < 0) continue;
            atomic_fetch_add(&datagrams_in, 1);
            answer(worker, fd, (size_t)length, &from);
        }
        if (next_random(&worker->random) % 4 == 0) notify(worker, fd);
    }
    close(fd);
    return NULL;
}

static bool parse(int argc, char **argv, uint64_t *seed, unsigned *threads) {
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--no-restarts") == 0) {
            world.restarts = false;
        } else if (has_value && strcmp(argv[i], "--seed") == 0) {
            *seed = strtoull(argv[++i], NULL, 0);
        } else if (has_value && strcmp(argv[i], "--calls") == 0) {
            calls_each = strtoul(argv[++i], NULL, 0);
        } else if (has_value && strcmp(argv[i], "--threads") == 0) {
            *threads = (unsigned)strtoul(argv[++i], NULL, 0);
        } else {
            fprintf(stderr, "usage: fuzz [--seed N] [--calls N] [--threads N] [--no-restarts]\n");
            return false;
        }
    }
    if (*threads < 1 || *threads > MAX_THREADS) *threads = 4;
    return true;
}

int main(int argc, char **argv) {
    static struct worker workers[MAX_THREADS + 1];
    uint64_t seed = now_ms() * 0x9E3779B97F4A7C15u;
    unsigned threads = 4;
    if (!parse(argc, argv, &seed, &threads)) return 2;
    printf("# --seed %llu --threads %u --calls %lu%s\n", (unsigned long long)seed, threads, calls_each,
           world.restarts ? "" : " --no-restarts");
    fflush(stdout);
    world.agent_port = free_port();
    world.trap_port = free_port();
    uint64_t mixed = seed;
    for (unsigned i = 0; i <= threads; i++) {
        mixed += 0x9E3779B97F4A7C15u;
        workers[i].random = (mixed ^ mixed >> 29) | 1;
    }
    CHECK(OrielSnmpSetOption(ORIEL_SNMP_OPTION_TRAP_PORT, world.trap_port) == SNMPAPI_SUCCESS);
    CHECK(OrielSnmpSetOption(ORIEL_SNMP_OPTION_MAX_SESSIONS, 200) == SNMPAPI_SUCCESS);
    CHECK(OrielSnmpSetOption(ORIEL_SNMP_OPTION_MAX_HANDLES, 20000) == SNMPAPI_SUCCESS);
    CHECK(OrielSnmpSetOption(ORIEL_SNMP_OPTION_DEFAULT_TIMEOUT, 10) == SNMPAPI_SUCCESS);
    CHECK(SnmpStartup(NULL, NULL, NULL, NULL, NULL) == SNMPAPI_SUCCESS);
    uint64_t began = now_ms();
    if (pthread_create(&workers[threads].thread, NULL, talk, &workers[threads]) != 0) return 1;
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&workers[i].thread, NULL, call_at_random, &workers[i]) != 0) return 1;
    for (unsigned i = 0; i < threads; i++) pthread_join(workers[i].thread, NULL);
    atomic_store(&ending, true);
    pthread_join(workers[threads].thread, NULL);
    while (SnmpCleanupEx() == SNMPAPI_SUCCESS) continue;
    SnmpCleanup();
    /* Nothing is left to be undone: it starts and ends once more. */
    CHECK(SnmpStartup(NULL, NULL, NULL, NULL, NULL) == SNMPAPI_SUCCESS);
    CHECK(SnmpCleanup() == SNMPAPI_SUCCESS);
    uint64_t lasted = now_ms() - began;
    for (int i = 0; i < fuzz_functions(); i++) {
        unsigned long all, good;
        const char *name = fuzz_function(i, &all, &good);
        printf("# %-20s %8lu calls, %8lu succeeded\n", name, all, good);
    }
    printf(
        "# %lu datagrams received, %lu sent, %.1f s\n", atomic_load(&datagrams_in), atomic_load(&datagrams_out),
        (double)lasted / 1000);
    printf("%s fuzz: %u failures\n", check_failures() == 0 ? "ok" : "not ok", check_failures());
    return check_failures() == 0 ? 0 : 1;
}
