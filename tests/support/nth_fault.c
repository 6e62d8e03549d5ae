/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/nth_fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each thread has its own: what others call meanwhile is not counted. */
static _Thread_local struct {
    bool armed;
    const struct nth_fault *fault;
    long n, calls;
    const char *pretended;
} now;

/* The sanitizer's, where the test is built with one. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

void nth_fault_arm(const struct nth_fault *fault, long n)
{
    now.fault = fault;
    now.n = n;
    now.calls = 0;
    now.armed = true;
}

long nth_fault_disarm(void)
{
    now.armed = false;
    return now.calls;
}

const struct nth_fault *nth_fault_armed(void)
{
    return now.fault;
}

const struct nth_fault *nth_fault_due(const char *call)
{
    if (!now.armed || strcmp(now.fault->call, call) != 0 || ++now.calls != now.n)
        return NULL;
    if (getenv("FLASHLINE_NTH") != NULL && __sanitizer_print_stack_trace != NULL)
        __sanitizer_print_stack_trace(); /* asked for by name: say where it is */
    return now.fault;
}

void nth_fault_pretend(const char *path)
{
    now.pretended = path;
}

static bool fails(const char *call)
{
    const struct nth_fault *f = nth_fault_due(call);

    if (f != NULL)
        errno = f->value;
    return f != NULL;
}

/* What the linker puts in the place of a call of our objects; read, write and poll stand in nth_call.c. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    unsigned mode = 0;

    if (fails("open"))
        return -1;
    va_start(args, flags);
    if ((flags & (O_CREAT | O_TMPFILE)) != 0)
        mode = va_arg(args, unsigned);
    va_end(args);
    return __real_open(path, flags, mode);
}

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list args;

    if (fails("ioctl"))
        return -1;
    va_start(args, request);
    void *arg = va_arg(args, void *); /* a number comes as wide on what we build for */
    va_end(args);
    return __real_ioctl(fd, request, arg);
}

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);
int __wrap_flock(int fd, int operation)
{
    return fails("flock") ? -1 : __real_flock(fd, operation);
}

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __wrap_access(const char *path, int mode)
{
    if (now.pretended != NULL && strcmp(path, now.pretended) == 0)
        return 0;
    return fails("access") ? -1 : __real_access(path, mode);
}

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
DIR *__wrap_opendir(const char *path)
{
    return fails("opendir") ? NULL : __real_opendir(path);
}

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
    return fails("fopen") ? NULL : __real_fopen(path, mode);
}

int __real_inotify_init1(int flags);
int __wrap_inotify_init1(int flags);
int __wrap_inotify_init1(int flags)
{
    return fails("inotify_init1") ? -1 : __real_inotify_init1(flags);
}

int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    return fails("inotify_add_watch") ? -1 : __real_inotify_add_watch(fd, path, mask);
}
