/*
 * Layer: test programs of the C library. Used by: conformance.c.
 * Checks 71 and 72: layouts and exported names. Most of 71 happens when layout.c and the header files are compiled.
 */
#include "conformance.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of layout.c, header89.c, header98.cpp, header20.cpp: they were compiled, with how many constants. */
extern const int layout_constants;
int header89(void);
int header98(void);
int header20(void);

static void c71(void) {
    CHECK(layout_constants > 100);
    CHECK_EQUAL(header89(), 16);
    CHECK_EQUAL(header98(), 16);
    CHECK_EQUAL(header20(), 16);
    /* The layouts of two compilers and four dialects agree at run time: what one writes the library reads. */
    smiOID oid = {0, NULL};
    REQUIRE(SnmpStartup(NULL, NULL, NULL, NULL, NULL) == SNMPAPI_SUCCESS);
    CHECK_EQUAL(SnmpStrToOid("1.3.6.1", &oid), 4);
    CHECK(oid.len == 4 && oid.ptr != NULL && oid.ptr[0] == 1 && oid.ptr[1] == 3 && oid.ptr[2] == 6 && oid.ptr[3] == 1);
}

static const char *const exports[] = {
    "SnmpGetTranslateMode", "SnmpSetTranslateMode", "SnmpGetRetransmitMode", "SnmpSetRetransmitMode", "SnmpGetTimeout",
    "SnmpSetTimeout", "SnmpGetRetry", "SnmpSetRetry", "SnmpGetVendorInfo", "SnmpStartup", "SnmpCleanup", "SnmpOpen",
    "SnmpClose", "SnmpSendMsg", "SnmpRecvMsg", "SnmpRegister", "SnmpCreateSession", "SnmpListen", "SnmpCancelMsg",
    "SnmpStartupEx", "SnmpCleanupEx", "SnmpListenEx", "SnmpStrToEntity", "SnmpEntityToStr", "SnmpFreeEntity",
    "SnmpSetPort", "SnmpStrToContext", "SnmpContextToStr", "SnmpFreeContext", "SnmpCreatePdu", "SnmpGetPduData",
    "SnmpSetPduData", "SnmpDuplicatePdu", "SnmpFreePdu", "SnmpCreateVbl", "SnmpDuplicateVbl", "SnmpFreeVbl",
    "SnmpCountVbl", "SnmpGetVb", "SnmpSetVb", "SnmpDeleteVb", "SnmpFreeDescriptor", "SnmpEncodeMsg", "SnmpDecodeMsg",
    "SnmpStrToOid", "SnmpOidToStr", "SnmpOidCopy", "SnmpOidCompare", "SnmpGetLastError",
    /* The v3 addendum. */
    "SnmpCreateEntity", "SnmpGetEntityInfo", "SnmpSetEntityInfo", "SnmpFreeEntityInfo", "SnmpCreateContext",
    "SnmpGetContextInfo", "SnmpSetContextInfo", "SnmpFreeContextInfo", "SnmpPasswordToKey",
    /* Ours. */
    "OrielSnmpSetWindowHook", "OrielSnmpSetOption", "OrielSnmpGetOption", "OrielSnmpSetDatabase",
    "OrielSnmpGetDescriptor", "OrielSnmpWait", "OrielSnmpGetErrorText"};

enum { EXPORTS = sizeof exports / sizeof exports[0], STANDARD = 49 };

static bool is_export(const char *name) {
    for (int i = 0; i < EXPORTS; i++)
        if (strcmp(exports[i], name) == 0) return true;
    return false;
}

static void c72(void) {
    Dl_info info;
    char command[4352], line[1024], name[512], kind;
    unsigned found = 0;
    CHECK_EQUAL(EXPORTS, STANDARD + 9 + 7);
    for (int i = 0; i < EXPORTS; i++)
        if (!CHECK(dlsym(RTLD_DEFAULT, exports[i]) != NULL)) check_note("%s is missing", exports[i]);
    void *startup = dlsym(RTLD_DEFAULT, "SnmpStartup");
    REQUIRE(startup != NULL && dladdr(startup, &info) != 0 && info.dli_fname != NULL);
    if (system("command -v nm >/dev/null 2>&1") != 0) check_skip("no nm to list what the library exports");
    snprintf(command, sizeof command, "nm -D --defined-only '%s'", info.dli_fname);
    FILE *output = popen(command, "r");
    REQUIRE(output != NULL);
    while (fgets(line, sizeof line, output) != NULL) {
        if (sscanf(line, "%*s %c %511s", &kind, name) != 2) continue;
        char *version = strchr(name, '@');
        if (version != NULL) *version = '\0';
        /* A version script's own name is an absolute symbol. */
        if (kind == 'A') continue;
        found++;
        if (!CHECK(is_export(name))) check_note("%s should not be exported", name);
    }
    CHECK(pclose(output) == 0);
    CHECK_EQUAL(found, EXPORTS);
}

const struct check abi_checks[] = {
    {"71", "layouts, constants, dialects", c71},
    {"72", "what the library exports", c72},
    {NULL, NULL, NULL},
};
