#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every number that the verbs tell of a database to the SQL of docs/terminology.md, run by the sqlite3 shell.

  numbers_judge.py FLASHLINE DATABASE PAGE production|practice     yield, lots, units, exports, and the end of a run
  numbers_judge.py FLASHLINE DATABASE PAGE screen LOT FILE         a screen that was drawn: its foot and the view of LOT

Exit status: 0 all the same, 1 with a line for each that is not. 77: there is no sqlite3 shell.
"""
import csv
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zoneinfo

flashline, database, page, kind = sys.argv[1:5]
wrong = []
if shutil.which('sqlite3') is None:
    print('skipped: the sqlite3 shell is not installed (script/bootstrap test brings it)')
    sys.exit(77)


def read_page():
    """The views, and of each number its query."""
    text = open(page, encoding='utf-8').read()
    text = text[text.index('\n## Numbers\n'):]
    views, queries, name = [], {}, None
    for head, sql in re.findall(r'^#{3,4} ([^\n]+)$|^```sql\n(.*?)^```$', text, re.M | re.S):
        if head:
            name = head
        elif sql.startswith('CREATE'):
            views.append(sql)
        else:
            queries[name] = sql
    return ''.join(views), queries


VIEWS, QUERIES = read_page()
EXPECTED = ['attempts', 'not passed', 'tries', 'passes after retry', 'unidentified', 'first tries', 'first passes', 'first-pass yield',
            'units', 'units tried', 'good', 'kept back', 'still in work', 'final yield', 'station yield', 'boards an hour',
            'lot good', 'lot units', 'lot attempts', 'lot running', 'unit attempts', 'unit tries', 'unit result']
assert list(QUERIES) == EXPECTED, list(QUERIES)
ALL = "kind <> 'TRAINING'"


def shell(sql):
    run = subprocess.run(['sqlite3', '-readonly', '-batch', database], input=sql, capture_output=True, text=True)
    assert run.returncode == 0 and not run.stderr, run.stderr + sql
    return [line.split('|') for line in run.stdout.splitlines()]


def ask(names, condition):
    """The numbers of the selection that is told by a condition on `attempt`; all in one shell."""
    views = VIEWS.replace("AND kind <> 'TRAINING'; -- practice", f'AND {condition}; -- practice')
    assert views != VIEWS or condition == ALL
    answer = {}
    for line in shell(views + ''.join(f"SELECT '={n}';\n{QUERIES[n]}" for n in names)):
        if line[0].startswith('='):
            name = line[0][1:]
            answer[name] = None
        elif line[0]:
            answer[name] = float(line[0])
    return answer


def ask_lot(lot, training):
    sql = VIEWS + f".parameter set :lot \"'{lot}'\"\n" + ''.join(QUERIES[n] for n in QUERIES if n.startswith('lot '))
    if training:
        sql = sql.replace("kind <> 'TRAINING'", "kind = 'TRAINING'").replace('training = 0', 'training = 1')
    return [int(float(line[0])) for line in shell(sql)]  # good, units, attempts, running


def ask_units(condition):
    views = VIEWS.replace("AND kind <> 'TRAINING'; -- practice", f'AND {condition}; -- practice')
    mac = lambda t: ':'.join(t[i:i + 2] for i in range(0, 12, 2))
    attempts, tries, results = (dict((mac(m), v) for m, v in shell(views + QUERIES[n])) for n in ('unit attempts', 'unit tries', 'unit result'))
    return {m: (results[m], int(attempts[m]), int(tries[m])) for m in attempts}


def verb(*words, zone='UTC', text=False, code=0):
    run = subprocess.run([flashline, *words, '--db', database] + ([] if text else ['--json']), capture_output=True, text=True,
                         env={**os.environ, 'TZ': zone, 'LC_ALL': 'C.UTF-8'}, stdin=subprocess.DEVNULL)
    assert run.returncode == code, f'{words}: {run.returncode} {run.stderr}'
    return run.stdout if text else [json.loads(line) for line in run.stdout.splitlines()]


def same(what, told, defined):
    if told != defined and (told is None or defined is None or abs(told - defined) > 1e-9 * max(1, abs(defined))):
        wrong.append(f'{what}: told {told}, defined {defined}')


KEYS = {'attempts': 'attempts', 'tries': 'tries', 'units': 'units', 'units_tried': 'units tried', 'good': 'good', 'kept_back': 'kept back',
        'first_tries': 'first tries', 'first_passes': 'first passes', 'first_pass_yield': 'first-pass yield', 'final_yield': 'final yield',
        'station_yield': 'station yield', 'boards_per_hour': 'boards an hour'}
PROCESS = ['passes after retry', 'unidentified', 'not passed', 'still in work']


def percent(n, m):
    return '%.1f' % (100.0 * n / m) if m else '-'


def judge_yield(what, options, condition):
    defined = ask(list(KEYS.values()) + PROCESS, condition)
    line = verb('yield', *options)[0]
    for key, name in KEYS.items():
        same(f'yield {what}: {key}', line[key], defined[name])
    same(f'yield {what}: passes_after_retry', line['passes_after_retry'], defined['passes after retry'])
    same(f'yield {what}: unidentified', line['unidentified'], defined['unidentified'])
    same(f'yield {what}: not passed', line['attempts'] - line['results']['PASS'], defined['not passed'])
    text = verb('yield', *options, text=True)
    d = {n: int(v) if v is not None and n not in ('boards an hour',) and not n.endswith('yield') else v for n, v in defined.items()}
    for sentence in [f'First-pass yield  {percent(d["first passes"], d["first tries"])} %  ({d["first passes"]} of {d["first tries"]} units',
                     f'Final yield       {percent(d["good"], d["units tried"])} %  ({d["good"]} of {d["units tried"]} units tried',
                     f'passes of {d["tries"]} tries; {d["passes after retry"]} passed after a retry)',
                     f'{d["unidentified"]} tries on boards that were never identified',
                     f'{d["units"]}: {d["good"]} good, {d["kept back"]} scrapped or in quarantine, {d["still in work"]} still in work'] + \
            ([f'Boards an hour    {d["boards an hour"]:.1f}\n'] if d['boards an hour'] is not None else []):
        if sentence not in text:
            wrong.append(f'yield {what}: the text lacks "{sentence}": {text}')


def judge_parts(by, condition_of, options, base, zone='UTC'):
    told = {p['part']: p for p in verb('yield', '--by', by, *options, zone=zone)}
    total = 0
    for part, p in told.items():
        defined = ask(list(KEYS.values()), f'{base} AND {condition_of(p)}')
        for key, name in KEYS.items():
            same(f'yield --by {by} in {zone}, {part}: {key}', p[key], defined[name])
        total += p['attempts']
        if by in ('day', 'shift'):  # what is told can be given back
            line = verb('yield', '--time', part, *options, zone=zone)[0]
            same(f'yield --time {part} in {zone}', line['attempts'], p['attempts'])
    same(f'yield --by {by}: all parts', total, ask(['attempts'], base)['attempts'])
    rows = verb('yield', '--by', by, *options, zone=zone, text=True).splitlines()[1:]
    same(f'yield --by {by}: rows', len(rows), len(told))
    for row, p in zip(rows, told.values()):
        cells = row.split()[-9:]
        if cells[:5] != [str(p[k]) for k in ('attempts', 'tries', 'passes', 'units', 'good')] or \
                cells[5:8] != [percent(p['first_passes'], p['first_tries']), percent(p['good'], p['units_tried']), percent(p['passes'], p['tries'])]:
            wrong.append(f'yield --by {by}: the table says {row}')
    return told


def text_of(sql_column):
    return "'" + sql_column.replace("'", "''") + "'"


def milliseconds(text):
    return int(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp() * 1000 + 0.5)


def in_time(p):
    return f'opened_ms >= {milliseconds(p["from"])} AND opened_ms < {milliseconds(p["until"])}'


def judge_days(base, options, zone):
    """And the days begin when the zone's own calendar says so."""
    for part, p in judge_parts('day', in_time, options, base, zone).items():
        day = datetime.datetime.fromisoformat(part).replace(tzinfo=zoneinfo.ZoneInfo(zone))
        for key, at in (('from', day), ('until', day + datetime.timedelta(days=1))):
            same(f'{part} in {zone}: {key}', milliseconds(p[key]), int(at.timestamp()) * 1000)


