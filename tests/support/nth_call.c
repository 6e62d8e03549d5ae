/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/nth_call.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "tests/support/nth_fault.h"

static const char *const names[NTH_KINDS] = {
    "alloc",     "read",      "write",    "sync",     "poll",     "sql-alloc", "sql-read",
    "sql-write", "sql-wreck", "sql-sync", "sql-size", "sql-lock", "sql-map",
};

/* Each thread has its own: what others call meanwhile is not counted. */
static _Thread_local struct {
    bool armed;
    enum nth_kind kind;
    long n, calls;
} nth;

const char *nth_kind_name(enum nth_kind kind)
{
    return names[kind];
}

void nth_call_arm(enum nth_kind kind, long n)
{
    nth.kind = kind;
    nth.n = n;
    nth.calls = 0;
    nth.armed = true;
}

long nth_call_disarm(void)
{
    nth.armed = false;
    return nth.calls;
}

/* The sanitizer's, where the test is built with one. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

bool nth_call_is_due(enum nth_kind kind)
{
    bool due = nth.armed && nth.kind == kind && ++nth.calls == nth.n;

    if (due && getenv("FLASHLINE_NTH") != NULL && __sanitizer_print_stack_trace != NULL)
        __sanitizer_print_stack_trace(); /* asked for by name: say where it is */
    return due;
}

static bool fails(enum nth_kind kind, int err)
{
    bool due = nth_call_is_due(kind);

    if (due)
        errno = err;
    return due;
}

/* The same for a call that a row of a table may name. */
static bool call_fails(const char *call, enum nth_kind kind, int err)
{
    const struct nth_fault *f = nth_fault_due(call);

    if (f == NULL)
        return fails(kind, err);
    errno = f->value;
    return true;
}

/* How much of a transfer is asked for: all, or too little where a row says so. -1: it fails. */
static ssize_t share(const char *call, enum nth_kind kind, size_t len)
{
    const struct nth_fault *f = nth_fault_due(call);

    if (f != NULL && f->value == NTH_SHORT)
        return (ssize_t)(len + 1) / 2;
    if (f == NULL)
        return fails(kind, EIO) ? -1 : (ssize_t)len;
    errno = f->value;
    return -1;
}

/* What the linker puts in the place of a call of our objects (--wrap), and the function it would have been. */
#define WRAP(type, name, args) \
    type __real_##name args;   \
    type __wrap_##name args;   \
    type __wrap_##name args

WRAP(void *, malloc, (size_t size))
{
    return fails(NTH_ALLOC, ENOMEM) ? NULL : __real_malloc(size);
}

WRAP(void *, calloc, (size_t count, size_t size))
{
    return fails(NTH_ALLOC, ENOMEM) ? NULL : __real_calloc(count, size);
}

WRAP(void *, realloc, (void *old, size_t size))
{
    return fails(NTH_ALLOC, ENOMEM) ? NULL : __real_realloc(old, size);
}

WRAP(char *, strdup, (const char *text))
{
    return fails(NTH_ALLOC, ENOMEM) ? NULL : __real_strdup(text);
}

int __wrap_asprintf(char **out, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **out, const char *format, ...)
{
    va_list args;

    if (fails(NTH_ALLOC, ENOMEM))
        return -1;
    va_start(args, format);
    int n = vasprintf(out, format, args);
    va_end(args);
    return n;
}

WRAP(ssize_t, read, (int fd, void *buf, size_t len))
{
    ssize_t part = share("read", NTH_READ, len);

    return part < 0 ? -1 : __real_read(fd, buf, (size_t)part);
}

WRAP(ssize_t, pread, (int fd, void *buf, size_t len, off_t at))
{
    ssize_t part = share("pread", NTH_READ, len);

    return part < 0 ? -1 : __real_pread(fd, buf, (size_t)part, at);
}

WRAP(ssize_t, write, (int fd, const void *buf, size_t len))
{
    ssize_t part = share("write", NTH_WRITE, len);

    return part < 0 ? -1 : __real_write(fd, buf, (size_t)part);
}

WRAP(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t at))
{
    ssize_t part = share("pwrite", NTH_WRITE, len);

    return part < 0 ? -1 : __real_pwrite(fd, buf, (size_t)part, at);
}

WRAP(int, fsync, (int fd))
{
    return fails(NTH_SYNC, EIO) ? -1 : __real_fsync(fd);
}

WRAP(int, fdatasync, (int fd))
{
    return fails(NTH_SYNC, EIO) ? -1 : __real_fdatasync(fd);
}

WRAP(int, poll, (struct pollfd * fds, nfds_t count, int ms))
{
    return call_fails("poll", NTH_POLL, EIO) ? -1 : __real_poll(fds, count, ms);
}

WRAP(int, ppoll, (struct pollfd * fds, nfds_t count, const struct timespec *limit, const sigset_t *mask))
{
    return call_fails("ppoll", NTH_POLL, EIO) ? -1 : __real_ppoll(fds, count, limit, mask);
}
