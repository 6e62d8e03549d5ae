/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/version.h"

#include <stdio.h>
#include <string.h>

#include <archive.h>
#include <curses.h>
#include <jansson.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <yaml.h>
#include <zlib.h>

#include "db/open/db.h"
#include "engine/port/ftdi/usb_library.h"
#include "station/print/exit_code.h"
#include "station/print/json.h"

/* A build says which commit it is of, and which languages were made with it, by CMake. */
#ifndef FLASHLINE_COMMIT
#define FLASHLINE_COMMIT ""
#endif
#ifndef FLASHLINE_I18N
#define FLASHLINE_I18N 0
#endif

/* "libarchive 3.6.2" and "ncurses 6.4.20221231": the number alone. */
static const char *number_of(const char *text)
{
    return text + strcspn(text, "0123456789");
}

/* As they are loaded, where a library tells. */
static json_t *libraries(void)
{
    json_t *o = json_object();
    char usb[USB_LIBRARY_TEXT];

    usb_library_libusb(usb);
    json_put_text(o, "sqlite", db_library());
    json_put_text(o, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
    json_put_text(o, "libusb", usb);
    json_put_text(o, "libftdi", usb_library_libftdi());
    json_put_text(o, "ncurses", number_of(curses_version()));
    json_put_text(o, "libyaml", yaml_get_version_string());
    json_put_text(o, "jansson", jansson_version_str());
    json_put_text(o, "libarchive", number_of(archive_version_string()));
    json_put_text(o, "libdeflate", LIBDEFLATE_VERSION_STRING);
    json_put_text(o, "zlib", zlibVersion());
    return o;
}

static json_t *features(void)
{
    json_t *list = json_array();

    if (FLASHLINE_I18N)
        json_array_append_new(list, json_string("i18n"));
    if (usb_library_has_hotplug())
        json_array_append_new(list, json_string("usb-hotplug"));
    json_array_append_new(list, json_string("virtual-boards"));
    return list;
}

int version_print(bool json)
{
    if (!json) {
        puts("flashline " FLASHLINE_VERSION);
        return EXIT_ALL_PASS;
    }
    json_t *o = json_line_new("version");
    json_put_text(o, "version", FLASHLINE_VERSION);
    json_put_text(o, "commit", FLASHLINE_COMMIT[0] != '\0' ? FLASHLINE_COMMIT : NULL);
    json_put_int(o, "schema", db_format());
    json_put_int(o, "json", JSON_LINE_VERSION);
    if (o != NULL) {
        json_object_set_new(o, "features", features());
        json_object_set_new(o, "libraries", libraries());
    }
    return json_line_write(stdout, o) == 0 ? EXIT_ALL_PASS : EXIT_STATION;
}
