/* SPDX-License-Identifier: Apache-2.0 */
/* The USB/IP server: protocol bytes as the kernel's documentation lays them out, over memory and over loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/serve/usbip/sim_usbip.h"
#include "sim/serve/usbip/sim_usbip_command.h"
#include "sim/serve/usbip/sim_usbip_conn.h"

struct fixture {
    struct sim_ftdi_echo *echoes[SIM_FTDI_INTERFACES];
    struct sim_ftdi_chip *chip;
    struct usbip_bus bus;
    struct usbip_conn *conn;
};

static void begin(struct fixture *f, enum sim_ftdi_model model)
{
    struct sim_ftdi_config config = {.model = model, .serial = "FTTEST01"};

    memset(f, 0, sizeof *f);
    for (int i = 0; i < SIM_FTDI_INTERFACES; i++) {
        f->echoes[i] = sim_ftdi_echo_new();
        assert_non_null(f->echoes[i]);
        config.lines[i] = sim_ftdi_line_echo(f->echoes[i]);
    }
    f->chip = sim_ftdi_chip_new(&config, 0);
    assert_non_null(f->chip);
    f->bus.count = 2;
    f->bus.ports[0] = (struct usbip_bus_port){.chip = f->chip, .plugged = true};
    f->bus.ports[1] = (struct usbip_bus_port){.chip = f->chip, .plugged = false};
    f->conn = usbip_conn_new(&f->bus);
    assert_non_null(f->conn);
}

static void end(struct fixture *f)
{
    usbip_conn_free(f->conn, 0);
    sim_ftdi_chip_free(f->chip);
    for (int i = 0; i < SIM_FTDI_INTERFACES; i++)
        sim_ftdi_echo_free(f->echoes[i]);
}

static void expect_output(struct fixture *f, const void *bytes, size_t len)
{
    size_t got;
    const uint8_t *p = usbip_conn_output(f->conn, &got);

    assert_true(got >= len);
    assert_memory_equal(p, bytes, len);
}

static void forget_output(struct fixture *f)
{
    size_t got;

    usbip_conn_output(f->conn, &got);
    usbip_conn_sent(f->conn, got);
}

static const uint8_t import_request[40] = "\x01\x11\x80\x03\0\0\0\0"
                                          "1-1";

static void import(struct fixture *f)
{
    size_t got;

    assert_int_equal(usbip_conn_feed(f->conn, import_request, sizeof import_request, 0), 0);
    const uint8_t *p = usbip_conn_output(f->conn, &got);
    assert_int_equal(got, 8 + 312);
    assert_memory_equal(p, "\x01\x11\x00\x03\0\0\0\0", 8);
    assert_string_equal((const char *)p + 8 + 256, "1-1");
    forget_output(f);
}

/* A 48-byte header: command, sequence number, direction, endpoint, then the five words and the setup packet. */
static void put_header(uint8_t h[48], uint32_t code, uint32_t seqnum, uint32_t in, uint32_t endpoint,
                       uint32_t word5, uint32_t length, const char setup[8])
{
    const uint32_t words[] = {code, seqnum, 0x00010002, in, endpoint, word5, length, 0, 0xffffffff, 0};

    for (size_t i = 0; i < 10; i++) {
        uint32_t big = htonl(words[i]);
        memcpy(h + 4 * i, &big, 4);
    }
    memcpy(h + 40, setup, 8);
}

static void device_list_names_what_is_plugged_in(void **state)
{
    struct fixture f;
    size_t got;

    (void)state;
    begin(&f, SIM_FT4232H);
    assert_int_equal(usbip_conn_feed(f.conn, (const uint8_t *)"\x01\x11\x80\x05\0\0\0\0", 8, 0), 0);
    const uint8_t *p = usbip_conn_output(f.conn, &got);
    assert_int_equal(got, 12 + 312 + 4 * 4);
    assert_memory_equal(p, "\x01\x11\x00\x05\0\0\0\0\0\0\0\x01", 12);
    assert_memory_equal(p + 12 + 296,
                        "\0\0\0\x03"
                        "\x04\x03"
                        "\x60\x11"
                        "\x08\x00",
                        10); /* high speed, ids, release */
    assert_int_equal(p[12 + 311], 4);
    assert_false(usbip_conn_is_over(f.conn));
    forget_output(&f);
    assert_true(usbip_conn_is_over(f.conn));
    end(&f);
}

static void import_refuses_what_is_absent_or_taken(void **state)
{
    struct fixture f;
    uint8_t request[40];

    (void)state;
    begin(&f, SIM_FT232R);
    memcpy(request, import_request, sizeof request);
    request[10] = '2'; /* unplugged */
    assert_int_equal(usbip_conn_feed(f.conn, request, sizeof request, 0), 0);
    expect_output(&f, "\x01\x11\x00\x03\0\0\0\x01", 8);
    usbip_conn_free(f.conn, 0);
    f.conn = usbip_conn_new(&f.bus);
    import(&f);
    struct usbip_conn *second = usbip_conn_new(&f.bus);
    size_t got;
    assert_int_equal(usbip_conn_feed(second, import_request, sizeof import_request, 0), 0);
    assert_memory_equal(usbip_conn_output(second, &got), "\x01\x11\x00\x03\0\0\0\x01", 8);
    usbip_conn_free(second, 0);
    end(&f);
}

