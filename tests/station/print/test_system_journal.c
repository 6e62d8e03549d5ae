/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If this fails, "journalctl FLASHLINE_SLOT=3" finds nothing, or what was said of a board is lost. The form of an entry is that
 * of systemd's JOURNAL_NATIVE_PROTOCOL.md: NAME=value a line, one datagram an entry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "station/print/system_journal.h"

struct fake {
    char dir[64];
    struct sockaddr_un address;
    int fd, out[2]; /* the journal's socket; what standard output would be, and its reader */
};

static void fake_open(struct fake *x)
{
    snprintf(x->dir, sizeof x->dir, "/tmp/flashline-journal-XXXXXX");
    assert_non_null(mkdtemp(x->dir));
    x->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(x->address.sun_path, sizeof x->address.sun_path, "%.60s/socket", x->dir);
    x->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(x->fd, (struct sockaddr *)&x->address, sizeof x->address), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, x->out), 0);
}

static void fake_close(struct fake *x)
{
    close(x->fd);
    close(x->out[0]);
    close(x->out[1]);
    unlink(x->address.sun_path);
    rmdir(x->dir);
}

static void expect(int fd, const char *text)
{
    char got[4096];
    ssize_t n = recv(fd, got, sizeof got - 1, 0);

    if (text == NULL) {
        assert_int_equal(n, -1);
        return;
    }
    assert_true(n >= 0);
    got[n] = '\0';
    assert_string_equal(got, text);
}

static void a_line_is_an_entry_with_what_it_is_about(void **state)
{
    struct fake x;

    (void)state;
    fake_open(&x);
    struct system_journal *j = system_journal_at(x.address.sun_path, x.out[0]);
    assert_non_null(j);
    FILE *out = system_journal_stream(j);
    system_journal_about(j, &(struct journal_facts){.priority = JOURNAL_WARNING,
                                                    .slot = 3,
                                                    .mac = "24:0a:c4:00:00:07",
                                                    .stage = "verify",
                                                    .result = "FAIL",
                                                    .code = 401,
                                                    .attempt = 12});
    fprintf(out, "slot 3   ");
    fflush(out);
    expect(x.fd, NULL); /* not before the line is whole */
    fprintf(out, "FAIL\n");
    fflush(out);
    expect(x.fd,
           "PRIORITY=4\nSYSLOG_IDENTIFIER=flashline\nFLASHLINE_SLOT=3\nFLASHLINE_MAC=24:0a:c4:00:00:07\n"
           "FLASHLINE_STAGE=verify\nFLASHLINE_RESULT=FAIL\nFLASHLINE_CODE=401\nFLASHLINE_ATTEMPT=12\n"
           "MESSAGE=slot 3   FAIL\n");
    /* What would begin a field of its own is left out; nothing of the last one stays. */
    system_journal_about(j, &(struct journal_facts){.priority = JOURNAL_INFO, .serial = "SN\nPRIORITY=0"});
    fprintf(out, "a\nb\n");
    fflush(out);
    expect(x.fd, "PRIORITY=6\nSYSLOG_IDENTIFIER=flashline\nMESSAGE=a\n");
    expect(x.fd, "PRIORITY=6\nSYSLOG_IDENTIFIER=flashline\nMESSAGE=b\n");
    expect(x.out[1], NULL);
    system_journal_free(j);
    fake_close(&x);
}

/* Its queue is full, or it was restarted: the line is on standard output then, and nobody waited. */
static void what_the_journal_does_not_take_is_not_lost(void **state)
{
    struct fake x;
    char got[64];
    int entries = 0;

    (void)state;
    fake_open(&x);
    struct system_journal *j = system_journal_at(x.address.sun_path, x.out[0]);
    FILE *out = system_journal_stream(j);
    for (int i = 0; i < 100000 && recv(x.out[1], got, sizeof got, 0) < 0; i++) {
        fprintf(out, "line\n");
        fflush(out);
    }
    assert_memory_equal(got, "line\n", 5);
    while (recv(x.fd, got, sizeof got, 0) > 0)
        entries++;
    assert_true(entries > 0);
    close(x.fd);
    unlink(x.address.sun_path);
    fprintf(out, "after it went\n");
    fflush(out);
    expect(x.out[1], "after it went\n");
    system_journal_free(j);
    assert_null(
        system_journal_at(x.address.sun_path, x.out[0])); /* nobody there: plain lines from the start */
    fake_close(&x);
}

static void only_what_the_manager_made_is_the_journal(void **state)
{
    struct fake x;
    char stream[64];
    struct stat st;

    (void)state;
    fake_open(&x);
    assert_int_equal(fstat(x.out[0], &st), 0);
    static const char *const others[] = {"", "x", "1", "1:2"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        setenv("JOURNAL_STREAM", others[i], 1);
        assert_null(system_journal_new(x.out[0]));
    }
    /* Redirected to a file the manager's variable is still there. */
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev,
             (unsigned long long)st.st_ino + 1);
    setenv("JOURNAL_STREAM", stream, 1);
    assert_null(system_journal_new(x.out[0]));
    unsetenv("JOURNAL_STREAM");
    assert_null(system_journal_new(x.out[0]));
    fake_close(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_an_entry_with_what_it_is_about),
        cmocka_unit_test(what_the_journal_does_not_take_is_not_lost),
        cmocka_unit_test(only_what_the_manager_made_is_the_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
