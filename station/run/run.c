/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/waker.h"
#include "db/desk/duty.h"
#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/transport_tty.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "sim/board/sim_tray.h"
#include "station/print/cmd_fail.h"
#include "station/print/system_journal.h"
#include "station/print/lines.h"
#include "station/print/prose.h"
#include "station/print/signals.h"
#include "station/run/far_desk.h"
#include "station/run/gallery.h"
#include "station/run/headless.h"
#include "station/run/run_news.h"
#include "station/run/job_choice.h"
#include "station/run/run_backup.h"
#include "station/run/run_choice.h"
#include "station/run/run_private.h"
#include "station/run/run_rates.h"
#include "station/run/run_review.h"
#include "station/run/run_scan.h"
#include "station/run/run_screen.h"
#include "station/run/run_unit.h"
#include "station/run/run_words.h"
#include "station/run/run_work.h"
#include "station/run/serials_file.h"
#include "station/run/service.h"
#include "station/work/control.h"
#include "station/work/own_files.h"

#define PATIENCE_MS 2000 /* with a reader that takes nothing, once somebody asked for the end */

static int refuse(const struct run *run, enum exit_code code, const struct complaint *c)
{
    return cmd_fail(code, run->options.verb, "%s", c->text);
}

static int find_job(struct run *run)
{
    const struct run_options *o = &run->options;
    const struct job_extra extra = {.firmware = o->firmware, .region = o->region};
    int code;

    if (o->job == NULL)
        return cmd_fail(EXIT_USAGE, o->verb,
                        "--job is missing: name a job (wipy), its file (./job.yaml) or a firmware");
    run->job = job_choice_open(o->verb, o->job, &extra, &code);
    if (run->job == NULL)
        return code;
    for (size_t i = 0; i < run->job->warning_count; i++)
        prose_print(stderr, 2, "flashline %s: note: %s\n", run->options.verb, run->job->warnings[i]);
    return 0;
}

/*
 * No stub is no failure: the ROM loader can do everything, slower. The note tells, on screen and in the record. A job that
 * wants none is obeyed board by board: the next job chosen on the screen may want it.
 */
static int find_stubs(struct run *run)
{
    char why[STUB_LIST_WHY];

    stub_list_free(&run->stubs);
    if (stub_list_load(run->options.stub, run->job->chip, &run->stubs, why) < 0)
        return cmd_fail(EXIT_INPUT, run->options.verb, "%s%s", run->options.stub != NULL ? "--stub: " : "",
                        why);
    snprintf(run->stub_note, sizeof run->stub_note, "%s",
             run->stubs.count > 0        ? ""
             : run->options.stub != NULL ? "--stub says no stub"
                                         : "no stub file ('flashline stub' tells where it belongs)");
    run->lacks_stub = run->stubs.count == 0 && run->options.stub == NULL && run->options.sim == 0 &&
                      run->job->stub != STUB_NO;
    return 0;
}

static int make_boards(struct run *run)
{
    const struct run_options *o = &run->options;
    char why[SIM_TRAY_ERROR] = "";
    const struct sim_tray_config config = {.count = (int)o->sim,
                                           .chips = o->sim_chip,
                                           .flash_size = (uint32_t)o->sim_flash_size << 20,
                                           .revision = (int)o->sim_revision,
                                           .seed = (uint64_t)o->sim_seed,
                                           .fault_rate = o->sim_fault_rate,
                                           .personalities = o->sim_personality};
    int n = 0;

    int no_place = o->sim_dump != NULL ? sim_tray_dump_place(o->sim_dump) : 0;
    if (no_place != 0)
        return cmd_fail(EXIT_USAGE, o->verb, "--sim-dump: %s: %s", o->sim_dump, errno_text(-no_place));
    for (int i = 1; i <= (int)o->sim && o->sim_dump != NULL; i++) {
        char path[PATH_TEXT];
        snprintf(path, sizeof path, "%.4000s/slot-%d.bin", o->sim_dump, i);
        int code = own_files_check(o->verb, &o->common, path);
        if (code != 0)
            return code;
    }
    if (o->sim > 0) {
        run->tray = sim_tray_new(&config, why);
        if (run->tray == NULL)
            return cmd_fail(EXIT_USAGE, o->verb, "virtual boards: %s", why);
        run->bindings[n++] = (struct transport_binding){.driver = &sim_driver, .ctx = run->tray};
    }
    run->bindings[n++] = (struct transport_binding){.driver = &ftdi_driver};
    run->bindings[n++] = (struct transport_binding){.driver = &tty_driver};
    return 0;
}