def judge_shifts(base, options, zone, folder):
    config = os.path.join(folder, 'shifts.yaml')
    open(config, 'w').write('shifts: [02:30, 14:00, 22:00]\n')
    judge_parts('shift', in_time, options + ['--config', config], base, zone)


def judge_lots(training):
    words = ['lots', '--all'] + (['--training'] if training else [])
    lines = {line['lot']: line for line in verb(*words)}
    rows = {row.split()[0]: row.split() for row in verb(*words, text=True).splitlines()[1:]}
    for lot in ('L-1', 'L-2'):
        good, units, attempts, running = ask_lot(lot, training)
        line = lines[lot]
        for key, defined in (('good', good), ('units', units), ('attempts', attempts), ('running', running)):
            same(f'lots {lot}, training {training}: {key}', line[key], defined)
        if rows[lot][-5:] != [str(good), '-', str(running), str(units), str(attempts)]:
            wrong.append(f'lots: the table says {rows[lot]}')


def judge_units(base, options, folder):
    defined = ask_units(base)
    told = {u['mac']: (u['result'], u['attempts'], u['tries']) for u in verb('units', *options)}
    same('units: how many', len(told), int(ask(['units'], base)['units']))
    if told != defined:
        wrong.append(f'units: {sorted(set(told.items()) ^ set(defined.items()))}')
    table = verb('units', *options, text=True).splitlines()
    at = {name: table[0].index(f' {name}') + 1 for name in ('RESULT', 'TRIES')}
    for row in table[1:]:
        mac = row.split()[0]
        if row[at['RESULT']:].split()[0] != defined[mac][0] or row[:at['TRIES'] + 5].split()[-1] != str(defined[mac][2]):
            wrong.append(f'units: the table says {row}')
    for form in ('csv', 'jsonl', 'sqlite'):
        for records in ('units', 'attempts'):
            file = os.path.join(folder, f'{records}.{form}')
            report = verb('export', '--format', form, '--records', records, '-o', file, *options)[0]
            same(f'export {form} of {records}: rows', report['rows'], int(ask([records], base)[records]))
            same(f'export {form} of {records}: manifest', json.load(open(file + '.manifest.json'))['rows'], report['rows'])
            judge_file(file, form, records, defined, base)


