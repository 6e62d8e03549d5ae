/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/pycom/pycom_model.h"

#include <ctype.h>

#define LORA   PYCOM_RADIO_LORA
#define SIGFOX PYCOM_RADIO_SIGFOX
#define LTE    PYCOM_RADIO_LTE

/* A board's own name stands before those of its generations: "WiPy" is any of them. */
static const struct pycom_model models[] = {
    {"WiPy", "WiPy", {NULL}, 0, true, true},
    {"WiPy 2.0", "WiPy", {"WiPy 2", NULL}, 0, true, false},
    {"WiPy 3.0", "WiPy", {"WiPy 3", NULL}, 0, false, true},
    {"W01", "WiPy", {"WiPy W01", NULL}, 0, false, true},
    {"LoPy", "LoPy", {"LoPy 1.0", "LoPy 1", NULL}, LORA, true, true},
    {"L01", "LoPy", {"LoPy L01", NULL}, LORA, true, true},
    {"LoPy4", "LoPy4", {"LoPy 4.0", NULL}, LORA | SIGFOX, false, true},
    {"L04", "LoPy4", {"LoPy4 L04", NULL}, LORA | SIGFOX, false, true},
    {"SiPy", "SiPy", {"SiPy 1.0", "SiPy 14", "SiPy 22", NULL}, SIGFOX, true, false},
    {"GPy", "GPy", {"GPy 1.0", NULL}, LTE, false, true},
    {"G01", "GPy", {"GPy G01", NULL}, LTE, false, true},
    {"FiPy", "FiPy", {"FiPy 1.0", NULL}, LORA | SIGFOX | LTE, false, true},
};

static bool is_same(const char *a, const char *b)
{
    for (;;) {
        while (*a == ' ')
            a++;
        while (*b == ' ')
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (*a == '\0')
            return true;
        a++;
        b++;
    }
}

static bool is_called(const struct pycom_model *m, const char *name)
{
    for (size_t i = 0; m->also[i] != NULL; i++)
        if (is_same(m->also[i], name))
            return true;
    return is_same(m->name, name);
}

const struct pycom_model *pycom_model_find(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (is_called(&models[i], name))
            return &models[i];
    return NULL;
}
