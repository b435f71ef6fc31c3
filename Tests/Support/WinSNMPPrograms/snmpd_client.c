/* A manager in C against a real agent, in the classic way of WinSNMP programs: all work is done in the callback.

       snmpd_client HOST PORT COMMUNITY TRAPPORT [COUNT [ROOT]]

   GETs sysDescr.0, walks ROOT (1.3.6.1.2.1.1) by GETBULK, and registers for all notifications on TRAPPORT. The line
   "ready" says that it listens now; then it takes COUNT (1) notifications. The last line is a JSON object with all that
   it saw. Exit status 0: all was right; 1: something was not, "failures" says what; 2: wrong arguments.

   The arguments and the JSON are those of wsnmp_client.py and WsnmpClient.cs, so that one test drives all three.
   Needs winsnmp.h, oriel_winsnmp.h and a C99 compiler: cc -std=c99 -pthread snmpd_client.c -lwsnmp32 */

#define _POSIX_C_SOURCE 200809L

#include <oriel_winsnmp.h>
#include <winsnmp.h>

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- Text that grows, checks ---------------------------------------------------------------------------------- */

struct text {
    char *bytes;
    size_t length, capacity;
};

static void append_bytes(struct text *text, const char *bytes, size_t length) {
    if (text->length + length + 1 > text->capacity) {
        size_t capacity = 2 * (text->length + length) + 64;
        char *grown = realloc(text->bytes, capacity);
        if (!grown) abort();
        text->bytes = grown;
        text->capacity = capacity;
    }
    if (length) memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = 0;
}

/* For short pieces. */
static void append(struct text *text, const char *format, ...) {
    char piece[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    append_bytes(text, piece, strlen(piece));
}

/* Octets as a JSON string; what is not printable ASCII becomes an escape of the octet's number. */
static void append_string(struct text *text, const void *octets, size_t length) {
    const unsigned char *bytes = octets;
    append(text, "\"");
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\') append(text, "\\%c", bytes[i]);
        else if (bytes[i] < 0x20 || bytes[i] > 0x7e) append(text, "\\u%04x", bytes[i]);
        else append(text, "%c", bytes[i]);
    }
    append(text, "\"");
}

static const char *separator(const struct text *text) { return text->length ? "," : ""; }

static struct text names, notifications, description; /* of the callback */
static struct text failures;                           /* of both threads, as is the number of checks */
static int checks;
static pthread_mutex_t checking = PTHREAD_MUTEX_INITIALIZER;

static int check(int good, const char *what) {
    pthread_mutex_lock(&checking);
    checks++;
    if (!good) {
        append(&failures, "%s", separator(&failures));
        append_string(&failures, what, strlen(what));
    }
    pthread_mutex_unlock(&checking);
    return good;
}

static int succeeds(SNMPAPI_STATUS status, const char *what) {
    char line[128];
    if (status == SNMPAPI_FAILURE) {
        snprintf(line, sizeof line, "%s: error %u", what, (unsigned) SnmpGetLastError(NULL));
        return check(0, line);
    }
    return check(1, what);
}

/* --- Steps: main waits for the callback to reach one ------------------------------------------------------------ */

enum step { STARTING, DESCRIBED, WALKED, NOTIFIED, BROKEN };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static enum step reached = STARTING;

