/* SPDX-License-Identifier: Apache-2.0 */
#include "station/work/control_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/clock.h"

int64_t control_now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

void control_client_open(struct control_client *client, int fd, int64_t until_ms)
{
    client->fd = fd;
    client->until_ms = until_ms;
    client->length = client->said = 0;
    client->answer = NULL;
}

void control_client_release(struct control_client *client)
{
    OPENSSL_cleanse(client->line, sizeof client->line);
    free(client->answer);
    client->answer = NULL;
    client->fd = -1;
}

void control_client_close(struct control_client *client)
{
    if (client->fd < 0)
        return;
    close(client->fd);
    control_client_release(client);
}
int control_client_read(struct control_client *client)
{
    size_t room = sizeof client->line - 1 - client->length;
    ssize_t n = recv(client->fd, client->line + client->length, room, 0);

    if (n < 0)
        return errno == EINTR ? -EAGAIN : -errno;
    if (n == 0)
        return -EPIPE;
    client->length += (size_t)n;
    client->line[client->length] = '\0';
    if (memchr(client->line, '\n', client->length) != NULL)
        return 0;
    return client->length == sizeof client->line - 1 ? -EMSGSIZE : -EAGAIN;
}

int control_client_say(struct control_client *client, char *text)
{
    if (text != NULL)
        client->answer = text;
    size_t length = strlen(client->answer);
    while (client->said < length) {
        ssize_t n = send(client->fd, client->answer + client->said, length - client->said, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return -errno;
        client->said += n > 0 ? (size_t)n : 0;
    }
    return 0;
}
