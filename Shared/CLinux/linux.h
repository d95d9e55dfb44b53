#pragma once
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

// Their headers declare them only under _GNU_SOURCE, which clashes with Swift's Glibc module.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);

// Constants that Swift sees as enumerations or as Int; here they have the type of their argument.
static inline int clinux_accept(int listener, struct sockaddr_storage *address, socklen_t *size) {
    return accept4(listener, (struct sockaddr *)address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static inline int clinux_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int clinux_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// epoll_event is packed on x86-64: the token is read and written here, where its layout is known.
static inline int clinux_epoll_control(
    int epoll, int verb, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event;
    event.events = events;
    event.data.u64 = token;
    return epoll_ctl(epoll, verb, fd, &event);
}

static inline uint64_t clinux_token(const struct epoll_event *event) { return event->data.u64; }

// The kernel's number of the calling thread; priorities are set by it.
static inline int clinux_thread_number(void) { return (int)syscall(SYS_gettid); }

// Priorities on Linux belong to threads, though POSIX says process.
static inline int clinux_set_nice(int thread, int nice) {
    return setpriority(PRIO_PROCESS, (id_t)thread, nice);
}

static inline int clinux_block_all_signals(sigset_t *before) {
    sigset_t all;
    sigfillset(&all);
    // Synchronous faults stay deliverable, or a crash would not be reported.
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGTRAP);
    sigdelset(&all, SIGABRT);
    return pthread_sigmask(SIG_SETMASK, &all, before);
}

static inline int clinux_restore_signals(const sigset_t *before) {
    return pthread_sigmask(SIG_SETMASK, before, NULL);
}

// prctl takes any number of arguments, which Swift cannot call.
static inline int clinux_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
