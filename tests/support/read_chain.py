#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""read_chain.py DATABASE: the three chains read after docs/database.md, with nothing of ours but that page.

Prints their ends, one a line; what does not fit is one line on stderr and exit status 1.
"""
import hashlib
import sqlite3
import sys

ATTEMPT = """SELECT a.id id, a.uuid uuid, a.kind kind, r.uuid run, r.version version, r.tz_min tz_min, a.slot slot, a.port port,
 a.adapter_serial adapter_serial, j.name job, j.sha256 job_sha256, f.source firmware_source, f.version firmware_version,
 f.sha256 firmware_sha256, l.code lot, o.name operator, a.serial serial, a.opened_ms opened_ms, a.opened_mono_us opened_mono_us,
 a.result result, a.closed_ms closed_ms, a.closed_mono_us closed_mono_us, a.duration_us duration_us, u.mac mac, a.try_no try_no,
 a.code code, a.stage stage, a.blame blame, a.sys sys, a.detail detail, a.retries retries, a.baud baud, a.used_stub used_stub,
 a.stub_note stub_note, a.bytes_written bytes_written, a.bytes_wire bytes_wire, a.stage_ms stage_ms, a.overrun overrun,
 a.parity parity, a.framing framing, a.stub_sha256 stub_sha256, a.chip_resets chip_resets, a.identity_left_md5 identity_left_md5{later}
 FROM attempt a JOIN run r ON r.id = a.run_id JOIN job j ON j.id = a.job_id JOIN firmware f ON f.id = a.firmware_id
 LEFT JOIN lot l ON l.id = a.lot_id LEFT JOIN operator o ON o.id = a.operator_id LEFT JOIN unit u ON u.id = a.unit_id
 WHERE a.id = ?"""
PARTS = [
    ('identification\n', """SELECT i.n n, u.mac mac, i.at_ms at_ms, i.chip chip, i.revision revision, i.flash_id flash_id,
     i.flash_size flash_size, i.crystal_mhz crystal_mhz, i.security security, i.verdict verdict, i.rework_of rework_of
     FROM identification i JOIN unit u ON u.id = i.unit_id WHERE i.attempt_id = ? ORDER BY i.n"""),
    ('backup\n', 'SELECT kind, offset, sha256, at_ms FROM backup WHERE attempt_id = ? ORDER BY id'),
    ('evidence\n', 'SELECT tx, rx FROM evidence WHERE attempt_id = ?'),
]
COLUMNS = {
    'archive': 'id at_ms file file_sha256 first_seq last_seq last_hash rows',
    'backup': 'id attempt_id unit_id kind offset sha256 at_ms',
    'correction': 'id attempt_id at_ms actor action reason unit_id',
    'event': 'id at_ms run_id kind amount text',
    'firmware': 'id source version sha256 first_used_ms',
    'identity_act': 'id unit_id at_ms after_attempt before_id put',
    'identity_act_done': 'act_id at_ms',
    'job': 'id name sha256 first_used_ms',
    'lot': 'id code work_order planned opened_ms closed_ms job_name job_sha256',
    'operator': 'id name role badge_salt badge_hash pin_salt pin_hash active created_ms',
    'pool': 'id name kind size key_id folder low_water created_ms',
    'pool_block': 'id uuid pool_id at_ms way station source amount',
    'pool_value': 'id pool_id block_id value sealed mark eui state lent_id mac attempt_id changed_ms',
    'run': 'id uuid version host pid boot_id tz_min started_ms',
    'slot': 'number port adapter_serial first_used_ms',
    'station': 'id uuid name created_ms',
    'stop': 'id at_ms slot training rule text attempt_id',
    'stop_release': 'stop_id at_ms actor reason after_seq',
    'unit': 'id mac chip revision flash_id flash_size first_seen_ms',
    'unit_address': 'id unit_id kind address first_seen_ms',
}
PASTS = [  # what an archive left behind, its columns, its order
    ('unit_past', 'unit_id, attempts, passes, training_attempts, last_pass', 'unit_id'),
    ('lot_past', 'lot_id, training, unit_id', 'lot_id, training, unit_id'),
    ('serial_past', 'serial, unit_id, training, passes, last_attempt', 'serial, unit_id, training'),
    ('tried_past', 'lot_id, training, unit_id, attempts, last_attempt, last_result', 'lot_id, training, unit_id'),
    ('word_past', 'correction_id, unit_id', 'correction_id'),
]
LATER = {'lot': 6, 'correction': 6}  # from this column on: only where it holds something


def fail(text):
    print(f'read_chain: {text}', file=sys.stderr)
    sys.exit(1)


def line(name, value):
    kind, data = {
        int: lambda v: (b'i', str(v).encode()),
        str: lambda v: (b't', v.encode()),
        bytes: lambda v: (b'b', v),
        type(None): lambda v: (b'n', b''),
    }[type(value)](value)
    return name.encode() + b' ' + kind + b' ' + str(len(data)).encode() + b' ' + data + b'\n'


def lines(cursor, later=999):
    """Every row of a query as lines; columns from `later` on only where they hold something."""
    names = [c[0] for c in cursor.description]
    for row in cursor:
        yield b''.join(line(n, v) for i, (n, v) in enumerate(zip(names, row)) if i < later or v is not None)


def columns_of(db, table):
    """None where a file of an earlier format lacks the table."""
    return {c[1] for c in db.execute(f'PRAGMA table_info({table})')}


def attempt_form(db, attempt):
    there = columns_of(db, 'attempt')
    later = ''.join(f', a.{c} {c}' for c in ('serial_asked', 'unit_data_sha256', 'efuse') if c in there)
    rows = list(lines(db.execute(ATTEMPT.format(later=later), (attempt,)), 40))
    if not rows:
        fail(f'attempt {attempt} is not there')
    out = b'flashline attempt 1\n' + rows[0]
    for title, sql in PARTS:
        out += b''.join(title.encode() + r for r in lines(db.execute(sql, (attempt,))))
    return out


def row_digest(db, table, row):
    if table in ('chain', 'audit'):
        found = db.execute(f'SELECT hash FROM {table} WHERE rowid = ?', (row,)).fetchone()
        return found[0] if found else None
    later = LATER.get(table, 999)
    there = columns_of(db, table)  # a file of an earlier format lacks the later ones
    columns = [c for i, c in enumerate(COLUMNS[table].split()) if i < later or c in there]
    rows = list(lines(db.execute(f'SELECT {", ".join(columns)} FROM {table} WHERE {columns[0]} = ?', (row,)), later))
    if not rows:
        return None
    out = f'flashline row 1\n{table}\n'.encode() + rows[0]
    if table == 'archive':
        for past, names, order in PASTS:
            if columns_of(db, past):
                sql = f'SELECT {names} FROM {past} WHERE archive_id = ? ORDER BY {order}'
                out += b''.join(past.encode() + b'\n' + r for r in lines(db.execute(sql, (row,))))
    return hashlib.sha256(out).digest()


def read_links(db):
    archived = db.execute('SELECT last_seq, last_hash FROM archive ORDER BY last_seq DESC LIMIT 1').fetchone()
    seq, head = archived or (0, bytes(32))
    for number, attempt, prev, has in db.execute('SELECT seq, attempt_id, prev_hash, hash FROM chain ORDER BY seq').fetchall():
        seq += 1
        now = hashlib.sha256(head + attempt_form(db, attempt)).digest()
        if number != seq or prev != head or has != now:
            fail(f'record {number} does not fit')
        head = now
    return seq, head


def read_audit(db):
    names = 'id at_ms actor role action object old new reason facts facts_sha256'.split()
    seq, head = 0, bytes(32)
    for row in db.execute(f'SELECT prev_hash, hash, {", ".join(names)} FROM audit ORDER BY id').fetchall():
        form = b'flashline audit 1\n' + b''.join(line(n, v) for i, (n, v) in enumerate(zip(names, row[2:])) if i < 9 or v is not None)
        seq += 1
        now = hashlib.sha256(head + form).digest()
        if row[2] != seq or row[0] != head or row[1] != now:
            fail(f'audit row {row[2]} does not fit')
        head = now
    return seq, head


def read_journal(db):
    seq, head, digests, newest, base = 0, bytes(32), [], {}, {}
    for number, table, row, digest, has in db.execute('SELECT seq, tbl, "row", digest, hash FROM journal ORDER BY seq').fetchall():
        seq += 1
        form = b'flashline journal 1\n' + line('seq', number) + line('tbl', table) + line('row', row) + line('digest', digest)
        head = hashlib.sha256(head + form).digest()
        if number != seq or has != head:
            fail(f'journal entry {number} does not fit')
        if table.startswith('base '):
            base[table[5:]] = (row, digest)
        else:
            newest[table, row] = digest
        if table == 'audit':
            facts, sha256 = db.execute('SELECT facts, facts_sha256 FROM audit WHERE id = ?', (row,)).fetchone()
            if facts and hashlib.sha256(b''.join(digests[-facts:])).digest() != sha256:
                fail(f'audit row {row} stands for other rows')
        digests.append(digest)
    archived = db.execute('SELECT coalesce(max(last_seq), 0) FROM archive').fetchone()[0]
    for (table, row), digest in newest.items():
        is_now = row_digest(db, table, row)
        if is_now != digest and not (table == 'chain' and row <= archived and is_now is None):
            fail(f'{table} {row} is not what its entry says')
    for table in [t for t in COLUMNS if columns_of(db, t)] + ['chain', 'audit']:
        key = 'seq' if table == 'chain' else COLUMNS.get(table, 'id').split()[0]
        last, digest = base.get(table, (0, None))
        old = b''
        for (row,) in db.execute(f'SELECT {key} FROM {table} ORDER BY 1').fetchall():
            if row > last and (table, row) not in newest:
                fail(f'{table} {row} has no entry')
            if row <= last:
                old = row_digest(db, table, row) if table in ('chain', 'audit') else old + row_digest(db, table, row)
        if table == 'chain' and last <= archived:
            continue
        if last and digest != (old if table in ('chain', 'audit') else hashlib.sha256(old).digest()):
            fail(f'{table}: rows up to {last} are not what their entry says')
    return seq, head


def main():
    db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)
    for name, (seq, head) in (('records', read_links(db)), ('audit', read_audit(db)), ('journal', read_journal(db))):
        print(name, seq, head.hex())


if __name__ == '__main__':
    main()
