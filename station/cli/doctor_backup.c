/* SPDX-License-Identifier: Apache-2.0 */
/* Will there be a copy tomorrow? A folder that cannot be written is found at night otherwise, by nobody. */
#include "station/cli/backup_place.h"
#include "station/cli/doctor.h"
#include "station/config/config.h"
#include "station/config/paths.h"

void doctor_look_backup(struct doctor_report *r, const struct config *config)
{
    const char *folder = config->policy.backup_dir;
    struct backup_trouble trouble;
    char database[PATH_TEXT];

    if (folder[0] == '\0' || path_database(NULL, config->database, database) != 0)
        return;
    if (backup_place_trouble(folder, database, &trouble))
        doctor_add(r, "backup", "", FAILURE_NONE, trouble.remedy, "%s", trouble.words);
    else
        doctor_add(r, "backup", "", FAILURE_NONE, NULL, "the nightly backup can be written to %s", folder);
}
