/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "station/print/outlet.h"

/*
 * Synchronised updates are DEC private mode 2026. terminfo names them by the extension Sync; where an entry is older
 * than that, XT marks what speaks xterm's language, and that passes over private modes it does not know. tmux does too.
 */
static void find_marks(struct frame *f)
{
    char sync_name[] = "Sync", xt_name[] = "XT";
    char *sync = tigetstr(sync_name);

    f->begin[0] = f->end[0] = '\0';
    if (sync != NULL && sync != (char *)-1) {
        snprintf(f->begin, sizeof f->begin, "%s", tiparm(sync, 1));
        snprintf(f->end, sizeof f->end, "%s", tiparm(sync, 2));
    } else if (tigetflag(xt_name) > 0 || strncmp(termname(), "tmux", 4) == 0) {
        snprintf(f->begin, sizeof f->begin, "\033[?2026h");
        snprintf(f->end, sizeof f->end, "\033[?2026l");
    }
}

int frame_open(struct frame *f, int tty)
{
    int fd = fcntl(tty, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

    *f = (struct frame){.memory = -1};
    if (fd < 0)
        return -errno;
    f->out = fdopen(fd, "w");
    f->outlet = f->out != NULL ? outlet_new(tty) : NULL;
    if (f->outlet != NULL)
        return 0;
    int error = errno;
    if (f->out != NULL)
        fclose(f->out);
    else
        close(fd);
    f->out = NULL;
    return -error;
}

void frame_gather(struct frame *f)
{
    find_marks(f);
    f->memory = memfd_create("flashline-frame", MFD_CLOEXEC);
    /* The same description under two numbers: ncurses moves its offset, the length is what was gathered. */
    if (f->memory >= 0 && dup3(f->memory, fileno(f->out), O_CLOEXEC) < 0) {
        close(f->memory);
        f->memory = -1;
    }
}

static char *room(struct frame *f, size_t size)
{
    if (size > f->size) {
        char *more = realloc(f->bytes, size);

        if (more == NULL)
            return NULL;
        f->bytes = more;
        f->size = size;
    }
    return f->bytes;
}

void frame_send(struct frame *f)
{
    size_t begin = strlen(f->begin), end = strlen(f->end);

    if (f->memory < 0)
        return;
    off_t gathered = lseek(f->memory, 0, SEEK_CUR);
    char *p = gathered > 0 ? room(f, begin + (size_t)gathered + end) : NULL;
    if (p != NULL) {
        ssize_t n = pread(f->memory, p + begin, (size_t)gathered, 0);
        if (n > 0) {
            memcpy(p, f->begin, begin);
            memcpy(p + begin + n, f->end, end);
            outlet_put(f->outlet, p, begin + (size_t)n + end);
        }
    }
    lseek(f->memory, 0, SEEK_SET);
}

bool frame_waits(const struct frame *f)
{
    return outlet_waits(f->outlet);
}

void frame_push(struct frame *f)
{
    outlet_push(f->outlet);
}

int frame_fd(const struct frame *f)
{
    return outlet_fd(f->outlet);
}

void frame_close(struct frame *f)
{
    if (f->out != NULL)
        fclose(f->out);
    if (f->memory >= 0)
        close(f->memory);
    free(f->bytes);
    outlet_free(f->outlet);
    *f = (struct frame){.memory = -1};
}
