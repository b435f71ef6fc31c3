/* net-snmp's C library as a benchmark peer: the asynchronous single-session API under a select loop.

   Prints one JSON line per run. Flags, modes and message shapes are those of gosnmp/main.go and of oriel-bench:
   see Benchmarks/README.md. */

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct options {
    const char *mode, *agent, *version, *community, *user, *auth_pass, *priv_pass, *root;
    long window, count, max_repetitions, rate;
};

/* One chain of requests: each answer sends the next one. `window` chains run at once. */
struct chain {
    oid next[MAX_OID_LEN];
    size_t next_length;
};

struct run {
    const struct options *options;
    void *session;
    oid root[MAX_OID_LEN];
    size_t root_length;
    long sent, answered, outstanding, varbinds, errors;
};

static struct run run;

static void die(const char *what) {
    fprintf(stderr, "netsnmp_async: %s\n", what);
    exit(2);
}

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double) (u.ru_utime.tv_sec + u.ru_stime.tv_sec)
        + (double) (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* Ten columns of ifTable's first row: ifInOctets, ifInUcastPkts, ifInDiscards, ifInErrors, ifInUnknownProtos,
   ifOutOctets, ifOutUcastPkts, ifOutDiscards, ifOutErrors, ifSpeed. */
static const oid columns[10] = {10, 11, 13, 14, 15, 16, 17, 19, 20, 5};

static bool send_next(struct chain *chain);

static int answered(int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic) {
    struct chain *chain = magic;
    (void) session;
    (void) request;
    if (operation == NETSNMP_CALLBACK_OP_RESEND) return 1;
    run.outstanding--;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || pdu->command != SNMP_MSG_RESPONSE
        || pdu->errstat != SNMP_ERR_NOERROR) {
        run.errors++;
        chain->next_length = 0;
        send_next(chain);
        return 1;
    }
    run.answered++;
    bool walking = strcmp(run.options->mode, "bulkwalk") == 0;
    const netsnmp_variable_list *last = NULL;
    for (const netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) {
        if (walking
            && (v->type == SNMP_ENDOFMIBVIEW || v->name_length < run.root_length
                || snmp_oid_compare(v->name, run.root_length, run.root, run.root_length) != 0)) {
            last = NULL;
            break;
        }
        run.varbinds++;
        last = v;
    }
    if (walking) {
        /* The end of the subtree starts the walk over. */
        chain->next_length = last ? last->name_length : 0;
        if (last) memcpy(chain->next, last->name, last->name_length * sizeof(oid));
    }
    send_next(chain);
    return 1;
}

static bool finished(void) {
    bool walking = strcmp(run.options->mode, "bulkwalk") == 0;
    /* An agent that went away must end the run, too. */
    return run.errors > 100 || (walking ? run.varbinds : run.sent) >= run.options->count;
}

static bool send_next(struct chain *chain) {
    if (finished()) return false;
    netsnmp_pdu *pdu;
    if (strcmp(run.options->mode, "bulkwalk") == 0) {
        pdu = snmp_pdu_create(SNMP_MSG_GETBULK);
        pdu->non_repeaters = 0;
        pdu->max_repetitions = run.options->max_repetitions;
        if (chain->next_length == 0) {
            memcpy(chain->next, run.root, run.root_length * sizeof(oid));
            chain->next_length = run.root_length;
        }
        snmp_add_null_var(pdu, chain->next, chain->next_length);
    } else {
        pdu = snmp_pdu_create(SNMP_MSG_GET);
        oid name[11] = {1, 3, 6, 1, 2, 1, 2, 2, 1, 0, 1};
        for (size_t i = 0; i < 10; i++) {
            name[9] = columns[i];
            snmp_add_null_var(pdu, name, 11);
        }
    }
    if (snmp_sess_async_send(run.session, pdu, answered, chain) == 0) {
        snmp_free_pdu(pdu);
        run.errors++;
        return false;
    }
    run.sent++;
    run.outstanding++;
    return true;
}

static void make_key(netsnmp_session *s, const char *password, u_char *key, size_t *length) {
    *length = USM_PRIV_KU_LEN;
    if (generate_Ku(s->securityAuthProto, s->securityAuthProtoLen, (const u_char *) password, strlen(password), key,
                    length) != SNMPERR_SUCCESS)
        die("can't derive a key");
}

