/* The parts of the system interface that Swift's Glibc module leaves out, and inline
   wrappers for macros and variadic calls. Only PlatformIO and the rig of the tests import this.

   Without _GNU_SOURCE, on purpose: it changes structures (fd_set, utsname), and a program that meets them in two
   versions, here and in Glibc's module, does not compile. What else _GNU_SOURCE would give is declared below. */
#ifndef ORIEL_CLINUX_SHIM_H
#define ORIEL_CLINUX_SHIM_H

#if defined(__APPLE__) && !defined(__APPLE_USE_RFC_3542)
#define __APPLE_USE_RFC_3542 1
#endif

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/errqueue.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#endif

/* The GNU extensions used here, as their manual pages declare them. */
#if defined(__linux__) && !defined(__USE_GNU)
struct mmsghdr {
  struct msghdr msg_hdr;
  unsigned int msg_len;
};

struct in6_pktinfo {
  struct in6_addr ipi6_addr;
  unsigned int ipi6_ifindex;
};

extern int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout);
extern int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern const char *strerrorname_np(int code);
extern int pipe2(int ends[2], int flags);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);
#endif

/* The error number of the last failed call on this thread: a macro in C. */
static inline int oriel_errno(void) { return errno; }

static inline void oriel_set_errno(int code) { errno = code; }

static inline void oriel_clear_errno(void) { errno = 0; }

/* Ancillary data: the macros that walk and size it. */

static inline struct cmsghdr *oriel_cmsg_first(const struct msghdr *message) { return CMSG_FIRSTHDR(message); }

static inline struct cmsghdr *oriel_cmsg_next(const struct msghdr *message, struct cmsghdr *header) {
  return CMSG_NXTHDR((struct msghdr *)message, header);
}

static inline unsigned char *oriel_cmsg_data(struct cmsghdr *header) { return CMSG_DATA(header); }

static inline size_t oriel_cmsg_space(size_t length) { return CMSG_SPACE(length); }

static inline size_t oriel_cmsg_length(size_t length) { return CMSG_LEN(length); }

/* Constants that are enumerators or casts in C. */

static inline int oriel_msg_trunc(void) { return MSG_TRUNC; }

static inline int oriel_msg_nosignal(void) {
#if defined(__linux__)
  return MSG_NOSIGNAL;
#else
  return 0;
#endif
}

#if defined(__linux__)
static inline int oriel_msg_errqueue(void) { return MSG_ERRQUEUE; }
#endif

static inline void *oriel_map_failed(void) { return MAP_FAILED; }

static inline int oriel_map_anonymous(void) { return MAP_ANON; }

static inline int oriel_page_size_name(void) { return _SC_PAGESIZE; }

static inline int oriel_is_read_only(const struct statvfs *status) { return (status->f_flag & ST_RDONLY) != 0; }

static inline int oriel_is_directory(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Waits for the exclusive lock of an open file. Swift takes the name for the structure of fcntl. */
static inline int oriel_lock_file(int fd) { return flock(fd, LOCK_EX); }

static inline int oriel_own_usage(struct rusage *usage) { return getrusage(RUSAGE_SELF, usage); }

/* The name of a directory entry: an array whose length Swift would take for its limit. */
static inline const char *oriel_entry_name(const struct dirent *entry) { return entry->d_name; }

/* Calls whose address argument is a transparent union where _GNU_SOURCE is set, which Swift cannot pass. */

static inline int oriel_bind(int fd, const struct sockaddr *address, socklen_t length) {
  return bind(fd, address, length);
}

static inline int oriel_connect(int fd, const struct sockaddr *address, socklen_t length) {
  return connect(fd, address, length);
}

static inline int oriel_getsockname(int fd, struct sockaddr *address, socklen_t *length) {
  return getsockname(fd, address, length);
}

/* Accepts a connection as a nonblocking descriptor that programs started later don't inherit. */
static inline int oriel_accept(int fd, struct sockaddr *address, socklen_t *length) {
#if defined(__linux__)
  return accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
  int number = accept(fd, address, length);
  if (number >= 0) {
    int flags = fcntl(number, F_GETFL);
    if (flags < 0 || fcntl(number, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(number, F_SETFD, FD_CLOEXEC) < 0) {
      int code = errno;
      close(number);
      errno = code;
      return -1;
    }
  }
  return number;
#endif
}

/* Unix-domain sockets: the address is a path of bounded length. */

static inline int oriel_unix_address(struct sockaddr_un *address, const char *path) {
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length + 1);
  return 0;
}

static inline int oriel_bind_unix(int fd, const char *path) {
  struct sockaddr_un address;
  if (oriel_unix_address(&address, path) != 0) return -1;
  return bind(fd, (const struct sockaddr *)&address, sizeof address);
}

static inline int oriel_connect_unix(int fd, const char *path) {
  struct sockaddr_un address;
  if (oriel_unix_address(&address, path) != 0) return -1;
  return connect(fd, (const struct sockaddr *)&address, sizeof address);
}

/* Who made the other end of a Unix-domain socket, as the kernel noted it then; the process is 0 where it isn't told. */
static inline int oriel_peer_of_unix(int fd, pid_t *process, uid_t *user) {
#if defined(__linux__)
  /* struct ucred, which only _GNU_SOURCE declares. */
  struct {
    pid_t process;
    uid_t user;
    gid_t group;
  } peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
  *process = peer.process;
  *user = peer.user;
  return 0;
#else
  gid_t group;
  *process = 0;
  return getpeereid(fd, user, &group);
#endif
}

/* Brings a file's contents and size to the disk; of other attributes only what reading them back needs. */
static inline int oriel_sync_data(int fd) {
#if defined(__APPLE__)
  /* fsync stops at the drive's own memory there. Network file systems know fsync only. */
  int result = fcntl(fd, F_FULLFSYNC);
  return result == -1 && (errno == ENOTSUP || errno == ENOTTY || errno == EINVAL) ? fsync(fd) : result;
#else
  return fdatasync(fd);
#endif
}

/* Locks an open file against all who opened it apart from this; fails with EWOULDBLOCK if somebody else has. */
static inline int oriel_try_lock(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

static inline int oriel_unlock(int fd) { return flock(fd, LOCK_UN); }

/* Variadic calls. */

static inline int oriel_open(const char *path, int flags, unsigned int mode) { return open(path, flags, mode); }

static inline int oriel_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static inline int oriel_set_close_on_exec(int fd) { return fcntl(fd, F_SETFD, FD_CLOEXEC); }

static inline int oriel_is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

static inline int oriel_window_size(int fd, struct winsize *size) { return ioctl(fd, TIOCGWINSZ, size); }

/* Calls that differ between systems. */

static inline const char *oriel_error_text(int code, char *buffer, size_t size) {
#if defined(__GLIBC__) && defined(__USE_GNU)
  return strerror_r(code, buffer, size);
#else
  /* Also fills the buffer, with "Unknown error N", when it doesn't know the number. */
  int result = strerror_r(code, buffer, size);
  return result == 0 || result == EINVAL ? buffer : "unknown error";
#endif
}

/* The name of an error number, such as "EADDRINUSE"; NULL if the system doesn't tell. */
static inline const char *oriel_error_name(int code) {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 32))
  return strerrorname_np(code);
#else
  (void)code;
  return NULL;
#endif
}

