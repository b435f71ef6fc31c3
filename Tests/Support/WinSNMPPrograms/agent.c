/*
 * Layer: test programs of the C library. Used by: the checks, stress, fuzz.
 * One thread for each agent; everything that the tests may touch is behind its lock.
 */
#include "agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct value {
    struct ber_oid name;
    uint8_t tag;
    uint8_t *content;
    size_t length;
};

struct answer {
    uint8_t *bytes;
    size_t length;
    struct sockaddr_storage to;
    uint64_t due_ms; /* UINT64_MAX: when released */
};

struct agent {
    int socket, other_port, other_host;
    int wake[2];
    uint16_t port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    bool stopping, keeps_record;
    enum agent_mode mode;
    int parameter;
    struct value *values;
    size_t value_count, value_room;
    struct datagram **record;
    unsigned count, kept, record_room;
    struct answer *answers;
    unsigned answer_count, answer_room;
};

uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void pause_ms(unsigned milliseconds) {
    struct timespec left = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

uint64_t next_random(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}

static void *room(void *memory, size_t count, size_t size) {
    void *result = realloc(memory, count * size);
    if (result == NULL) abort();
    return result;
}

static socklen_t make_address(const char *text, uint16_t port, struct sockaddr_storage *address) {
    memset(address, 0, sizeof *address);
    if (strchr(text, ':') != NULL) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        return inet_pton(AF_INET6, text, &v6->sin6_addr) == 1 ? sizeof *v6 : 0;
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return inet_pton(AF_INET, text, &v4->sin_addr) == 1 ? sizeof *v4 : 0;
}

static socklen_t length_of(const struct sockaddr_storage *address) {
    return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static uint16_t port_of(const struct sockaddr_storage *address) {
    return ntohs(address->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                                : ((const struct sockaddr_in *)address)->sin_port);
}

int bound_socket(const char *address, uint16_t port) {
    struct sockaddr_storage name;
    socklen_t length = make_address(address, port, &name);
    if (length == 0) return -1;
    int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int on = 1;
    if (name.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&name, length) == 0) return fd;
    close(fd);
    return -1;
}

static uint16_t port_of_socket(int fd) {
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &length) != 0) return 0;
    return port_of(&name);
}

