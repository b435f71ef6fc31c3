/* libwsnmp32 as a benchmark peer: our WinSNMP library used by a C program, in the way WinSNMP programs are written.

   Each callback receives its message, reads every binding of it into memory of the program, frees all that it got, and
   sends the next request. Prints one JSON line per run. Flags, modes and message shapes are those of netsnmp_async.c,
   gosnmp/main.go and oriel-bench: see Benchmarks/README.md. */

#define _POSIX_C_SOURCE 200809L

#include <winsnmp.h>

#include <getopt.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct options {
    const char *mode, *agent, *version, *community, *user, *auth_pass, *priv_pass, *root;
    long window, count, max_repetitions;
    bool fresh;
};

/* One chain of requests: each answer sends the next one. `window` chains run at once. */
struct chain {
    smiUINT32 next[MAXOBJIDSIZE];
    smiUINT32 next_length;
};

/* The callback's, and main's while it sends the first requests: under `mutex`. */
static struct {
    const struct options *options;
    bool walking;
    HSNMP_SESSION session;
    HSNMP_ENTITY agent;
    HSNMP_CONTEXT context;
    HSNMP_VBL names; /* what `get` asks for */
    struct chain *chains;
    smiUINT32 root[MAXOBJIDSIZE], root_length;
    long sent, answered, outstanding, varbinds, errors;
    uint64_t sum; /* of the values, so that reading them can't be left out */
} run;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool done;

static void die(const char *what) {
    fprintf(stderr, "wsnmp_get: %s (error %u)\n", what, (unsigned) SnmpGetLastError(NULL));
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
static const smiUINT32 columns[10] = {10, 11, 13, 14, 15, 16, 17, 19, 20, 5};

static HSNMP_VBL make_names(void) {
    smiUINT32 numbers[11] = {1, 3, 6, 1, 2, 1, 2, 2, 1, columns[0], 1};
    smiOID name = {11, numbers};
    HSNMP_VBL vbl = SnmpCreateVbl(run.session, &name, NULL);
    for (int i = 1; i < 10; i++) {
        numbers[9] = columns[i];
        if (SnmpSetVb(vbl, 0, &name, NULL) == SNMPAPI_FAILURE) die("can't make a list of names");
    }
    return vbl;
}

/* --- Requests --------------------------------------------------------------------------------------------------- */

static bool finished(void) {
    /* An agent that went away must end the run, too. */
    return run.errors > 100 || (run.walking ? run.varbinds : run.sent) >= run.options->count;
}

static void send_next(struct chain *chain) {
    if (finished()) return;
    HSNMP_VBL vbl;
    if (run.walking) {
        smiOID name = chain->next_length ? (smiOID) {chain->next_length, chain->next}
                                         : (smiOID) {run.root_length, run.root};
        vbl = SnmpCreateVbl(run.session, &name, NULL);
    } else {
        vbl = run.options->fresh ? make_names() : run.names;
    }
    /* The request id says which chain an answer belongs to. */
    smiINT32 id = (smiINT32) (run.sent * run.options->window + (chain - run.chains) + 1);
    HSNMP_PDU pdu = run.walking
        ? SnmpCreatePdu(run.session, SNMP_PDU_GETBULK, id, 0, (smiINT) run.options->max_repetitions, vbl)
        : SnmpCreatePdu(run.session, SNMP_PDU_GET, id, 0, 0, vbl);
    if (SnmpSendMsg(run.session, NULL, run.agent, run.context, pdu) == SNMPAPI_FAILURE) die("can't send");
    SnmpFreePdu(pdu);
    if (vbl != run.names) SnmpFreeVbl(vbl);
    run.sent++;
    run.outstanding++;
}

/* --- Answers ---------------------------------------------------------------------------------------------------- */

static void take_value(smiVALUE *value) {
    switch (value->syntax) {
    case SNMP_SYNTAX_INT: run.sum += (uint64_t) value->value.sNumber; break;
    case SNMP_SYNTAX_CNTR32:
    case SNMP_SYNTAX_GAUGE32:
    case SNMP_SYNTAX_TIMETICKS:
    case SNMP_SYNTAX_UINT32: run.sum += value->value.uNumber; break;
    case SNMP_SYNTAX_CNTR64:
        run.sum += (uint64_t) value->value.hNumber.hipart << 32 | value->value.hNumber.lopart;
        break;
    case SNMP_SYNTAX_OID:
        run.sum += value->value.oid.len;
        SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE) &value->value.oid);
        break;
    case SNMP_SYNTAX_OCTETS:
    case SNMP_SYNTAX_BITS:
    case SNMP_SYNTAX_IPADDR:
    case SNMP_SYNTAX_OPAQUE:
    case SNMP_SYNTAX_NSAPADDR:
        run.sum += value->value.string.len;
        if (value->value.string.len) SnmpFreeDescriptor(value->syntax, &value->value.string);
        break;
    default: break;
    }
}