static void reach(enum step step) {
    pthread_mutex_lock(&mutex);
    if (reached != BROKEN) reached = step;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static int wait_for(enum step step, const char *what) {
    struct timespec deadline;
    int result = 0;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 60;
    pthread_mutex_lock(&mutex);
    while (reached < step && result != ETIMEDOUT) result = pthread_cond_timedwait(&changed, &mutex, &deadline);
    enum step now = reached;
    pthread_mutex_unlock(&mutex);
    return check(now >= step && now != BROKEN, what);
}

/* --- The manager ------------------------------------------------------------------------------------------------ */

static struct {
    HSNMP_SESSION session;
    HSNMP_ENTITY agent;
    HSNMP_CONTEXT context;
    smiUINT32 root[MAXOBJIDSIZE], root_length;
    long wanted, taken;
    smiINT32 request; /* the id of the request under way */
    enum step step;   /* where the callback is; main learns it when the message's handles are free */
} manager;

static const smiUINT32 sys_descr[] = {1, 3, 6, 1, 2, 1, 1, 1, 0};

static void ask(smiINT type, const smiUINT32 *numbers, smiUINT32 length) {
    smiOID name = {length, (smiLPUINT32) numbers};
    smiINT bulk = type == SNMP_PDU_GETBULK;
    HSNMP_VBL vbl = SnmpCreateVbl(manager.session, &name, NULL);
    HSNMP_PDU pdu = SnmpCreatePdu(manager.session, type, 0, 0, bulk ? 5 : 0, vbl);
    check(vbl != NULL && pdu != NULL, "CreateVbl, CreatePdu");
    succeeds(SnmpGetPduData(pdu, NULL, &manager.request, NULL, NULL, NULL), "GetPduData before sending");
    succeeds(SnmpSendMsg(manager.session, NULL, manager.agent, manager.context, pdu), "SendMsg");
    succeeds(SnmpFreePdu(pdu), "FreePdu");
    succeeds(SnmpFreeVbl(vbl), "FreeVbl");
}

static void append_value(struct text *text, smiVALUE *value) {
    char dotted[MAXOBJIDSTRSIZE] = "";
    switch (value->syntax) {
    case SNMP_SYNTAX_INT: append(text, "\"%d\"", (int) value->value.sNumber); break;
    case SNMP_SYNTAX_CNTR32:
    case SNMP_SYNTAX_GAUGE32:
    case SNMP_SYNTAX_TIMETICKS:
    case SNMP_SYNTAX_UINT32: append(text, "\"%u\"", (unsigned) value->value.uNumber); break;
    case SNMP_SYNTAX_CNTR64:
        append(text, "\"%llu\"",
               (unsigned long long) value->value.hNumber.hipart << 32 | value->value.hNumber.lopart);
        break;
    case SNMP_SYNTAX_OCTETS:
    case SNMP_SYNTAX_BITS:
    case SNMP_SYNTAX_OPAQUE:
    case SNMP_SYNTAX_IPADDR:
    case SNMP_SYNTAX_NSAPADDR:
        append_string(text, value->value.string.ptr, value->value.string.len);
        if (value->value.string.len)
            succeeds(SnmpFreeDescriptor(value->syntax, &value->value.string), "FreeDescriptor of a value");
        break;
    case SNMP_SYNTAX_OID:
        succeeds(SnmpOidToStr(&value->value.oid, sizeof dotted, dotted), "OidToStr of a value");
        append_string(text, dotted, strlen(dotted));
        succeeds(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE) &value->value.oid), "FreeDescriptor of a value");
        break;
    default: append(text, "\"\""); break;
    }
}

/* Bindings as JSON: [name, value] each. `last` gets the last name below the root of the walk, if there is one. */
static smiUINT32 take_bindings(HSNMP_VBL vbl, struct text *rows, smiUINT32 *last, int *outside) {
    smiUINT32 count = SnmpCountVbl(vbl), last_length = 0;
    for (smiUINT32 i = 1; i <= count; i++) {
        smiOID name;
        smiVALUE value;
        char dotted[MAXOBJIDSTRSIZE];
        smiINT order = 1;
        if (!succeeds(SnmpGetVb(vbl, i, &name, &value), "GetVb")) continue;
        succeeds(SnmpOidToStr(&name, sizeof dotted, dotted), "OidToStr");
        if (last) {
            smiOID root = {manager.root_length, manager.root};
            succeeds(SnmpOidCompare(&root, &name, manager.root_length, &order), "OidCompare");
            if (order != 0 || value.syntax == SNMP_SYNTAX_ENDOFMIBVIEW) *outside = 1;
        }
        struct text row = {0};
        append_value(&row, &value);
        if (last && !*outside) {
            append(&names, "%s", separator(&names));
            append_string(&names, dotted, strlen(dotted));
            last_length = name.len;
            memcpy(last, name.ptr, name.len * sizeof *last);
        }
        if (rows) {
            append(rows, "%s[", separator(rows));
            append_string(rows, dotted, strlen(dotted));
            append(rows, ",");
            append_bytes(rows, row.bytes, row.length);
            append(rows, "]");
        }
        if (manager.step == STARTING) append_bytes(&description, row.bytes, row.length);
        free(row.bytes);
        succeeds(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE) &name), "FreeDescriptor of a name");
    }
    return last_length;
}

