/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/duty.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct duty {
    pthread_mutex_t lock; /* what follows */
    char operator_id[DUTY_NAME_SIZE], lot[DUTY_NAME_SIZE];
};

struct duty *duty_new(void)
{
    struct duty *d = calloc(1, sizeof *d);

    if (d != NULL)
        pthread_mutex_init(&d->lock, NULL);
    return d;
}

void duty_free(struct duty *d)
{
    if (d == NULL)
        return;
    pthread_mutex_destroy(&d->lock);
    free(d);
}

static int set(struct duty *d, char *name, const char *text)
{
    text = text != NULL ? text : "";
    if (text[0] != '\0' && plain_name_trouble(text) != NULL)
        return -EINVAL;
    pthread_mutex_lock(&d->lock);
    snprintf(name, DUTY_NAME_SIZE, "%s", text);
    pthread_mutex_unlock(&d->lock);
    return 0;
}

int duty_set_operator(struct duty *d, const char *name)
{
    return set(d, d->operator_id, name);
}

int duty_set_lot(struct duty *d, const char *lot)
{
    return set(d, d->lot, lot);
}

struct duty_names duty_now(struct duty *d)
{
    struct duty_names now;

    pthread_mutex_lock(&d->lock);
    snprintf(now.operator_id, sizeof now.operator_id, "%s", d->operator_id);
    snprintf(now.lot, sizeof now.lot, "%s", d->lot);
    pthread_mutex_unlock(&d->lock);
    return now;
}
