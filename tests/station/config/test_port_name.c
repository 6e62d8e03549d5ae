/* SPDX-License-Identifier: Apache-2.0 */
/* What people call a port, and the sentence that each of these gets at every door. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "station/config/paths.h"
#include "station/config/port_name.h"

static void a_port_of_ours_is_taken_as_it_stands(void **state)
{
    static const char *const good[] = {
        "ftdi:1-4.2:B",     "ftdi:1-2",
        "tty:/dev/ttyUSB0", "tty:/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0",
        "tty:/dev/pts/3",   "tty:/home/u/tty.link"};
    char fault[PORT_NAME_FAULT];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(port_name_read(good[i], fault), PORT_NAME_GOOD);
        assert_string_equal(fault, "");
    }
}

static void what_is_meant_is_said(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"COM3", "is a name of Windows; "},
        {"com12:", "is a name of Windows; "},
        {"\\\\.\\COM10", "is a name of Windows; "},
        {"tty:COM3", "is no port of Linux; "},
        {"/dev/tty.usbserial-0001", "is a name of macOS; "},
        {"cu.SLAB_USBtoUART", "is a name of macOS; "},
        {"auto", "names no port; "},
        {"ANY", "names no port; "},
        {"ttyUSB0", "write tty:/dev/ttyUSB0"},
        {"dev/ttyACM1", "write tty:/dev/ttyACM1"},
        {"/dev/ttyUSB0", "write tty:/dev/ttyUSB0"},
        {"serial:/dev/ttyUSB0", "write tty:/dev/ttyUSB0"},
        {"file:///dev/ttyUSB0", "write tty:/dev/ttyUSB0"},
        {"tty:ttyUSB0", "write tty:/dev/ttyUSB0"},
        {"tty:dev/ttyUSB0", "write tty:/dev/ttyUSB0"},
        {"tty:usb0", "needs the device's whole path, like tty:/dev/ttyUSB0"},
        {"tty:", "needs the device's whole path"},
        {"TTY:/dev/ttyUSB0", "is written in small letters: tty:/dev/ttyUSB0"},
        {"FTDI:1-2:A", "is written in small letters: ftdi:1-2:A"},
        {"1-4.2:B", "write ftdi:1-4.2:B"},
        {"ftdi:A50285BI", "is not a USB place; "},
        {"ftdi://ftdi:232h/1", "is not a USB place; "},
        {"rfc2217://host:4000", "is a port on the network; "},
        {"socket://host:1", "is a port on the network; "},
        {"sim:1", "use --sim"},
        {"usb:1-2", "does not say what kind it is; write ftdi:1-4.2:B or tty:/dev/ttyUSB0"},
        {"/home/u/port", "does not say what kind it is; "},
    };
    char fault[PORT_NAME_FAULT];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (port_name_read(rows[i].text, fault) != PORT_NAME_MEANT || strstr(fault, rows[i].says) == NULL)
            fail_msg("'%s' %s; not: %s", rows[i].text, fault, rows[i].says);
    }
}

static void a_slots_label_is_no_port(void **state)
{
    static const char *const labels[] = {"left", "3", "rear left", "com", "COMfort", "autos", "A", "1.2", ""};
    char fault[PORT_NAME_FAULT];

    (void)state;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        assert_int_equal(port_name_read(labels[i], fault), PORT_NAME_OTHER);
        assert_non_null(strstr(fault, "write ftdi:1-4.2:B or tty:/dev/ttyUSB0"));
    }
}

static void a_sentence_fits_whatever_it_is_about(void **state)
{
    char text[2000], fault[PORT_NAME_FAULT];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text, "tty:dev/tty", 11);
    assert_int_equal(port_name_read(text, fault), PORT_NAME_MEANT);
    assert_true(strlen(fault) < sizeof fault);
}

/* The forms of URLs: RFC 8089 (file), SQLite's "URI Filenames", SQLAlchemy's engine URLs. */
static void a_url_is_no_path_and_the_path_in_it_is_said(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"file:x.db", "write the path alone, x.db"},
        {"file:/var/lib/x.db", "write the path alone, /var/lib/x.db"},
        {"file:///var/lib/x.db", "write the path alone, /var/lib/x.db"},
        {"file:x.db?mode=ro", "write the path alone, x.db"},
        {"FILE:x.db", "write the path alone, x.db"},
        {"sqlite:x.db", "write the path alone, x.db"},
        {"sqlite:///x.db", "write the path alone, x.db"},
        {"sqlite:////var/x.db", "write the path alone, /var/x.db"},
        {"sqlite3:///x.db", "write the path alone, x.db"},
        {"postgres://u@host/db", "is not on this machine: write the path of a file here"},
        {"postgresql+psycopg2://host/db", "is not on this machine"},
        {"mysql://host/db", "is not on this machine"},
        {"https://host/x.db", "is not on this machine"},
        {":memory:", "keeps nothing: write the path of a file"},
        {"file::memory:?cache=shared", "keeps nothing"},
        {"C:\\x.db", "is a path of Windows: write that of a file here"},
        {"d:/x.db", "is a path of Windows"},
        {"\\\\host\\share\\x.db", "is a path of Windows"},
    };
    static const char *const paths[] = {"x.db", "/var/lib/x.db", "./file:x.db", "files/x.db", "files",
                                        "a:b",  "./C:/x.db",     "a\\b.db",     ":x",         "C"};
    char fault[PATH_FAULT];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!path_is_other(rows[i].text, fault) || strstr(fault, rows[i].says) == NULL)
            fail_msg("'%s' %s; not: %s", rows[i].text, fault, rows[i].says);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_false(path_is_other(paths[i], fault));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_of_ours_is_taken_as_it_stands),
        cmocka_unit_test(what_is_meant_is_said),
        cmocka_unit_test(a_slots_label_is_no_port),
        cmocka_unit_test(a_sentence_fits_whatever_it_is_about),
        cmocka_unit_test(a_url_is_no_path_and_the_path_in_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