static int make_engine(struct run *run)
{
    struct failure f = {0};

    run_rates_remember(&run->slots, run->db, run->job, run->training);
    const struct engine_config config = {.job = run->job,
                                         .stub = stub_list_first(&run->stubs),
                                         .stub_note = run->stub_note,
                                         .recorder = db_recorder_face(run->recorder),
                                         .bindings = run->bindings,
                                         .slots = run->slots.slots,
                                         .slot_count = run->slots.count,
                                         .once = run->options.once || run->options.sim > 0,
                                         .asks = run_has_screen(run),
                                         .count = run->options.count,
                                         .kind = run->training ? ATTEMPT_TRAINING : ATTEMPT_PRODUCTION,
                                         .compose = run_unit_compose,
                                         .compose_ctx = run};
    int code = run_note_job(run);

    if (code != 0)
        return code;
    run->job->write_all |= run->options.write_all;
    struct engine *engine = engine_new(&config, &f);
    pthread_mutex_lock(&run->engine_lock);
    run->engine = engine;
    pthread_mutex_unlock(&run->engine_lock);
    if (engine == NULL)
        return cmd_failure(EXIT_STATION, run->options.verb, &f);
    if (run->tally == NULL)
        run->tally = tally_new(config.once || config.count > 0);
    if (run->tally == NULL)
        return cmd_fail(EXIT_STATION, run->options.verb, "out of memory");
    return 0;
}

/* Before the first thread: threads inherit what is blocked. */
static int block_signals(struct run *run)
{
    run->signal_fd = signals_open(true);
    if (run->signal_fd < 0)
        return cmd_fail(EXIT_STATION, run->options.verb, "signals: %s", errno_text(-run->signal_fd));
    return 0;
}

static int read_serials(struct run *run)
{
    struct complaint c = {0};
    int numbers[RUN_SIM_MAX];

    if (run->options.serials == NULL)
        return 0;
    for (int i = 0; i < run->slots.count; i++)
        numbers[i] = run->slots.slots[i].number;
    const struct serials_for here = {numbers, run->slots.count, run_scan_serial, run};
    run->serials_file = serials_file_read(run->options.serials, &here, &c);
    return run->serials_file != NULL ? 0 : refuse(run, EXIT_INPUT, &c);
}

static int read_config(struct run *run)
{
    struct complaint c = {0};

    run->config = config_load(run->options.common.config, &c);
    return run->config != NULL ? 0 : refuse(run, EXIT_INPUT, &c);
}

struct run *run_open(const struct run_options *options, struct job *job, int *exit_code)
{
    struct run *run = calloc(1, sizeof *run);

    if (run == NULL) {
        job_free(job);
        *exit_code = cmd_fail(EXIT_STATION, options->verb, "out of memory");
        return NULL;
    }
    run->options = *options;
    run->job = job;
    run->training = options->sim > 0 || options->training;
    run->signal_fd = -1;
    run->started_ms = clock_wall_ms();
    run->service = service_new(); /* before anything is started that could speak for us */
    pthread_mutex_init(&run->engine_lock, NULL);
    pthread_mutex_init(&run->choice_lock, NULL);
    run->chosen = waker_new();
    if ((*exit_code = read_config(run)) != 0 || (*exit_code = run_check_names(run)) != 0 ||
        (*exit_code = run->job == NULL ? find_job(run) : 0) != 0 ||
        (*exit_code = run_slots_choose(&run->slots, &run->options, run->config)) != 0 ||
        (*exit_code = find_stubs(run)) != 0 || (*exit_code = make_boards(run)) != 0 ||
        (*exit_code = block_signals(run)) != 0 || (*exit_code = run_open_records(run)) != 0 ||
        (*exit_code = read_serials(run)) != 0 || (*exit_code = run_check_duty(run)) != 0 ||
        (*exit_code = run_check_role(run)) != 0 || (*exit_code = run_take_lot(run)) != 0 ||
        (*exit_code = make_engine(run)) != 0) {
        run_close(run);
        return NULL;
    }
    run_choice_open(run);
    return run;
}

static int dump_boards(const struct run *run)
{
    if (run->tray == NULL || run->options.sim_dump == NULL)
        return 0;
    int error = sim_tray_dump(run->tray, run->options.sim_dump);
    if (error == 0)
        return 0;
    return cmd_fail(EXIT_STATION, run->options.verb, "--sim-dump: %s: %s", run->options.sim_dump,
                    errno_text(-error));
}

/* Until every slot has ended. True: start again, with the job that was chosen meanwhile. */
static bool watch(struct run *run, struct lines *lines, struct system_journal *journal)
{
    const struct duty_names who = duty_now(db_recorder_duty(run->recorder));
    const struct headless h = {.engine = run->engine,
                               .tally = run->tally,
                               .job = run->job,
                               .lot = who.lot,
                               .operator_id = who.operator_id,
                               .station_id = run->config->station_id,
                               .database = run->database,
                               .run = run,
                               .chosen = run->chosen,
                               .recorder = run->recorder,
                               .db = run->db,
                               .service = run->service,
                               .json = run->options.common.json,
                               .training = run->training,
                               .signal_fd = run->signal_fd,
                               .lines = lines,
                               .journal = journal};
    enum run_screen_end end = run_has_screen(run) ? run_screen_show(run) : RUN_SCREEN_NONE;

    bool again = end == RUN_SCREEN_NONE ? headless_run(&h) : run_goes_on(run, end == RUN_SCREEN_RESTART);
    engine_join(run->engine);
    return again;
}

