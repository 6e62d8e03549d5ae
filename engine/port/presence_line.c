/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/presence_line.h"

#include <stddef.h>

static const struct presence_line lines[] = {
    {MODEM_CTS, false}, {MODEM_DSR, false}, {MODEM_RI, false}, {MODEM_DCD, false},
    {MODEM_CTS, true},  {MODEM_DSR, true},  {MODEM_RI, true},  {MODEM_DCD, true},
};

const char *const presence_line_words[] = {"cts",     "dsr",    "ri",      "dcd", "not-cts",
                                           "not-dsr", "not-ri", "not-dcd", NULL};

struct presence_line presence_line_of(int i)
{
    return lines[i];
}

const char *presence_line_word(const struct presence_line *line)
{
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (lines[i].input == line->input && lines[i].inverted == line->inverted)
            return presence_line_words[i];
    }
    return "";
}