static bool is_below_root(const smiOID *name) {
    return name->len >= run.root_length && memcmp(name->ptr, run.root, run.root_length * sizeof *run.root) == 0;
}

static void take_bindings(HSNMP_VBL vbl, struct chain *chain) {
    smiUINT32 count = SnmpCountVbl(vbl);
    bool inside = run.walking;
    chain->next_length = 0;
    for (smiUINT32 i = 1; i <= count; i++) {
        smiOID name;
        smiVALUE value;
        if (SnmpGetVb(vbl, i, &name, &value) == SNMPAPI_FAILURE) die("can't get a binding");
        if (inside && (value.syntax == SNMP_SYNTAX_ENDOFMIBVIEW || !is_below_root(&name))) {
            /* The end of the subtree starts the walk over. */
            inside = false;
            chain->next_length = 0;
        }
        if (inside) {
            chain->next_length = name.len;
            if (i == count) memcpy(chain->next, name.ptr, name.len * sizeof *name.ptr);
        }
        if (inside || !run.walking) run.varbinds++;
        take_value(&value);
        SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE) &name);
    }
}

static SNMPAPI_STATUS CALLBACK answered(HSNMP_SESSION session, HWND window, UINT message, WPARAM w_param,
                                        LPARAM l_param, LPVOID data) {
    struct chain *chain = &run.chains[(l_param - 1) % run.options->window];
    (void) window;
    (void) message;
    (void) data;
    pthread_mutex_lock(&mutex);
    run.outstanding--;
    if (w_param != 0) {
        /* A timeout: there is nothing to receive. */
        run.errors++;
        chain->next_length = 0;
    } else {
        HSNMP_ENTITY source = NULL, destination = NULL;
        HSNMP_CONTEXT context = NULL;
        HSNMP_PDU pdu = NULL;
        HSNMP_VBL vbl = NULL;
        smiINT type = 0, status = 0, index = 0;
        smiINT32 id = 0;
        bool good = SnmpRecvMsg(session, &source, &destination, &context, &pdu) != SNMPAPI_FAILURE
            && SnmpGetPduData(pdu, &type, &id, &status, &index, &vbl) != SNMPAPI_FAILURE
            && type == SNMP_PDU_RESPONSE && status == SNMP_ERROR_NOERROR;
        if (good) {
            run.answered++;
            take_bindings(vbl, chain);
        } else {
            run.errors++;
            chain->next_length = 0;
        }
        SnmpFreeVbl(vbl);
        SnmpFreePdu(pdu);
        SnmpFreeContext(context);
        SnmpFreeEntity(source);
        SnmpFreeEntity(destination);
    }
    send_next(chain);
    if (run.outstanding == 0 && finished()) {
        done = true;
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&mutex);
    return SNMPAPI_SUCCESS;
}

/* --- Agent and credentials -------------------------------------------------------------------------------------- */

static smiOCTETS octets(const char *text) {
    return (smiOCTETS) {(smiUINT32) strlen(text), (smiLPBYTE) text};
}