static void *open_session(const struct options *o) {
    netsnmp_session s;
    snmp_sess_init(&s);
    s.peername = strdup(o->agent);
    s.timeout = 2000000;
    s.retries = 3;
    if (strcmp(o->version, "2c") == 0) {
        s.version = SNMP_VERSION_2c;
        s.community = (u_char *) strdup(o->community);
        s.community_len = strlen(o->community);
    } else if (strcmp(o->version, "3") == 0) {
        s.version = SNMP_VERSION_3;
        s.securityName = strdup(o->user);
        s.securityNameLen = strlen(o->user);
        s.securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
        s.securityAuthProto = snmp_duplicate_objid(usmHMAC192SHA256AuthProtocol, 10);
        s.securityAuthProtoLen = 10;
        s.securityPrivProto = snmp_duplicate_objid(usmAESPrivProtocol, 10);
        s.securityPrivProtoLen = 10;
        make_key(&s, o->auth_pass, s.securityAuthKey, &s.securityAuthKeyLen);
        make_key(&s, o->priv_pass, s.securityPrivKey, &s.securityPrivKeyLen);
    } else {
        die("--version is 2c or 3");
    }
    void *session = snmp_sess_open(&s);
    if (!session) {
        snmp_perror("netsnmp_async");
        exit(2);
    }
    return session;
}

static void over_network(const struct options *o) {
    run.session = open_session(o);
    run.root_length = MAX_OID_LEN;
    if (!read_objid(o->root, run.root, &run.root_length)) die("--root is no OID");
    struct chain *chains = calloc((size_t) o->window, sizeof *chains);
    if (!chains) die("no memory");

    double cpu = cpu_seconds(), wall = seconds(CLOCK_MONOTONIC);
    for (long i = 0; i < o->window; i++) send_next(&chains[i]);
    while (run.outstanding > 0) {
        int descriptors = 0, block = 1;
        fd_set readable;
        struct timeval timeout = {0, 0};
        FD_ZERO(&readable);
        snmp_sess_select_info(run.session, &descriptors, &readable, &timeout, &block);
        int ready = select(descriptors, &readable, NULL, NULL, block ? NULL : &timeout);
        if (ready > 0) snmp_sess_read(run.session, &readable);
        else if (ready == 0) snmp_sess_timeout(run.session);
        else if (errno != EINTR) die("select failed");
    }
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = cpu_seconds() - cpu;
    printf("{\"peer\":\"net-snmp\",\"mode\":\"%s\",\"version\":\"%s\",\"window\":%ld,\"requests\":%ld,"
           "\"varbinds\":%ld,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"errors\":%ld}\n",
           o->mode, o->version, o->window, run.answered, run.varbinds, wall, cpu, run.errors);
    snmp_sess_close(run.session);
    free(chains);
}

/* --- Messages without a network ------------------------------------------------------------------------------ */

static void add(netsnmp_pdu *pdu, const char *name, u_char type, const void *value, size_t length) {
    oid numbers[MAX_OID_LEN];
    size_t count = MAX_OID_LEN;
    if (!read_objid(name, numbers, &count) || !snmp_pdu_add_variable(pdu, numbers, count, type, value, length))
        die(name);
}

/* The response of Benchmarks/README.md: ten Counter32, six Counter64, two strings, TimeTicks, an OID. */
static netsnmp_pdu *sample_response(void) {
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_RESPONSE);
    char name[64];
    pdu->version = SNMP_VERSION_2c;
    pdu->reqid = 1234567;
    for (int i = 0; i < 10; i++) {
        u_long value = 4000000000ul + (u_long) i;
        snprintf(name, sizeof name, ".1.3.6.1.2.1.2.2.1.%d.10001", 10 + i);
        add(pdu, name, ASN_COUNTER, &value, sizeof value);
    }
    for (int i = 0; i < 6; i++) {
        uint64_t value = 9000000000000000000ull + (uint64_t) i;
        struct counter64 halves = {.high = (u_long) (value >> 32), .low = (u_long) (value & 0xffffffff)};
        snprintf(name, sizeof name, ".1.3.6.1.2.1.31.1.1.1.%d.10001", 6 + i);
        add(pdu, name, ASN_COUNTER64, &halves, sizeof halves);
    }
    const char *port = "GigabitEthernet1/0/1", *alias = "uplink to core-2, rack 14";
    add(pdu, ".1.3.6.1.2.1.31.1.1.1.1.10001", ASN_OCTET_STR, port, strlen(port));
    add(pdu, ".1.3.6.1.2.1.31.1.1.1.18.10001", ASN_OCTET_STR, alias, strlen(alias));
    u_long ticks = 123456789;
    add(pdu, ".1.3.6.1.2.1.1.3.0", ASN_TIMETICKS, &ticks, sizeof ticks);
    const oid product[] = {1, 3, 6, 1, 4, 1, 9, 1, 1208};
    add(pdu, ".1.3.6.1.2.1.1.2.0", ASN_OBJECT_ID, product, sizeof product);
    return pdu;
}

