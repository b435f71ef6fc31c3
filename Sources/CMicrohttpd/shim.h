/* GNU libmicrohttpd, as far as HTTPService needs it. Its variadic calls, which Swift cannot make, are wrapped here. */
#ifndef ORIEL_CMICROHTTPD_SHIM_H
#define ORIEL_CMICROHTTPD_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

/* Is called with each request's target as it was sent, before anything is decoded; gives the request's context. */
typedef void *(*oriel_mhd_target_callback)(void *owner, const char *target, struct MHD_Connection *connection);

/* Starts to serve on a duplicate of a listening socket, which the daemon closes when it is stopped. Without
   MHD_USE_ERROR_LOG nothing is ever logged. Returns NULL and an error number on failure; as the library closes the
   socket on some of its ways to fail and not on others, it is left open then. */
static inline struct MHD_Daemon *oriel_mhd_start(int listener, unsigned int threads, unsigned int connections,
                                                 unsigned int timeout_seconds, size_t connection_memory,
                                                 oriel_mhd_target_callback target, MHD_AccessHandlerCallback handle,
                                                 MHD_RequestCompletedCallback completed, void *owner, int *error)
{
    struct MHD_Daemon *daemon;
    int own = fcntl(listener, F_DUPFD_CLOEXEC, 0);
    *error = errno;
    if (own < 0) return NULL;
    errno = 0;
    /* The port is the socket's. poll rather than epoll: the library uses the latter edge-triggered and doesn't see the
       end of a stream that comes together with its last bytes, so such a connection would stay until its timeout. */
    daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD, 0, NULL, NULL, handle, owner,
                              MHD_OPTION_LISTEN_SOCKET, own,
                              MHD_OPTION_THREAD_POOL_SIZE, threads,
                              MHD_OPTION_CONNECTION_LIMIT, connections,
                              MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory,
                              MHD_OPTION_URI_LOG_CALLBACK, target, owner,
                              MHD_OPTION_NOTIFY_COMPLETED, completed, owner,
                              MHD_OPTION_END);
    *error = errno;
    return daemon;
}

/* The library's constants, which Swift sees under names that depend on the header's version. */

static inline enum MHD_Result oriel_mhd_result(int is_good) { return is_good ? MHD_YES : MHD_NO; }

static inline const char *oriel_mhd_header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static inline void oriel_mhd_headers(struct MHD_Connection *connection, MHD_KeyValueIteratorN take, void *owner)
{
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take, owner);
}

/* A response with a copy of the body. */
static inline struct MHD_Response *oriel_mhd_response(const void *body, size_t count)
{
    return MHD_create_response_from_buffer(count, (void *)body, MHD_RESPMEM_MUST_COPY);
}

/* Writes the octets of the peer's address to memory for 16 of them, and says how many: 4, 16, or 0 if there is no
   address. */
static inline int oriel_mhd_peer(struct MHD_Connection *connection, uint8_t *octets, uint16_t *port)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL) return 0;
    if (info->client_addr->sa_family == AF_INET) {
        struct sockaddr_in address;
        memcpy(&address, info->client_addr, sizeof address);
        memcpy(octets, &address.sin_addr, 4);
        *port = ntohs(address.sin_port);
        return 4;
    }
    if (info->client_addr->sa_family == AF_INET6) {
        struct sockaddr_in6 address;
        memcpy(&address, info->client_addr, sizeof address);
        memcpy(octets, &address.sin6_addr, 16);
        *port = ntohs(address.sin6_port);
        return 16;
    }
    return 0;
}

#endif