bool have_ipv6(void) {
    int fd = bound_socket("::1", 0);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

uint16_t free_port(void) {
    bool ipv6 = have_ipv6();
    for (int tries = 0; tries < 100; tries++) {
        int v4 = bound_socket("0.0.0.0", 0);
        uint16_t port = v4 >= 0 ? port_of_socket(v4) : 0;
        int v6 = ipv6 && port != 0 ? bound_socket("::", port) : -1;
        if (v4 >= 0) close(v4);
        if (v6 >= 0) close(v6);
        if (port != 0 && (v6 >= 0 || !ipv6)) return port;
    }
    return 0;
}

/* ---- Answers ---- */

/* The value with that name, or with the next greater one. */
static const struct value *find(const struct agent *agent, const struct ber_oid *name, bool next) {
    size_t low = 0, high = agent->value_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = ber_oid_compare(&agent->values[middle].name, name);
        if (order < 0 || (order == 0 && next)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == agent->value_count) return NULL;
    const struct value *value = &agent->values[low];
    return next || ber_oid_compare(&value->name, name) == 0 ? value : NULL;
}

static void fill(struct ber_binding *binding, const struct value *value) {
    binding->name = value->name;
    binding->tag = value->tag;
    binding->content = value->content;
    binding->length = value->length;
}

static void fill_empty(struct ber_binding *binding, uint8_t tag) {
    binding->tag = tag;
    binding->content = NULL;
    binding->length = 0;
}

/* Fills in one binding; false if a version 1 request fails at it. */
static bool resolve(
    const struct agent *agent, const struct ber_message *request, struct ber_binding *binding, bool next) {
    const struct value *value = find(agent, &binding->name, next);
    if (value != NULL) {
        fill(binding, value);
    } else if (agent->value_count == 0 && !next) {
        binding->tag = 0x04;
        binding->content = (const uint8_t *)"value";
        binding->length = 5;
    } else if (request->version == 0) {
        return false;
    } else {
        fill_empty(binding, next ? 0x82 : 0x81);
    }
    return true;
}

static void answer_bulk(const struct agent *agent, const struct ber_message *request, struct ber_message *response) {
    unsigned once = request->error_status < 0 ? 0 : (unsigned)request->error_status;
    if (once > request->count) once = request->count;
    for (unsigned i = 0; i < once; i++) resolve(agent, request, &response->bindings[i], true);
    unsigned width = request->count - once, used = once;
    for (int row = 0; row < request->error_index && width > 0; row++) {
        if (used + width > BER_MAX_BINDINGS) break;
        bool ended = true;
        for (unsigned i = 0; i < width; i++, used++) {
            response->bindings[used] = row == 0 ? request->bindings[once + i] : response->bindings[used - width];
            resolve(agent, request, &response->bindings[used], true);
            if (response->bindings[used].tag != 0x82) ended = false;
        }
        if (ended) break;
    }
    response->count = used;
}

/* Writes the response into `buffer`; 0 if none is due. */
static size_t answer(struct agent *agent, const struct ber_message *request, uint8_t *buffer, size_t size) {
    static _Thread_local struct ber_message response;
    if (request->type < 0xA0 || request->type > 0xA6 || request->type == 0xA2 || request->type == 0xA4) return 0;
    response = *request;
    response.type = 0xA2;
    response.error_status = response.error_index = 0;
    if (agent->mode == AGENT_ERROR) {
        response.error_status = agent->parameter;
        response.error_index = 1;
    } else if (request->type == 0xA5) {
        answer_bulk(agent, request, &response);
    } else if (request->type == 0xA0 || request->type == 0xA1) {
        for (unsigned i = 0; i < response.count; i++) {
            if (resolve(agent, request, &response.bindings[i], request->type == 0xA1)) continue;
            response = *request;
            response.type = 0xA2;
            response.error_status = 2;
            response.error_index = (int32_t)i + 1;
            break;
        }
    }
    if (agent->mode == AGENT_WRONG_ID) response.id = (int32_t)((uint32_t)response.id + 1);
    if (agent->mode == AGENT_OTHER_VERSION) response.version = response.version == 0 ? 1 : 0;
    return ber_encode(&response, buffer, size);
}

static void keep_answer(
    struct agent *agent, const uint8_t *bytes, size_t length, const struct sockaddr_storage *to, uint64_t due_ms) {
    if (agent->answer_count == agent->answer_room) {
        agent->answer_room = agent->answer_room * 2 + 16;
        agent->answers = room(agent->answers, agent->answer_room, sizeof *agent->answers);
    }
    struct answer *kept = &agent->answers[agent->answer_count++];
    *kept = (struct answer){.bytes = room(NULL, length, 1), .length = length, .to = *to, .due_ms = due_ms};
    memcpy(kept->bytes, bytes, length);
}

static void send_to(int fd, const void *bytes, size_t length, const struct sockaddr_storage *to) {
    /* A lost answer shows in the check that waits for it. */
    if (sendto(fd, bytes, length, 0, (const struct sockaddr *)to, length_of(to)) < 0) return;
}

static void respond(struct agent *agent, const struct datagram *datagram) {
    static _Thread_local struct ber_message request;
    static _Thread_local uint8_t buffer[BER_MAX_DATAGRAM];
    if (agent->mode == AGENT_SILENT || !ber_decode(datagram->bytes, datagram->length, &request)) return;
    size_t length = answer(agent, &request, buffer, sizeof buffer);
    if (length == 0) return;
    const struct sockaddr_storage *to = &datagram->from;
    switch (agent->mode) {
    case AGENT_DELAY:
        keep_answer(agent, buffer, length, to, now_ms() + (uint64_t)agent->parameter);
        break;
    case AGENT_QUEUE:
        keep_answer(agent, buffer, length, to, UINT64_MAX);
        break;
    case AGENT_OTHER_PORT:
        send_to(agent->other_port, buffer, length, to);
        break;
    case AGENT_OTHER_HOST:
        send_to(agent->other_host, buffer, length, to);
        break;
    case AGENT_DUPLICATE:
        send_to(agent->socket, buffer, length, to);
        send_to(agent->socket, buffer, length, to);
        break;
    default:
        send_to(agent->socket, buffer, length, to);
    }
}

static void take_datagram(struct agent *agent, const uint8_t *bytes, size_t length, struct sockaddr_storage *from) {
    struct datagram *datagram = room(NULL, 1, sizeof *datagram);
    *datagram = (struct datagram){
        .bytes = room(NULL, length + 1, 1), .length = length, .from = *from, .from_port = port_of(from),
        .time_ms = now_ms()};
    memcpy(datagram->bytes, bytes, length);
    pthread_mutex_lock(&agent->lock);
    respond(agent, datagram);
    agent->count++;
    if (agent->keeps_record) {
        if (agent->kept == agent->record_room) {
            agent->record_room = agent->record_room * 2 + 16;
            agent->record = room(agent->record, agent->record_room, sizeof *agent->record);
        }
        agent->record[agent->kept++] = datagram;
    } else {
        free(datagram->bytes);
        free(datagram);
    }
    pthread_cond_broadcast(&agent->arrived);
    pthread_mutex_unlock(&agent->lock);
}

/* Sends the delayed answers whose time has come; milliseconds to the next one, -1: none. */
static int send_due(struct agent *agent) {
    uint64_t now = now_ms(), next = UINT64_MAX;
    pthread_mutex_lock(&agent->lock);
    unsigned left = 0;
    for (unsigned i = 0; i < agent->answer_count; i++) {
        struct answer answer = agent->answers[i];
        if (answer.due_ms <= now) {
            send_to(agent->socket, answer.bytes, answer.length, &answer.to);
            free(answer.bytes);
        } else {
            if (answer.due_ms < next) next = answer.due_ms;
            agent->answers[left++] = answer;
        }
    }
    agent->answer_count = left;
    pthread_mutex_unlock(&agent->lock);
    return next == UINT64_MAX ? -1 : (int)(next - now);
}

static void *run(void *argument) {
    struct agent *agent = argument;
    static _Thread_local uint8_t buffer[BER_MAX_DATAGRAM];
    for (;;) {
        struct pollfd wanted[2] = {{.fd = agent->socket, .events = POLLIN}, {.fd = agent->wake[0], .events = POLLIN}};
        if (poll(wanted, 2, send_due(agent)) < 0 && errno != EINTR) return NULL;
        pthread_mutex_lock(&agent->lock);
        bool stopping = agent->stopping;
        pthread_mutex_unlock(&agent->lock);
        if (stopping) return NULL;
        if (wanted[1].revents != 0 && read(agent->wake[0], buffer, sizeof buffer) < 0) continue;
        for (;;) {
            struct sockaddr_storage from;
            socklen_t size = sizeof from;
            ssize_t length =
                recvfrom(agent->socket, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
            if (length < 0) break;
            take_datagram(agent, buffer, (size_t)length, &from);
        }
    }
}

static void wake(struct agent *agent) {
    if (write(agent->wake[1], "", 1) < 0) return; /* full: it is awake anyway */
}

struct agent *agent_start(const char *address, uint16_t port) {
    int fd = bound_socket(address, port);
    if (fd < 0) return NULL;
    int size = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    struct agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL || pipe2(agent->wake, O_CLOEXEC | O_NONBLOCK) != 0) abort();
    agent->socket = fd;
    agent->port = port_of_socket(fd);
    agent->other_port = bound_socket(address, 0);
    agent->other_host = strchr(address, ':') ? -1 : bound_socket("127.0.0.2", agent->port);
    agent->keeps_record = true;
    pthread_mutex_init(&agent->lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&agent->arrived, &clock);
    pthread_condattr_destroy(&clock);
    if (pthread_create(&agent->thread, NULL, run, agent) != 0) abort();
    return agent;
}

static void forget(struct agent *agent) {
    for (unsigned i = 0; i < agent->kept; i++) {
        free(agent->record[i]->bytes);
        free(agent->record[i]);
    }
    agent->kept = 0;
}

void agent_stop(struct agent *agent) {
    if (agent == NULL) return;
    pthread_mutex_lock(&agent->lock);
    agent->stopping = true;
    pthread_mutex_unlock(&agent->lock);
    wake(agent);
    pthread_join(agent->thread, NULL);
    forget(agent);
    for (unsigned i = 0; i < agent->answer_count; i++) free(agent->answers[i].bytes);
    for (size_t i = 0; i < agent->value_count; i++) free(agent->values[i].content);
    free(agent->record);
    free(agent->answers);
    free(agent->values);
    int all[] = {agent->socket, agent->other_port, agent->other_host, agent->wake[0], agent->wake[1]};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] >= 0) close(all[i]);
    pthread_cond_destroy(&agent->arrived);
    pthread_mutex_destroy(&agent->lock);
    free(agent);
}