/* linkDown with five variable bindings (RFC 2863). */
static netsnmp_pdu *sample_trap(void) {
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_TRAP2);
    const oid link_down[] = {1, 3, 6, 1, 6, 3, 1, 1, 5, 3};
    u_long ticks = 123456789;
    long index = 7, admin = 1, oper = 2;
    pdu->version = SNMP_VERSION_2c;
    pdu->reqid = 1234567;
    add(pdu, ".1.3.6.1.2.1.1.3.0", ASN_TIMETICKS, &ticks, sizeof ticks);
    add(pdu, ".1.3.6.1.6.3.1.1.4.1.0", ASN_OBJECT_ID, link_down, sizeof link_down);
    add(pdu, ".1.3.6.1.2.1.2.2.1.1.7", ASN_INTEGER, &index, sizeof index);
    add(pdu, ".1.3.6.1.2.1.2.2.1.7.7", ASN_INTEGER, &admin, sizeof admin);
    add(pdu, ".1.3.6.1.2.1.2.2.1.8.7", ASN_INTEGER, &oper, sizeof oper);
    return pdu;
}

/* A community message, built from its end as the library itself does when it sends (snmp_build in snmp_api.c). The
   library's own function around these is not in its headers. */
static size_t encode(netsnmp_pdu *pdu, const char *community, u_char **buffer, size_t *capacity) {
    size_t offset = 0;
    long version = pdu->version;
    if (!snmp_pdu_realloc_rbuild(buffer, capacity, &offset, pdu)
        || !asn_realloc_rbuild_string(buffer, capacity, &offset, 1,
                                      (u_char) (ASN_UNIVERSAL | ASN_PRIMITIVE | ASN_OCTET_STR),
                                      (const u_char *) community, strlen(community))
        || !asn_realloc_rbuild_int(buffer, capacity, &offset, 1,
                                   (u_char) (ASN_UNIVERSAL | ASN_PRIMITIVE | ASN_INTEGER), &version, sizeof version)
        || !asn_realloc_rbuild_sequence(buffer, capacity, &offset, 1, (u_char) (ASN_SEQUENCE | ASN_CONSTRUCTOR),
                                        offset))
        die("can't encode");
    return offset;
}

static long decode(const u_char *bytes, size_t length) {
    u_char community[256];
    size_t community_length = sizeof community;
    long version = 0, varbinds = 0;
    u_char *data = snmp_comstr_parse((u_char *) bytes, &length, community, &community_length, &version);
    netsnmp_pdu *pdu = SNMP_MALLOC_TYPEDEF(netsnmp_pdu);
    if (!data || !pdu) die("can't decode");
    pdu->version = version;
    if (snmp_pdu_parse(pdu, data, &length) != 0) die("can't decode");
    for (netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) varbinds++;
    snmp_free_pdu(pdu);
    return varbinds;
}

static void codec(const struct options *o) {
    netsnmp_pdu *pdu = sample_response();
    size_t capacity = 2048, length = 0;
    long varbinds = 0;
    u_char *buffer = malloc(capacity);
    if (!buffer) die("no memory");
    encode(pdu, o->community, &buffer, &capacity);

    double wall = seconds(CLOCK_MONOTONIC), start = cpu_seconds();
    for (long i = 0; i < o->count; i++) length = encode(pdu, o->community, &buffer, &capacity);
    double middle = cpu_seconds();
    const u_char *message = buffer + capacity - length;
    for (long i = 0; i < o->count; i++) varbinds += decode(message, length);
    double end = cpu_seconds();
    wall = seconds(CLOCK_MONOTONIC) - wall;
    printf("{\"peer\":\"net-snmp\",\"mode\":\"codec\",\"requests\":%ld,\"varbinds\":%ld,\"wall_s\":%.6f,\"cpu_s\":%.6f,"
           "\"errors\":0,\"encode_cpu_s\":%.6f,\"decode_cpu_s\":%.6f,\"bytes\":%zu}\n",
           o->count, varbinds, wall, end - start, middle - start, end - middle, length);
    snmp_free_pdu(pdu);
    free(buffer);
}