static int take_up(struct run *run)
{
    bool other_chip = strcmp(run->job->chip, run->next_job->chip) != 0;
    struct engine *old = run->engine;
    int code = 0;

    pthread_mutex_lock(&run->engine_lock);
    run->engine = NULL;
    pthread_mutex_unlock(&run->engine_lock);
    engine_free(old);
    job_free(run->job);
    run->job = run->next_job;
    run->next_job = NULL;
    if (run->next_lot[0] != '\0')
        duty_set_lot(db_recorder_duty(run->recorder), run->next_lot);
    run->next_lot[0] = '\0';
    run_apply_rules(run);
    if (other_chip)
        code = find_stubs(run);
    return code == 0 ? make_engine(run) : code;
}

/* One more choice: nobody chooses beside it. */
static int change_job(struct run *run)
{
    pthread_mutex_lock(&run->choice_lock);
    int code = take_up(run);
    pthread_mutex_unlock(&run->choice_lock);
    return code;
}

/*
 * The last words reach whoever reads them. Who was asked to end does not wait for a reader that takes nothing; any
 * signal ends the wait.
 */
static int say_last(struct run *run, struct lines *lines, int code)
{
    struct pollfd stderr_ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    int error = lines_push(lines);
    long lost = lines_finish(lines, run->signal_fd, tally_was_drained(run->tally) ? PATIENCE_MS : -1);

    error = error != 0 ? error : lines_push(lines);
    if (error != 0 && error != -EPIPE && code == EXIT_ALL_PASS)
        return cmd_fail(EXIT_STATION, run->options.verb,
                        "the output could not be written: %s; what it should have said is lost",
                        errno_text(-error));
    if (lost == 0 || error != 0)
        return code;
    if (poll(&stderr_ready, 1, 0) == 1) /* it may be the same terminal, stopped */
        cmd_fail(EXIT_INTERRUPTED, run->options.verb,
                 "%ld lines of the output were not read; the records have what they said", lost);
    return code == EXIT_USAGE || code == EXIT_INPUT ? code : EXIT_INTERRUPTED;
}

static int work(struct run *run, struct lines *lines, struct system_journal *journal)
{
    struct failure f = {0};
    bool again = true;
    int error = 0;

    while (error == 0 && again) {
        if (engine_start(run->engine, &f) != 0)
            return cmd_failure(EXIT_STATION, run->options.verb, &f);
        service_ready(run->service);
        again = watch(run, lines, journal);
        error = again ? change_job(run) : 0;
    }
    service_stopping(run->service);
    if (error == 0)
        error = dump_boards(run);
    if (!run->options.common.json)
        tally_print(run->tally, run->job->firmware_version, lines_stream(lines));
    return error != 0 ? error : (int)tally_exit_code(run->tally);
}

int run_tray(struct run *run)
{
    struct lines *lines = lines_new(STDOUT_FILENO, run->options.common.json, LINES_ROOM);
    char why[RUN_WORDS_STUB];

    if (lines == NULL)
        return cmd_fail(EXIT_STATION, run->options.verb, "out of memory");
    if (!run_has_screen(run) && run_words_no_stub(run, why))
        prose_print(stderr, 2, "flashline %s: note: %s\n", run->options.verb, why);
    struct system_journal *journal = run->options.common.json ? NULL : system_journal_new(STDOUT_FILENO);
    int code = work(run, lines, journal);
    far_desk_close(run->far_desk);
    run_news_end(run);
    code = say_last(run, lines, code);
    system_journal_free(journal);
    lines_free(lines);
    return code;
}

void run_close(struct run *run)
{
    struct failure f = {0};

    if (run == NULL)
        return;
    far_desk_close(run->far_desk); /* the control thread may wait for us there */
    control_free(run->control);    /* it reaches for the engine */
    gallery_free(run->gallery);    /* and so does this one */
    far_desk_free(run->far_desk);
    engine_free(run->engine);
    tally_free(run->tally);
    run_work_free(run->work);
    run_review_free(run->review);
    if (run_backup_free(run->backup, &f) != 0)
        cmd_fail(EXIT_STATION, run->options.verb, "the nightly backup failed: %s", f.detail);
    db_recorder_free(run->recorder);
    db_close(run->db);
    sim_tray_free(run->tray);
    stub_list_free(&run->stubs);
    job_free(run->job);
    job_free(run->next_job);
    serials_file_free(run->serials_file);
    config_free(run->config);
    service_free(run->service);
    waker_free(run->chosen);
    if (run->signal_fd >= 0)
        close(run->signal_fd);
    free(run);
}
