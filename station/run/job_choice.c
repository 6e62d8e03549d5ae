/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/job_choice.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "station/config/paths.h"
#include "station/print/cmd_fail.h"

/* 0 and `path`, or an exit code after one line. */
static int find(const char *verb, const char *name, char path[static PATH_TEXT])
{
    char places[PATH_TEXT];

    if (path_job(name, path) == 0)
        return 0;
    memcpy(places, path, sizeof places);
    if (access(name, F_OK) == 0 && snprintf(path, PATH_TEXT, "%s", name) < PATH_TEXT)
        return 0;
    return cmd_fail(
        EXIT_INPUT, verb,
        "there is no job '%.60s' in %.1000s, and no such file here; 'flashline job list' shows the jobs",
        name, places);
}

struct job *job_choice_open(const char *verb, const char *name, const struct job_extra *extra, int *exit_code)
{
    struct complaint c = {0};
    struct job *job = NULL;
    char path[PATH_TEXT];

    *exit_code = find(verb, name, path);
    if (*exit_code == 0 && (job = job_open(path, extra, &c)) == NULL)
        *exit_code = cmd_fail(c.code == FAIL_NO_MEMORY ? EXIT_STATION : EXIT_INPUT, verb, "%s", c.text);
    return job;
}