static void take_response(HSNMP_VBL vbl, smiINT status, smiINT32 id, HSNMP_ENTITY from, HSNMP_CONTEXT context) {
    check(status == SNMP_ERROR_NOERROR, "error-status of a response");
    check(id == manager.request, "id of a response");
    check(from == manager.agent && context == manager.context, "the handles of a response are those of its request");
    if (manager.step == STARTING) {
        take_bindings(vbl, NULL, NULL, NULL);
        manager.step = DESCRIBED;
        ask(SNMP_PDU_GETBULK, manager.root, manager.root_length);
        return;
    }
    smiUINT32 last[MAXOBJIDSIZE];
    int outside = 0;
    smiUINT32 length = take_bindings(vbl, NULL, last, &outside);
    if (outside || length == 0) manager.step = WALKED;
    else ask(SNMP_PDU_GETBULK, last, length);
}

static void take_notification(HSNMP_VBL vbl, smiINT type, smiINT32 id, HSNMP_ENTITY from, HSNMP_CONTEXT context) {
    char address[64] = "";
    smiOCTETS community;
    struct text rows = {0};
    check(id != 0, "id of a notification");
    succeeds(SnmpEntityToStr(from, sizeof address, address), "EntityToStr");
    succeeds(SnmpContextToStr(context, &community), "ContextToStr");
    take_bindings(vbl, &rows, NULL, NULL);
    append(&notifications, "%s{\"type\":%d,\"source\":\"%s\",\"community\":", separator(&notifications), (int) type,
           address);
    append_string(&notifications, community.ptr, community.len);
    append(&notifications, ",\"bindings\":[");
    append_bytes(&notifications, rows.bytes, rows.length);
    append(&notifications, "]}");
    free(rows.bytes);
    if (community.len) succeeds(SnmpFreeDescriptor(SNMP_SYNTAX_OCTETS, &community), "FreeDescriptor of a community");
    if (++manager.taken == manager.wanted) manager.step = NOTIFIED;
}

static SNMPAPI_STATUS CALLBACK on_message(HSNMP_SESSION session, HWND window, UINT message, WPARAM w_param,
                                          LPARAM l_param, LPVOID data) {
    HSNMP_ENTITY source = NULL, destination = NULL;
    HSNMP_CONTEXT context = NULL;
    HSNMP_PDU pdu = NULL;
    HSNMP_VBL vbl = NULL;
    smiINT type = 0, status = 0, index = 0;
    smiINT32 id = 0;
    check(session == manager.session && window == NULL && message == 0 && data == &manager, "callback's arguments");
    if (!check(w_param == 0, "wParam: a request failed")
        || !succeeds(SnmpRecvMsg(session, &source, &destination, &context, &pdu), "RecvMsg")) {
        reach(BROKEN);
        return SNMPAPI_SUCCESS;
    }
    succeeds(SnmpGetPduData(pdu, &type, &id, &status, &index, &vbl), "GetPduData");
    check(l_param == (LPARAM) id, "lParam is the message's id");
    if (type == SNMP_PDU_RESPONSE) take_response(vbl, status, id, source, context);
    else take_notification(vbl, type, id, source, context);
    succeeds(SnmpFreeVbl(vbl), "FreeVbl");
    succeeds(SnmpFreePdu(pdu), "FreePdu");
    succeeds(SnmpFreeContext(context), "FreeContext");
    succeeds(SnmpFreeEntity(source), "FreeEntity of the source");
    succeeds(SnmpFreeEntity(destination), "FreeEntity of the destination");
    /* Not before: main may close the session at once, and what is left of it dies then. */
    reach(manager.step);
    return SNMPAPI_SUCCESS;
}