def judge_file(file, form, records, defined, base):
    if form == 'sqlite':
        rows = [line.split('|') for line in subprocess.run(
            ['sqlite3', '-readonly', file, "SELECT count(*), count(DISTINCT unit_id), sum(result = 'PASS') FROM attempt"],
            capture_output=True, text=True, check=True).stdout.splitlines()]
        asked = ask([records, 'units'], base)
        same(f'{file}: attempts', int(rows[0][0]), asked[records])
        same(f'{file}: units', int(rows[0][1]), asked['units'])
        if records == 'units':
            same(f'{file}: PASS', int(rows[0][2]), sum(r == 'PASS' for r, _, _ in defined.values()))
        return
    rows = list(csv.DictReader(open(file, newline='', encoding='utf-8'))) if form == 'csv' else [json.loads(t) for t in open(file)]
    if records == 'units':
        told = {r['mac']: (r['result'], int(r['attempts']), int(r['tries'])) for r in rows}
        if told != defined:
            wrong.append(f'{file}: {sorted(set(told.items()) ^ set(defined.items()))}')
    else:
        asked = ask(['attempts', 'not passed', 'tries'], base)
        same(f'{file}: attempts', len(rows), asked['attempts'])
        same(f'{file}: not passed', sum(r['result'] != 'PASS' for r in rows), asked['not passed'])


def judge_run(folder):
    """What a run says of itself at its end, in both forms, of boards that pass, fail, stand twice and are kept from starting."""
    sources = os.path.join(os.path.dirname(page), '..')
    archive = os.path.join(folder, 'good.tar.gz')
    subprocess.run(['python3', os.path.join(sources, 'tests/support/firmware_make.py'), archive, 'sound', '24'], check=True,
                   stdout=subprocess.DEVNULL)
    job = os.path.join(folder, 'job.yaml')
    open(job, 'w').write(f'board: WiPy\nchip: esp32\nfirmware:\n  archive: {archive}\nreset: none\nretries: 0\n')
    words = ['run', '--job', job, '--stub', 'no', '--sim', '4', '--sim-time', 'virtual', '--headless', '--lot', 'L-1',
             '--sim-personality', '2=silent']
    for attempt in ('json', 'text'):
        told = verb(*words, text=attempt == 'text', code=3)
        defined = ask(['attempts', 'not passed', 'passes after retry'], 'run_id = (SELECT max(id) FROM run)')
        results = dict(shell("SELECT result, count(*) FROM attempt WHERE run_id = (SELECT max(id) FROM run) AND result <> 'OPEN' GROUP BY 1"))
        if attempt == 'json':
            end = told[-1]
            same('end: boards', end['boards'], defined['attempts'])
            same('end: not passed', end['boards'] - end['PASS'], defined['not passed'])
            same('end: passed_after_retry', end['passed_after_retry'], defined['passes after retry'])
            for result in ('PASS', 'FAIL', 'ERROR', 'HOLD', 'ABORTED', 'INTERRUPTED'):
                same(f'end: {result}', end[result], int(results.get(result, 0)))
        else:
            last = told.splitlines()[-1]
            wanted = f'{int(defined["attempts"])} boards: {results.get("PASS", 0)} PASS, {results.get("ERROR", 0)} '
            if not last.startswith(wanted):
                wrong.append(f'the table at the end says "{last}", defined is "{wanted}"')