static void open_agent(const struct options *o) {
    char host[256];
    const char *colon = strrchr(o->agent, ':');
    if (!colon || (size_t) (colon - o->agent) >= sizeof host) die("--agent is ADDRESS:PORT");
    memcpy(host, o->agent, (size_t) (colon - o->agent));
    host[colon - o->agent] = 0;
    smiUINT32 port = (smiUINT32) atol(colon + 1);
    if (strcmp(o->version, "2c") == 0) {
        smiOCTETS community = octets(o->community);
        SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V2);
        run.agent = SnmpStrToEntity(run.session, host);
        run.context = SnmpStrToContext(run.session, &community);
        if (SnmpSetPort(run.agent, port) == SNMPAPI_FAILURE) die("not a port");
        if (SnmpSetTimeout(run.agent, 200) == SNMPAPI_FAILURE) die("can't set the timeout");
    } else if (strcmp(o->version, "3") == 0) {
        smiOCTETS auth_pass = octets(o->auth_pass), priv_pass = octets(o->priv_pass);
        smiENTITYINFO entity = {
            .hSession = run.session, .nTranslateMode = SNMPAPI_UNTRANSLATED_V3, .nSnmpVersion = 3,
            .dAddressString = octets(host), .nRequestPort = port, .nRetransmitMode = SNMPAPI_ON,
            .nPolicyTimeout = 200, .nPolicyRetry = 3,
        };
        smiCONTEXTINFO context = {
            .hSession = run.session, .nTranslateMode = SNMPAPI_UNTRANSLATED_V3, .nSnmpVersion = 3,
            .dSecurityName = octets(o->user), .nSecurityModel = SNMP_SEC_MODEL_USM, .nSecurityLevel = SNMP_AUTH_PRIV,
            .nSecurityAuthProtocol = SNMP_USM_HMACSHA256_AUTH_PROTOCOL,
            .nSecurityPrivProtocol = SNMP_USM_AES128_PRIV_PROTOCOL,
        };
        if (SnmpPasswordToKey(&auth_pass, SNMP_USM_HMACSHA256_AUTH_PROTOCOL, &context.dSecurityAuthKey)
                == SNMPAPI_FAILURE
            || SnmpPasswordToKey(&priv_pass, SNMP_USM_HMACSHA256_AUTH_PROTOCOL, &context.dSecurityPrivKey)
                == SNMPAPI_FAILURE)
            die("can't derive keys");
        run.agent = SnmpCreateEntity(run.session, &entity);
        run.context = SnmpCreateContext(run.session, &context);
        SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &context.dSecurityAuthKey);
        SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &context.dSecurityPrivKey);
    } else {
        die("--version is 2c or 3");
    }
    if (!run.agent || !run.context) die("not an agent, or not a context");
}

/* --- Runs ------------------------------------------------------------------------------------------------------- */

static void send_all(void) {
    pthread_mutex_lock(&mutex);
    done = false;
    for (long i = 0; i < run.options->window; i++) send_next(&run.chains[i]);
    while (!done) pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

int main(int argc, char **argv) {
    struct options o = {
        .mode = "get", .agent = "127.0.0.1:161", .version = "2c", .community = "public", .user = "bench",
        .auth_pass = "bench-auth-pass", .priv_pass = "bench-priv-pass", .root = "1.3.6.1.2.1",
        .window = 1, .count = 10000, .max_repetitions = 25,
    };
    static const struct option flags[] = {
        {"mode", 1, 0, 'm'}, {"agent", 1, 0, 'a'}, {"version", 1, 0, 'v'}, {"community", 1, 0, 'c'},
        {"user", 1, 0, 'u'}, {"auth-pass", 1, 0, 'A'}, {"priv-pass", 1, 0, 'X'}, {"root", 1, 0, 'r'},
        {"window", 1, 0, 'w'}, {"count", 1, 0, 'n'}, {"max-repetitions", 1, 0, 'R'}, {"fresh", 1, 0, 'f'},
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
        case 'f': o.fresh = atol(optarg) != 0; break;
        default: return 2;
        }
    }
    run.walking = strcmp(o.mode, "bulkwalk") == 0;
    if (!run.walking && strcmp(o.mode, "get") != 0) die("--mode is get or bulkwalk");
    /* Their product is the greatest request id. */
    if (o.window < 1 || o.count < 1 || o.count > INT32_MAX / o.window) die("--window or --count out of range");
    run.options = &o;
    run.chains = calloc((size_t) o.window, sizeof *run.chains);
    if (!run.chains) die("no memory");

    smiOID root;
    if (SnmpStartup(NULL, NULL, NULL, NULL, NULL) == SNMPAPI_FAILURE) die("can't start");
    if (SnmpStrToOid(o.root, &root) == SNMPAPI_FAILURE) die("--root is no OID");
    memcpy(run.root, root.ptr, root.len * sizeof *root.ptr);
    run.root_length = root.len;
    SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE) &root);
    run.session = SnmpCreateSession(NULL, 0, answered, NULL);
    if (!run.session) die("can't create a session");
    open_agent(&o);
    run.names = make_names();

    /* One request outside the measurement: engine discovery, the library's threads. */
    struct options measured = o;
    o.count = o.window = 1;
    send_all();
    o = measured;
    run.sent = run.answered = run.varbinds = run.errors = 0;
    memset(run.chains, 0, (size_t) o.window * sizeof *run.chains);

    double cpu = cpu_seconds(), wall = seconds(CLOCK_MONOTONIC);
    send_all();
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = cpu_seconds() - cpu;
    printf("{\"peer\":\"wsnmp32\",\"mode\":\"%s\",\"version\":\"%s\",\"window\":%ld,\"requests\":%ld,"
           "\"varbinds\":%ld,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"errors\":%ld}\n",
           o.mode, o.version, o.window, run.answered, run.varbinds, wall, cpu, run.errors);
    SnmpClose(run.session);
    SnmpCleanup();
    free(run.chains);
    return 0;
}
