/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a job file: settings within their bounds, or one line that says why not. */
#include "profiles/job/job_file.h"
#include "tests/fuzz/check_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaint c = {0};
    struct job job = {0};
    struct job_file f;

    if (size > JOB_FILE_MAX)
        return 0;
    job_file_defaults(&f, &job, "job.yaml");
    if (job_file_parse(data, size, &f, &c) != 0) {
        check_complaint(&c);
        return 0;
    }
    must(job.board[0] != '\0' && job.name[0] != '\0', "a job without a name");
    must(job.baud >= 9600 && job.retries >= 0 && job.retries <= 5, "a setting out of its bounds");
    must(job.revision_max == 0 || job.revision_min <= job.revision_max, "revisions out of order");
    must(f.count <= JOB_IMAGES_MAX, "too many files");
    for (size_t i = 0; i < f.count; i++) {
        must(f.files[i].offset % SECTOR_SIZE == 0, "an offset off its sector");
        must(!job.released || f.files[i].sha256[0] != '\0', "a released job with an unpinned file");
    }
    return 0;
}