static void control_and_bulk_transfers_are_answered(void **state)
{
    struct fixture f;
    uint8_t message[48 + 3];
    size_t got;

    (void)state;
    begin(&f, SIM_FT232R);
    import(&f);
    put_header(message, 1, 5, 1, 0, 0, 18, "\x80\x06\x00\x01\x00\x00\x12\x00");
    for (size_t i = 0; i < 48; i++) /* a byte at a time */
        assert_int_equal(usbip_conn_feed(f.conn, message + i, 1, 0), 0);
    assert_int_equal(usbip_conn_collect(f.conn, 0), 0);
    const uint8_t *p = usbip_conn_output(f.conn, &got);
    assert_int_equal(got, 48 + 18);
    assert_memory_equal(p, "\0\0\0\x03\0\0\0\x05", 8);
    assert_memory_equal(p + 20, "\0\0\0\0\0\0\0\x12", 8); /* status, actual length */
    assert_memory_equal(p + 48, "\x12\x01\x00\x02", 4);
    forget_output(&f);

    put_header(message, 1, 6, 0, 2, 0, 3, "\0\0\0\0\0\0\0\0");
    memcpy(message + 48, "abc", 3);
    assert_int_equal(usbip_conn_feed(f.conn, message, 51, 0), 0);
    put_header(message, 1, 7, 1, 1, 0, 64, "\0\0\0\0\0\0\0\0");
    assert_int_equal(usbip_conn_feed(f.conn, message, 48, 0), 0);
    assert_int_equal(usbip_conn_collect(f.conn, 20000), 0);
    p = usbip_conn_output(f.conn, &got);
    assert_int_equal(got, 48 + 48 + 5);
    assert_memory_equal(p, "\0\0\0\x03\0\0\0\x06", 8); /* the chip's buffer has room: writing ends first */
    assert_memory_equal(p + 24, "\0\0\0\x03", 4);
    assert_memory_equal(p + 48 + 4, "\0\0\0\x07", 4);
    assert_memory_equal(p + 96,
                        "\x01\x60"
                        "abc",
                        5);
    end(&f);
}