/* Sends `count` traps at `rate` per second (0: as fast as it goes), for measuring receivers. */
static void trapsend(const struct options *o) {
    char host[64];
    const char *colon = strrchr(o->agent, ':');
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (!colon || (size_t) (colon - o->agent) >= sizeof host) die("--agent is ADDRESS:PORT");
    memcpy(host, o->agent, (size_t) (colon - o->agent));
    host[colon - o->agent] = 0;
    to.sin_port = htons((uint16_t) atoi(colon + 1));
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1) die("--agent is ADDRESS:PORT");
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    if (s < 0 || connect(s, (struct sockaddr *) &to, sizeof to) != 0) die("no socket");

    size_t capacity = 2048;
    u_char *buffer = malloc(capacity);
    netsnmp_pdu *pdu = sample_trap();
    if (!buffer) die("no memory");
    size_t length = encode(pdu, o->community, &buffer, &capacity);
    long errors = 0;
    double cpu = cpu_seconds(), start = seconds(CLOCK_MONOTONIC);
    for (long i = 0; i < o->count; i++) {
        if (o->rate > 0 && i % 20 == 0) {
            double ahead = start + (double) i / (double) o->rate - seconds(CLOCK_MONOTONIC);
            if (ahead > 0) nanosleep(&(struct timespec) {.tv_nsec = (long) (ahead * 1e9)}, NULL);
        }
        if (send(s, buffer + capacity - length, length, 0) < 0) errors++;
    }
    printf("{\"peer\":\"net-snmp\",\"mode\":\"trapsend\",\"requests\":%ld,\"varbinds\":%ld,\"wall_s\":%.6f,"
           "\"cpu_s\":%.6f,\"errors\":%ld,\"bytes\":%zu}\n",
           o->count, o->count * 5, seconds(CLOCK_MONOTONIC) - start, cpu_seconds() - cpu, errors, length);
    close(s);
    snmp_free_pdu(pdu);
    free(buffer);
}

int main(int argc, char **argv) {
    struct options o = {
        .mode = "get", .agent = "127.0.0.1:161", .version = "2c", .community = "public", .user = "bench",
        .auth_pass = "bench-auth-pass", .priv_pass = "bench-priv-pass", .root = ".1.3.6.1.2.1",
        .window = 1, .count = 10000, .max_repetitions = 25, .rate = 0,
    };
    static const struct option flags[] = {
        {"mode", 1, 0, 'm'}, {"agent", 1, 0, 'a'}, {"version", 1, 0, 'v'}, {"community", 1, 0, 'c'},
        {"user", 1, 0, 'u'}, {"auth-pass", 1, 0, 'A'}, {"priv-pass", 1, 0, 'X'}, {"root", 1, 0, 'r'},
        {"window", 1, 0, 'w'}, {"count", 1, 0, 'n'}, {"max-repetitions", 1, 0, 'R'}, {"rate", 1, 0, 's'},
        {0, 0, 0, 0},
    };
    for (int flag; (flag = getopt_long(argc, argv, "", flags, NULL)) != -1;) {
        switch (flag) {
        case 'm': o.mode = optarg; break;
        case 'a': o.agent = optarg; break;
        case 'v': o.version = optarg; break;
        case 'c': o.community = optarg; break;
        case 'u': o.user = optarg; break;
        case 'A': o.auth_pass = optarg; break;
        case 'X': o.priv_pass = optarg; break;
        case 'r': o.root = optarg; break;
        case 'w': o.window = atol(optarg); break;
        case 'n': o.count = atol(optarg); break;
        case 'R': o.max_repetitions = atol(optarg); break;
        case 's': o.rate = atol(optarg); break;
        default: return 2;
        }
    }
    if (o.window < 1 || o.count < 1) die("--window and --count are at least 1");
    setenv("MIBS", "", 1);
    run.options = &o;
    init_snmp("netsnmp_async");
    if (strcmp(o.mode, "get") == 0 || strcmp(o.mode, "bulkwalk") == 0) over_network(&o);
    else if (strcmp(o.mode, "codec") == 0) codec(&o);
    else if (strcmp(o.mode, "trapsend") == 0) trapsend(&o);
    else die("--mode is get, bulkwalk, codec or trapsend");
    return 0;
}
