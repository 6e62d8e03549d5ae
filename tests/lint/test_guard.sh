#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What only a guarded act may do is called from behind the one function that asks (db/desk/work.h), and from nowhere else.
set -euo pipefail
top=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}

# What is done | the files that may do it, each after asking. export_sqlite.c, retention.c and past.c change copies, not the records.
read -r -d '' rules <<'RULES' || true
\<operator_enrol *(|db/desk/operator.c db/desk/work.c
\<operator_set_active *(|db/desk/operator.c db/desk/work.c
\<stop_release *(|db/desk/stop_rule.c db/desk/work.c
\<audit_append *(|db/desk/audit.c db/desk/work.c db/desk/work_role.c db/desk/rules.c db/desk/current_job.c db/care/restore.c
\<work_use_up_pin *(|db/desk/work.c db/desk/work_role.c
\<operator_by_pin *(|db/desk/operator.c db/desk/work_role.c
\<work_ask *(|db/desk/work.c db/desk/work_role.c
\<work_check_role *(|db/desk/work_role.c db/care/restore.c
\(INSERT\|UPDATE\|DELETE\)[A-Z ]* operator\>|db/desk/operator.c db/record/recorder_open.c db/read/export_sqlite.c db/care/retention.c
\(INSERT\|UPDATE\|DELETE\)[A-Z ]* lot\>|db/desk/work.c db/record/recorder_open.c
\(INSERT\|UPDATE\|DELETE\)[A-Z ]* correction\>|db/desk/work.c db/care/retention.c db/read/export_sqlite.c db/read/past.c
\(INSERT\|UPDATE\|DELETE\)[A-Z ]* stop_release\>|db/desk/stop_rule.c db/care/retention.c
\(INSERT\|UPDATE\|DELETE\)[A-Z ]* audit\>|db/desk/audit.c db/care/retention.c
\<work_do *(|db/desk/work.c station/work/work_client.c station/work/control.c station/run/run_choice.c station/run/run_work.c station/run/run_role.c station/cli/archive_records.c station/cli/unit_identity.c station/cli/pycom_cb.c
\<identity_restore *(|engine/board/identity_restore.c station/cli/unit_identity.c
\<identity_edit *(|engine/board/identity_edit.c engine/board/identity_restore.c station/cli/pycom_cb.c
\<retention_archive *(|db/care/retention.c station/cli/archive_records.c
\<restore_database *(|db/care/restore.c station/cli/restore_records.c
\<job_release_save *(|profiles/job/job_release.c station/cli/cmd_job.c
\<config_edit_save *(|station/config/config_edit.c station/cli/cmd_slots.c station/cli/slots_learn.c station/cli/cmd_setup.c
\<slots_learn_run *(|station/cli/slots_learn.c station/cli/cmd_slots.c station/cli/setup_answers.c
\<engine_enable *(|engine/slot/engine.c station/run/run_work.c
\<run_slots_enable *(|station/run/run_slots.c station/run/run_work.c
\<db_recorder_set_rework *(|db/record/db_recorder.c station/run/run_role.c
\<run_check_role *(|station/run/run_role.c station/run/run.c
\<pin_ask *(|station/work/work_client.c
RULES

# In these the asking stands in the same file: the act, and the call that asks for its leave.
read -r -d '' asks <<'ASKS' || true
station/cli/archive_records.c|retention_archive|work_ask_leave
station/cli/restore_records.c|restore_database|work_ask_leave
station/cli/cmd_job.c|job_release_save|work_request
station/cli/cmd_slots.c|config_edit_save|work_request
station/cli/cmd_slots.c|slots_learn_run|work_request
station/cli/cmd_setup.c|config_edit_save|work_request
station/cli/setup_answers.c|slots_learn_run|.unsaved = true
station/run/run_work.c|engine_enable|put(w
station/run/run_role.c|db_recorder_set_rework|pass_lock
station/cli/unit_identity.c|identity_restore|work_ask_leave
station/cli/pycom_cb.c|identity_edit|work_ask_leave
station/run/run.c|engine_new|run_check_role
db/desk/work.c|operator_enrol|work_ask
db/care/restore.c|audit_append|work_check_role
ASKS

# check DIR: what is done where it may not be, in a tree; a leading "*" names a rule that guards nothing.
check() {
    local what files found
    while IFS='|' read -r what files; do
        # "\|" within a pattern is not the end of it
        while [[ $what == *\\ ]]; do what="$what|${files%%|*}"; files=${files#*|}; done
        found=$(cd "$1" && grep -rl --include='*.c' -e "$what" db engine profiles sim station 2>/dev/null | sort || true)
        [ -n "$found" ] || echo "* $what stands nowhere"
        for file in $found; do
            case " $files " in
            *" $file "*) ;;
            *) echo "$file: $what" ;;
            esac
        done
    done <<<"$rules"
    while IFS='|' read -r file what ask; do
        ! grep -q "\<$what *(" "$1/$file" 2>/dev/null || grep -qF "$ask" "$1/$file" || echo "$file: $what without $ask"
    done <<<"$asks"
}

# First the rules: each line below is a small file, and whether it must be caught.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
bad=0
while IFS='|' read -r verdict file text; do
    rm -rf "${planted:?}"/*
    mkdir -p "$planted/$(dirname "$file")"
    printf '%s\n' "$text" >"$planted/$file"
    found=$(check "$planted" | grep -v '^\*' || true)
    if [ "$verdict" = bad ] && [ -z "$found" ]; then echo "rules miss: $file: $text"; bad=1; fi
    if [ "$verdict" = ok ] && [ -n "$found" ]; then echo "rules refuse wrongly: $found"; bad=1; fi
done <<'LIST'
bad|station/cli/cmd_lots.c|    work_do(db, &call, NULL, &f);
bad|station/cli/cmd_x.c|    rc = retention_archive(db, before_ms, output, &r, &f);
bad|station/cli/archive_records.c|    rc = retention_archive(db, before_ms, output, &r, &f);
bad|station/cli/cmd_x.c|    if (restore_database (&call, &report, &f) == 0)
bad|station/screen/dashboard_keys.c|    engine_enable(d->engine, slot, false);
bad|station/cli/cmd_x.c|    config_edit_save(e, &why);
bad|db/desk/lot.c|    return sql_run(db->h, "UPDATE lot SET planned = ?", "l", n);
bad|db/desk/lot.c|    return sql_run(db->h, "INSERT OR IGNORE INTO operator(name) VALUES (?)", "t", n);
bad|db/desk/rules.c|    "INSERT INTO audit(id) VALUES (1)"
bad|db/care/retention.c|    work_check_role(db, &call, &actor, f);
bad|station/run/run_work.c|    engine_enable(w->run->engine, slot, on);
bad|station/cli/cmd_flash.c|    pin_ask("FLASHLINE_PIN", "PIN", pin);
ok|station/run/run_work.c|    answer = put(w, &call, r); engine_enable(w->run->engine, slot, on);
ok|db/desk/lot.c|    "INSERT INTO lot_good(lot_id) VALUES (1)"
ok|station/cli/cmd_x.c|    my_work_do(1);
LIST

found=$(check "$top")
[ -z "$found" ] || { echo "not behind the function that asks (db/desk/work.h):"; echo "$found"; bad=1; }
exit $bad