static void run(char **argv) {
    smiOCTETS community = {(smiUINT32) strlen(argv[3]), (smiLPBYTE) argv[3]};
    manager.session = SnmpCreateSession(NULL, 0, on_message, &manager);
    if (!check(manager.session != NULL, "CreateSession")) return;
    manager.agent = SnmpStrToEntity(manager.session, argv[1]);
    manager.context = SnmpStrToContext(manager.session, &community);
    check(manager.agent != NULL && manager.context != NULL, "StrToEntity, StrToContext");
    succeeds(SnmpSetPort(manager.agent, (UINT) atoi(argv[2])), "SetPort");
    succeeds(SnmpSetTimeout(manager.agent, 500), "SetTimeout");

    ask(SNMP_PDU_GET, sys_descr, sizeof sys_descr / sizeof *sys_descr);
    if (wait_for(WALKED, "the walk did not end")
        && succeeds(SnmpRegister(manager.session, NULL, NULL, NULL, NULL, SNMPAPI_ON), "Register")) {
        printf("ready\n");
        fflush(stdout);
        if (manager.wanted > 0) wait_for(NOTIFIED, "not all notifications came");
    }
    succeeds(SnmpClose(manager.session), "Close");
    check(SnmpClose(manager.session) == SNMPAPI_FAILURE && SnmpGetLastError(NULL) == SNMPAPI_SESSION_INVALID,
          "Close again");
    check(SnmpFreeEntity(manager.agent) == SNMPAPI_FAILURE, "FreeEntity after Close");
}

int main(int argc, char **argv) {
    smiOID root;
    smiUINT32 major = 0, minor = 0, level = 0, translate = 0, retransmit = 0;
    if (argc < 5 || argc > 7) {
        fprintf(stderr, "usage: snmpd_client HOST PORT COMMUNITY TRAPPORT [COUNT [ROOT]]\n");
        return 2;
    }
    manager.wanted = argc > 5 ? atol(argv[5]) : 1;
    succeeds(SnmpStartup(&major, &minor, &level, &translate, &retransmit), "Startup");
    check(major == 2 && minor == 0 && level == SNMPAPI_V2_SUPPORT && translate == SNMPAPI_UNTRANSLATED_V1
              && retransmit == SNMPAPI_ON, "outputs of Startup");
    succeeds(SnmpSetTranslateMode(SNMPAPI_UNTRANSLATED_V2), "SetTranslateMode");
    succeeds(OrielSnmpSetOption(ORIEL_SNMP_OPTION_TRAP_PORT, (smiUINT32) atol(argv[4])), "SetOption");
    if (succeeds(SnmpStrToOid(argc > 6 ? argv[6] : "1.3.6.1.2.1.1", &root), "StrToOid")) {
        manager.root_length = root.len;
        memcpy(manager.root, root.ptr, root.len * sizeof *root.ptr);
        succeeds(SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE) &root), "FreeDescriptor of the root");
        run(argv);
    }
    succeeds(SnmpCleanup(), "Cleanup");
    check(SnmpClose(manager.session) == SNMPAPI_FAILURE && SnmpGetLastError(NULL) == SNMPAPI_NOT_INITIALIZED,
          "Close after Cleanup");
    printf("{\"program\":\"c\",\"checks\":%d,\"failures\":[%s],\"sysDescr\":%s,\"names\":[%s],"
           "\"notifications\":[%s]}\n",
           checks, failures.length ? failures.bytes : "", description.length ? description.bytes : "null",
           names.length ? names.bytes : "", notifications.length ? notifications.bytes : "");
    return failures.length ? 1 : 0;
}