uint16_t agent_port(const struct agent *agent) { return agent->port; }

void agent_set_mode(struct agent *agent, enum agent_mode mode, int parameter) {
    pthread_mutex_lock(&agent->lock);
    agent->mode = mode;
    agent->parameter = parameter;
    pthread_mutex_unlock(&agent->lock);
    wake(agent);
}

static void add_value(
    struct agent *agent, const struct ber_oid *name, uint8_t tag, const void *content, size_t length) {
    if (agent->value_count == agent->value_room) {
        agent->value_room = agent->value_room * 2 + 16;
        agent->values = room(agent->values, agent->value_room, sizeof *agent->values);
    }
    size_t at = agent->value_count++;
    while (at > 0 && ber_oid_compare(name, &agent->values[at - 1].name) < 0) {
        agent->values[at] = agent->values[at - 1];
        at--;
    }
    struct value added = {.name = *name, .tag = tag, .content = room(NULL, length + 1, 1), .length = length};
    agent->values[at] = added;
    if (length > 0) memcpy(agent->values[at].content, content, length);
}

void agent_add(struct agent *agent, const char *name, uint8_t tag, const void *content, size_t length) {
    struct ber_oid oid = ber_oid_of(name);
    pthread_mutex_lock(&agent->lock);
    add_value(agent, &oid, tag, content, length);
    pthread_mutex_unlock(&agent->lock);
}