static void unlink_takes_a_waiting_transfer_back(void **state)
{
    struct fixture f;
    uint8_t message[48];

    (void)state;
    begin(&f, SIM_FT2232H);
    import(&f);
    sim_ftdi_chip_set_silent(f.chip, true);
    put_header(message, 1, 10, 1, 3, 0, 512, "\0\0\0\0\0\0\0\0");
    assert_int_equal(usbip_conn_feed(f.conn, message, 48, 0), 0);
    put_header(message, 2, 11, 0, 0, 10, 0, "\0\0\0\0\0\0\0\0");
    assert_int_equal(usbip_conn_feed(f.conn, message, 48, 0), 0);
    expect_output(&f, "\0\0\0\x04\0\0\0\x0b\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\x98", 24); /* -ECONNRESET */
    forget_output(&f);
    assert_int_equal(usbip_conn_feed(f.conn, message, 48, 0), 0);
    expect_output(&f, "\0\0\0\x04\0\0\0\x0b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24); /* it is gone already */
    end(&f);
}

static void nonsense_closes_the_connection(void **state)
{
    struct fixture f;
    uint8_t message[48];
    static const struct {
        uint32_t code, in, endpoint, length;
        const char *setup;
    } bad[] = {
        {9, 0, 0, 0, "\0\0\0\0\0\0\0\0"},
        {1, 2, 1, 0, "\0\0\0\0\0\0\0\0"},
        {1, 0, 16, 0, "\0\0\0\0\0\0\0\0"},
        {1, 0, 2, 256 * 1024 + 1, "\0\0\0\0\0\0\0\0"},
        {1, 1, 1, 0xffffffff, "\0\0\0\0\0\0\0\0"},
        {1, 0, 0, 8, "\x80\x06\0\1\0\0\x08\0"}, /* the setup packet says IN */
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        begin(&f, SIM_FT232R);
        import(&f);
        put_header(message, bad[i].code, 1, bad[i].in, bad[i].endpoint, 0, bad[i].length, bad[i].setup);
        assert_int_equal(usbip_conn_feed(f.conn, message, 48, 0), -71);
        end(&f);
    }
    begin(&f, SIM_FT232R);
    assert_int_equal(usbip_conn_feed(f.conn, (const uint8_t *)"GET / HTTP", 10, 0), -71);
    end(&f);
}

static void command(struct usbip_bench *bench, const char *line, const char *expected)
{
    char answer[2048] = "";
    int port = -1;
    FILE *out = fmemopen(answer, sizeof answer, "w");

    assert_non_null(out);
    usbip_command_run(bench, line, 0, out, &port);
    fclose(out);
    assert_string_equal(answer, expected);
}

static struct usbip_bench *make_bench(const char *chips, int ports)
{
    char error[160];
    const struct usbip_bench_config config = {.chips = chips, .ports = ports};
    struct usbip_bench *bench = usbip_bench_new(&config, error);

    assert_non_null(bench);
    return bench;
}

static void commands_answer_ok_or_say_what_is_wrong(void **state)
{
    struct usbip_bench *bench = make_bench("ft2232h,ft232r", 3);

    (void)state;
    assert_int_equal(usbip_bench_bus(bench)->count, 2);
    command(bench, "unplug 1-1", "ok\n");
    assert_false(usbip_bench_bus(bench)->ports[0].plugged);
    command(bench, "unplug 1-1", "error: it is not plugged in\n");
    command(bench, "plug 1-1", "ok\n");
    command(bench, "plug 1-3", "error: no such chip\n");
    command(bench, "silence 1-1 maybe", "error: say on or off\n");
    command(bench, "stall 1-1:C on", "error: no such interface\n");
    command(bench, "errors 1-1 parity", "error: name the interface too: 1-1:A\n");
    command(bench, "errors 1-1:B parity,framing", "ok\n");
    command(bench, "errors 1-1:B tired", "error: unknown flag\n");
    command(bench, "press 1-1:A boot", "error: no board there\n");
    command(bench, "dance", "error: unknown command\n");
    command(bench, "a b c d e", "error: wrong number of words\n");
    command(bench, "trace 1-1", "ok\n");
    usbip_bench_free(bench);
}

static void bench_refuses_unknown_chips_and_too_many(void **state)
{
    char error[160];
    struct usbip_bench_config config = {.chips = "ft4232h,ft9", .ports = 5};

    (void)state;
    assert_null(usbip_bench_new(&config, error));
    assert_string_equal(error, "chip 'ft9' is not known: ft232r, ft230x, ft232h, ft2232h or ft4232h");
    config = (struct usbip_bench_config){.chips = "ft232r", .ports = 17};
    assert_null(usbip_bench_new(&config, error));
}

static void boards_hang_on_the_interfaces_in_order(void **state)
{
    char error[SIM_TRAY_ERROR];
    const struct sim_tray_config tray_config = {.count = 6, .revision = 1, .seed = 1};
    struct sim_tray *tray = sim_tray_new(&tray_config, error);
    const struct usbip_bench_config config = {.chips = "ft4232h", .ports = 6, .tray = tray};
    struct usbip_bench *bench = usbip_bench_new(&config, error);

    (void)state;
    assert_non_null(bench);
    assert_int_equal(usbip_bench_bus(bench)->count, 2);
    assert_int_equal(usbip_bench_board(bench, 1, 1), 6);
    assert_int_equal(usbip_bench_board(bench, 1, 2), 0);
    command(bench, "press 1-2:B boot", "ok\n");
    command(bench, "exchange 1-2:B", "ok\n");
    command(bench, "exchange 1-2:C", "error: no board there\n");
    usbip_bench_free(bench);
    sim_tray_free(tray);
}

static void *serve(void *ctx)
{
    sim_usbip_serve(ctx);
    return NULL;
}

static int dial(uint16_t port)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static void server_serves_commands_and_pulls_plugs_over_loopback(void **state)
{
    struct usbip_bench *bench = make_bench("ft4232h", 4);
    char error[160], answer[64] = "";
    uint8_t reply[8 + 312];
    struct sim_usbip_config config = {.control = "0", .bench = bench};
    pthread_t thread;

    (void)state;
    struct sim_usbip *server = sim_usbip_new(&config, error);
    assert_non_null(server);
    assert_int_equal(pthread_create(&thread, NULL, serve, server), 0);
    int usb = dial(sim_usbip_port(server)), talk = dial(sim_usbip_control_port(server));
    assert_int_equal(send(usb, import_request, sizeof import_request, 0), sizeof import_request);
    assert_int_equal(recv(usb, reply, sizeof reply, MSG_WAITALL), sizeof reply);
    assert_memory_equal(reply, "\x01\x11\x00\x03\0\0\0\0", 8);
    assert_int_equal(send(talk, "unplug 1-1\n", 11, 0), 11);
    assert_int_equal(recv(usb, reply, 1, 0), 0); /* the plug is the connection */
    assert_int_equal(recv(talk, answer, 3, MSG_WAITALL), 3);
    assert_string_equal(answer, "ok\n");
    assert_int_equal(send(talk, "quit\n", 5, 0), 5);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close(usb);
    close(talk);
    sim_usbip_free(server);
    usbip_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_list_names_what_is_plugged_in),
        cmocka_unit_test(import_refuses_what_is_absent_or_taken),
        cmocka_unit_test(control_and_bulk_transfers_are_answered),
        cmocka_unit_test(unlink_takes_a_waiting_transfer_back),
        cmocka_unit_test(nonsense_closes_the_connection),
        cmocka_unit_test(commands_answer_ok_or_say_what_is_wrong),
        cmocka_unit_test(bench_refuses_unknown_chips_and_too_many),
        cmocka_unit_test(boards_hang_on_the_interfaces_in_order),
        cmocka_unit_test(server_serves_commands_and_pulls_plugs_over_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
