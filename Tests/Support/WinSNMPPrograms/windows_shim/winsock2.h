/* Layer: test programs of the C library. The names of Winsock that programs around WinSNMP use. */
#ifndef ORIEL_SHIM_WINSOCK2_H
#define ORIEL_SHIM_WINSOCK2_H

#include "windows.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
typedef struct in_addr IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
typedef struct sockaddr_in SOCKADDR_IN;

typedef struct {
    WORD wVersion, wHighVersion;
} WSADATA, *LPWSADATA;

#define MAKEWORD(low, high) ((WORD)((low) | (high) << 8))

static inline int WSAStartup(WORD version, LPWSADATA data) {
    data->wVersion = data->wHighVersion = version;
    return 0;
}

static inline int WSACleanup(void) { return 0; }

#endif
