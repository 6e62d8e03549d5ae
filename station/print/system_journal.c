/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/system_journal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define FIELDS_SIZE    1024
#define LINE_SIZE      4096 /* a line of a run is shorter; a longer one becomes two entries */

struct system_journal {
    int fd, otherwise;
    FILE *stream;
    char fields[FIELDS_SIZE]; /* "NAME=value\n" each */
    size_t fields_size;
    char line[LINE_SIZE];
    size_t line_size;
};

/* $JOURNAL_STREAM is "device:inode" of what the manager made our standard output and error. */
static bool is_journal(int fd)
{
    const char *text = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;

    return text != NULL && sscanf(text, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &st) == 0 &&
           st.st_dev == (dev_t)device && st.st_ino == (ino_t)inode;
}

struct system_journal *system_journal_new(int fd)
{
    return is_journal(fd) ? system_journal_at(JOURNAL_SOCKET, fd) : NULL;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* One datagram: the fields, and MESSAGE. False: it was not taken. */
static bool send_entry(const struct system_journal *j)
{
    static const char name[] = "MESSAGE=", end[] = "\n";
    const struct iovec parts[] = {{(void *)j->fields, j->fields_size},
                                  {(void *)name, sizeof name - 1},
                                  {(void *)j->line, j->line_size},
                                  {(void *)end, 1}};
    const struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = 4};

    return sendmsg(j->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* Said at least once, if without its fields. */
static void send_line(struct system_journal *j)
{
    if (j->line_size > 0 && !send_entry(j)) {
        struct iovec plain[] = {{j->line, j->line_size}, {(void *)"\n", 1}};
        const struct msghdr message = {.msg_iov = plain, .msg_iovlen = 2};
        /* The journal's own stream is a socket: a full one is not waited for either. */
        ssize_t ignored = sendmsg(j->otherwise, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)ignored;
    }
    j->line_size = 0;
}

static ssize_t take(void *cookie, const char *bytes, size_t size)
{
    struct system_journal *j = cookie;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n' || j->line_size == sizeof j->line)
            send_line(j);
        if (bytes[i] != '\n')
            j->line[j->line_size++] = bytes[i];
    }
    return (ssize_t)size;
}

struct system_journal *system_journal_at(const char *path, int otherwise)
{
    const cookie_io_functions_t functions = {.write = take};
    struct system_journal *j = calloc(1, sizeof *j);

    if (j == NULL)
        return NULL;
    j->otherwise = otherwise;
    j->fd = connect_to(path);
    j->stream = j->fd >= 0 ? fopencookie(j, "w", functions) : NULL;
    if (j->stream != NULL) {
        system_journal_about(j, &(struct journal_facts){.priority = JOURNAL_INFO});
        return j;
    }
    system_journal_free(j);
    return NULL;
}

void system_journal_free(struct system_journal *j)
{
    if (j == NULL)
        return;
    if (j->stream != NULL)
        fclose(j->stream);
    if (j->fd >= 0)
        close(j->fd);
    free(j);
}

FILE *system_journal_stream(struct system_journal *j)
{
    return j->stream;
}

/* A value with a newline would be another field: our texts have none, a scanned code might. */
static void add_text(struct system_journal *j, const char *name, const char *value)
{
    size_t room = sizeof j->fields - j->fields_size;

    if (value == NULL || value[0] == '\0' || strchr(value, '\n') != NULL)
        return;
    int n = snprintf(j->fields + j->fields_size, room, "%s=%s\n", name, value);
    if (n > 0 && (size_t)n < room)
        j->fields_size += (size_t)n;
}

static void add_number(struct system_journal *j, const char *name, long long value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", value);
    add_text(j, name, value != 0 ? text : NULL);
}

void system_journal_about(struct system_journal *j, const struct journal_facts *facts)
{
    fflush(j->stream);
    j->fields_size = 0;
    add_number(j, "PRIORITY", facts->priority);
    add_text(j, "SYSLOG_IDENTIFIER", "flashline");
    add_number(j, "FLASHLINE_SLOT", facts->slot);
    add_text(j, "FLASHLINE_MAC", facts->mac);
    add_text(j, "FLASHLINE_SERIAL", facts->serial);
    add_text(j, "FLASHLINE_STAGE", facts->stage);
    add_text(j, "FLASHLINE_RESULT", facts->result);
    add_number(j, "FLASHLINE_CODE", facts->code);
    add_number(j, "FLASHLINE_ATTEMPT", facts->attempt);
}