void agent_add_rows(struct agent *agent, const char *base, unsigned count) {
    struct ber_oid oid = ber_oid_of(base);
    oid.count++;
    pthread_mutex_lock(&agent->lock);
    for (unsigned row = 1; row <= count; row++) {
        uint8_t content[9];
        size_t length = ber_integer_content(row, content);
        oid.arcs[oid.count - 1] = row;
        add_value(agent, &oid, 0x02, content, length);
    }
    pthread_mutex_unlock(&agent->lock);
}

unsigned agent_release(struct agent *agent, uint64_t seed) {
    pthread_mutex_lock(&agent->lock);
    unsigned count = agent->answer_count;
    for (unsigned left = count; left > 0; left--) {
        unsigned chosen = (unsigned)(next_random(&seed) % left);
        struct answer answer = agent->answers[chosen];
        agent->answers[chosen] = agent->answers[left - 1];
        send_to(agent->socket, answer.bytes, answer.length, &answer.to);
        free(answer.bytes);
    }
    agent->answer_count = 0;
    pthread_mutex_unlock(&agent->lock);
    return count;
}

unsigned agent_count(struct agent *agent) {
    pthread_mutex_lock(&agent->lock);
    unsigned count = agent->count;
    pthread_mutex_unlock(&agent->lock);
    return count;
}

bool agent_wait(struct agent *agent, unsigned count, unsigned milliseconds) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += milliseconds / 1000;
    end.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_nsec -= 1000000000;
        end.tv_sec++;
    }
    pthread_mutex_lock(&agent->lock);
    int result = 0;
    while (agent->count < count && result == 0) result = pthread_cond_timedwait(&agent->arrived, &agent->lock, &end);
    bool enough = agent->count >= count;
    pthread_mutex_unlock(&agent->lock);
    return enough;
}

const struct datagram *agent_datagram(struct agent *agent, unsigned index) {
    pthread_mutex_lock(&agent->lock);
    const struct datagram *datagram = index < agent->kept ? agent->record[index] : NULL;
    pthread_mutex_unlock(&agent->lock);
    return datagram;
}

void agent_forget(struct agent *agent, bool record) {
    pthread_mutex_lock(&agent->lock);
    forget(agent);
    agent->count = 0;
    agent->keeps_record = record;
    pthread_mutex_unlock(&agent->lock);
}

bool agent_send(struct agent *agent, const char *address, uint16_t port, const void *bytes, size_t length) {
    struct sockaddr_storage to;
    socklen_t size = make_address(address, port, &to);
    return size != 0 && sendto(agent->socket, bytes, length, 0, (const struct sockaddr *)&to, size) == (ssize_t)length;
}