def judge_screen(lot, file):
    """Of a drawn screen that shows the view of a lot while practice goes on there."""
    drawn = open(file, encoding='utf-8').read()
    run = ask(['attempts', 'not passed', 'final yield', 'boards an hour'], 'run_id = (SELECT max(id) FROM run)')
    of_lot = ask(list(KEYS.values()), f"lot_id = (SELECT id FROM lot WHERE code = {text_of(lot)})")
    good = ask_lot(lot, True)[0]
    passed = int(run['attempts'] - run['not passed'])
    n = {k: int(v) for k, v in of_lot.items() if k not in ('boards an hour',) and not k.endswith('yield')}
    for sentence in [f'PASS {passed}  not passed {int(run["not passed"])}  busy ', f'yield {100 * run["final yield"]:.1f} %',
                     f'lot {lot}  {good} ',
                     f'first-pass yield  {percent(n["first passes"], n["first tries"])} %  ({n["first passes"]}/{n["first tries"]})',
                     f'final yield       {percent(n["good"], n["units tried"])} %  ({n["good"]}/{n["units tried"]})',
                     f'boards an hour    {of_lot["boards an hour"]:.0f}\n']:
        if sentence not in drawn:
            wrong.append(f'the screen lacks "{sentence}":\n{drawn}')


def judge_production(folder):
    lot = lambda code: f"{ALL} AND lot_id = (SELECT id FROM lot WHERE code = '{code}')"
    judge_yield('of all', [], ALL)
    for code in ('L-1', 'L-2'):
        judge_yield(f'of {code}', ['--lot', code], lot(code))
    judge_yield('of the newest 20', ['--newest', '20'],
                f"id IN (SELECT id FROM attempt WHERE {ALL} AND result <> 'OPEN' ORDER BY id DESC LIMIT 20)")
    judge_parts('slot', lambda p: f'slot = {p["part"]}', [], ALL)
    judge_parts('operator', lambda p: 'operator_id IS NULL' if p['part'] is None else
                f'operator_id = (SELECT id FROM operator WHERE name = {text_of(p["part"])})', [], ALL)
    judge_parts('firmware', lambda p: f'firmware_id = (SELECT id FROM firmware WHERE version = {text_of(p["part"].split()[0])})', [], ALL)
    judge_parts('job', lambda p: f'job_id = (SELECT id FROM job WHERE name = {text_of(p["part"].split()[0])})', [], ALL)
    judge_parts('chip', lambda p: 'unit_id IS NULL' if p['part'] is None else
                f'unit_id IN (SELECT id FROM unit WHERE chip = {text_of(p["part"])})', [], ALL)
    judge_days(ALL, [], 'Europe/Berlin')
    judge_days(lot('L-2'), ['--lot', 'L-2'], 'America/New_York')
    judge_shifts(lot('L-1'), ['--lot', 'L-1'], 'Europe/Berlin', folder)
    judge_lots(False)
    judge_units(ALL, [], folder)


def judge_practice(folder):
    """--training: practice and production together; lots count practice alone."""
    judge_yield('with practice', ['--training'], '1')
    judge_lots(True)
    judge_run(folder)


if kind == 'screen':
    judge_screen(*sys.argv[5:7])
else:
    with tempfile.TemporaryDirectory() as scratch:
        judge_practice(scratch) if kind == 'practice' else judge_production(scratch)
for text in wrong:
    print(text)
sys.exit(1 if wrong else 0)
