/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verbs - the list of what the programme can do: X(name, one-line help; NULL: for other programmes, not for people). Each
 * verb is int cmd_<name>(int, char **) in station/cli/cmd_<name>.c (or beside its kin). The order is the order of
 * `flashline help`. Read through station/cli/cmd.h.
 */
#ifndef STATION_CLI_VERBS_H
#define STATION_CLI_VERBS_H

/* clang-format off */
#define VERBS(X) \
    /* work */ \
    X(run, "flash and record a tray of boards") \
    X(flash, "flash one board with an archive or image, no job file") \
    X(attach, "the screen of a station that runs already, on any terminal") \
    X(serial, "give the board that waits in a slot its serial number, without a scanner") \
    X(duty, "who works at a running station, on which lot, with which job; change them") \
    /* boards and slots */ \
    X(slots, "USB serial interfaces and slots; teach, name and forget slots") \
    X(doctor, "look for what keeps this station from working, and say what helps") \
    X(efuse, "what is burnt into the chip of the board in a slot: its eFuses") \
    /* jobs and firmware */ \
    X(job, "list, check and release jobs") \
    X(archive, "check a firmware archive, or make one for training") \
    X(pycom, "of Pycom's boards: LoRa regions, and the config block with identity and settings") \
    X(stub, "the helper program that boards are written with: is it there, which one") \
    /* records */ \
    X(units, "list units and what became of them") \
    X(attempts, "list attempts") \
    X(yield, "yields, what fails most, cycle times, slots") \
    X(unit, "one unit's whole story; a later word on it") \
    X(lots, "list lots; open, extend and close them") \
    X(pool, "what is handed out once: EUIs, serial numbers, keys; bring them in, list, lend") \
    X(export, "write records to a file: CSV, JSON Lines, SQLite") \
    X(backup, "write a verified copy of the database") \
    X(db, "check, verify, anchor and restore the database") \
    /* the station itself */ \
    X(setup, "make a station of this PC: name, database, slots, engineer, backups") \
    X(operator, "list operators; enrol and disable them") \
    X(unlock, "release a stop, with a reason") \
    X(explain, "say what a failure code means and what to do about it") \
    /* training and tests */ \
    X(sim, "what a virtual board can be like; flashline-sim(1) serves them to others") \
    /* for the shell's completion */ \
    X(complete, NULL)
/* clang-format on */

#endif /* STATION_CLI_VERBS_H */