/* A number that tells the calling thread from all others that run. */
static inline uintptr_t oriel_thread_id(void) { return (uintptr_t)pthread_self(); }
static inline uintptr_t oriel_thread_number(pthread_t thread) { return (uintptr_t)thread; }

/* A condition variable whose timeouts run on the monotonic clock where the system can. */
static inline int oriel_condition_init(pthread_cond_t *condition) {
#if defined(__linux__)
  pthread_condattr_t attributes;
  int code = pthread_condattr_init(&attributes);
  if (code != 0) return code;
  code = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  if (code == 0) code = pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
  return code;
#else
  return pthread_cond_init(condition, NULL);
#endif
}

/* Waits for so many nanoseconds at most; ETIMEDOUT when they are over. */
static inline int oriel_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t nanoseconds) {
  struct timespec limit;
#if defined(__linux__)
  clock_gettime(CLOCK_MONOTONIC, &limit);
#else
  clock_gettime(CLOCK_REALTIME, &limit);
#endif
  nanoseconds += limit.tv_nsec;
  limit.tv_sec += nanoseconds / 1000000000;
  limit.tv_nsec = nanoseconds % 1000000000;
  return pthread_cond_timedwait(condition, mutex, &limit);
}

/* Signal dispositions: SIG_IGN and SIG_DFL are casts. */
static inline int oriel_ignore_signal(int number) { return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0; }

static inline int oriel_is_ignored(int number) {
  struct sigaction action;
  return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Installs a handler that interrupts no system call for good; the old disposition goes to `old`. */
static inline int oriel_handle_signal(int number, void (*handler)(int), struct sigaction *old) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, old);
}

static inline int oriel_restore_signal(int number, const struct sigaction *old) {
  return sigaction(number, old, NULL);
}

/* Names the calling thread; the name has at most 15 bytes on Linux. */
static inline void oriel_name_thread(const char *name) {
#if defined(__APPLE__)
  pthread_setname_np(name);
#else
  pthread_setname_np(pthread_self(), name);
#endif
}

#if !defined(__linux__)
/* Batch calls as loops over their single forms, for systems without them. */
struct mmsghdr {
  struct msghdr msg_hdr;
  unsigned int msg_len;
};

static inline int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout) {
  (void)timeout;
  for (unsigned int i = 0; i < count; i++) {
    ssize_t length = recvmsg(fd, &messages[i].msg_hdr, flags);
    if (length < 0) return i == 0 ? -1 : (int)i;
    messages[i].msg_len = (unsigned int)length;
  }
  return (int)count;
}

static inline int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) {
  for (unsigned int i = 0; i < count; i++) {
    ssize_t length = sendmsg(fd, &messages[i].msg_hdr, flags);
    if (length < 0) return i == 0 ? -1 : (int)i;
    messages[i].msg_len = (unsigned int)length;
  }
  return (int)count;
}
#endif

/* Units and flags that are macros or anonymous enumerators. */

static inline long oriel_ticks_per_second(void) { return sysconf(_SC_CLK_TCK); }

static inline int oriel_can_broadcast(unsigned int flags) { return (flags & IFF_BROADCAST) != 0; }

#endif
