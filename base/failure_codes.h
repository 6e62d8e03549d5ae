/* SPDX-License-Identifier: Apache-2.0 */
/* failure_codes - the table itself: X(id, number, blame, title, remedy). Read through base/failure.h only. */
#ifndef BASE_FAILURE_CODES_H
#define BASE_FAILURE_CODES_H

/* clang-format off */
#define FAILURE_CODES(X) \
    /* 1xx: the port */ \
    X(FAIL_PORT_MISSING,      101, BLAME_FIXTURE,  "port is not there", \
      "Check the USB cable between this slot and the station. Run 'flashline slots' to see what is plugged in.") \
    X(FAIL_PORT_PERMISSION,   102, BLAME_STATION,  "no permission to use the port", \
      "Ask the engineer to do what 'flashline doctor' says of this port, and to log in again.") \
    X(FAIL_PORT_BUSY,         103, BLAME_STATION,  "another program holds the port", \
      "Close the other program (the detail names it where it can), then start this slot again.") \
    X(FAIL_PORT_LOST,         104, BLAME_FIXTURE,  "USB adapter was unplugged", \
      "Plug the adapter back into the same USB port and put the board on again.") \
    X(FAIL_PORT_IO,           105, BLAME_STATION,  "port reported an error", \
      "Unplug and replug the adapter. If it happens again, use another cable or hub port.") \
    X(FAIL_PORT_BAUD,         106, BLAME_PROFILE,  "port cannot make this baud rate", \
      "Ask the engineer to choose another baud rate in the job (the detail says which are near).") \
    X(FAIL_PORT_INTERFACE,    107, BLAME_STATION,  "adapter has no such interface", \
      "Ask the engineer to teach this slot again with 'flashline slots learn'.") \
    X(FAIL_PORT_STALLED,      108, BLAME_FIXTURE,  "adapter stopped answering", \
      "Unplug the adapter, wait two seconds, plug it in again. If it stays so, change the adapter.") \
    X(FAIL_PORT_URI,          109, BLAME_STATION,  "port name is not understood", \
      "Ask the engineer to correct the slot's port: tty:/dev/ttyUSB0, ftdi:1-4.2:B or sim:N.") \
    X(FAIL_PORT_SILENT,       110, BLAME_FIXTURE,  "adapter does not answer", \
      "Unplug the adapter, wait two seconds, plug it in again. If it stays silent, change the adapter or its cable.") \
    X(FAIL_PORT_PRESENCE,     111, BLAME_STATION,  "port cannot tell whether a board is there", \
      "Ask the engineer to take 'presence' out of this slot in station.yaml, or to use an adapter with that input.") \
    /* 2xx: reaching the bootloader */ \
    X(FAIL_NO_SYNC,           201, BLAME_FIXTURE,  "board does not answer", \
      "Reseat the board. If the next board fails here too, change the fixture cable; if only this one, it is the board.") \
    X(FAIL_WRONG_BOOT_MODE,   202, BLAME_FIXTURE,  "board runs its program instead of the bootloader", \
      "Connect the boot pin to GND, press reset, then try again.") \
    X(FAIL_TX_PATH,           203, BLAME_FIXTURE,  "board waits for download but hears nothing", \
      "Check the RX jumper or the wire from the adapter's TX to the board's RX.") \
    X(FAIL_NOISE,             204, BLAME_FIXTURE,  "board's answer is garbled", \
      "Reseat the board, use a short cable; if it stays so, ask the engineer to lower the baud rate.") \
    X(FAIL_SESSION_USED,      205, BLAME_OPERATOR, "bootloader session was used up", \
      "Press reset on the board with the boot pin connected to GND, then try again.") \
    X(FAIL_BAUD_CHANGE,       206, BLAME_FIXTURE,  "board is lost after the baud change", \
      "Use a shorter cable or ask the engineer to lower the baud rate in the job.") \
    X(FAIL_FLASH_READ_ERR,    207, BLAME_BOARD,    "board reports that it cannot read its flash", \
      "Put the board in the red tray: its flash or its GPIO12 strap is bad.") \
    X(FAIL_BROWNOUT,          208, BLAME_FIXTURE,  "board restarts from low voltage", \
      "Use a powered hub and a short cable; check the fixture's 3.3 V contact.") \
    /* 3xx: identity and the gate; nothing has been erased yet */ \
    X(FAIL_WRONG_CHIP,        301, BLAME_BOARD,    "this is not the chip the job is for", \
      "Take the board off: it does not belong to this job.") \
    X(FAIL_WRONG_REVISION,    302, BLAME_BOARD,    "chip revision does not suit the job", \
      "Take the board off and ask the engineer which job is right for it.") \
    X(FAIL_WRONG_FLASH_SIZE,  303, BLAME_BOARD,    "flash size does not suit the job", \
      "Take the board off and ask the engineer which job is right for it.") \
    X(FAIL_REVISION_SIZE,     304, BLAME_BOARD,    "chip revision and flash size disagree for this board type", \
      "Put the board in the red tray: its flash is not the one this revision is built with.") \
    X(FAIL_FLASH_ID,          305, BLAME_BOARD,    "flash chip does not identify itself", \
      "Reseat the board once. If it stays so, put it in the red tray.") \
    X(FAIL_FLASH_ENCRYPTED,   306, BLAME_BOARD,    "flash encryption is on", \
      "Take the board off: plain firmware would make it useless. Ask the engineer.") \
    X(FAIL_SECURE_BOOT,       307, BLAME_BOARD,    "secure boot is on", \
      "Take the board off: it accepts signed firmware only. Ask the engineer.") \
    X(FAIL_DOWNLOAD_DISABLED, 308, BLAME_BOARD,    "serial download is disabled for good", \
      "Take the board off: it can no longer be flashed through its serial port.") \
    X(FAIL_MAC_CRC,           309, BLAME_BOARD,    "MAC address is damaged", \
      "Put the board in the red tray: its MAC does not match its own checksum.") \
    X(HOLD_MAC_DUPLICATE,     310, BLAME_BOARD,    "MAC address was seen before", \
      "Put the board in the yellow tray. The engineer decides whether it is rework or a copy.") \
    X(HOLD_MAC_BLANK,         311, BLAME_BOARD,    "MAC address is blank or not a board's", \
      "Put the board in the yellow tray. The engineer decides.") \
    X(HOLD_MAC_REFUSED,       312, BLAME_BOARD,    "this board is not allowed here", \
      "Put the board in the yellow tray and ask the engineer; the detail says which rule.") \
    X(FAIL_TRAINING_MAC,      313, BLAME_STATION,  "a training board stands in a production slot", \
      "Take it off: its MAC is reserved for training and is never recorded as production.") \
    X(FAIL_IDENTITY_CHANGED,  314, BLAME_OPERATOR, "board was exchanged while it was being flashed", \
      "Put both boards in the yellow tray; flash each again alone.") \
    X(FAIL_IDENTIFY,          315, BLAME_FIXTURE,  "board stopped answering while it was identified", \
      "Reseat the board and try again.") \
    X(FAIL_NO_BOOT_SECTOR,    316, BLAME_PROFILE,  "board has no bootloader and the job writes none", \
      "Ask the engineer for a job with a bootloader, or flash the board's full firmware first.") \
    X(FAIL_NO_PLAN,           317, BLAME_PROFILE,  "firmware has no script for this flash size", \
      "Ask the engineer for a firmware archive made for this board.") \
    X(HOLD_LOT_FULL,          318, BLAME_OPERATOR, "lot has all its good boards", \
      "Close this lot or ask the engineer to extend it.") \
    X(HOLD_IDENTITY_DIFFERS,  319, BLAME_BOARD,    "board's identity data are not those of its record", \
      "Put the board in the yellow tray. The engineer decides which are right: 'flashline unit MAC', then --restore-identity or --accept-identity.") \
    X(FAIL_BOARD_LAYOUT,      320, BLAME_PROFILE,  "board's own flash does not suit a job for a part of it", \
      "Ask the engineer for the job that writes this board's whole firmware; nothing was erased.") \
    X(FAIL_SECURE_DOWNLOAD,   321, BLAME_BOARD,    "chip is in secure download mode", \
      "Take the board off: it tells neither who it is nor what its flash holds, so nothing can vouch for it. Ask the engineer.") \
    X(HOLD_POOL_EMPTY,        330, BLAME_OPERATOR, "no number is left for this board", \
      "Keep the board; nothing was erased. Ask the engineer, who brings more numbers in: 'flashline pool import'.") \
    X(FAIL_POOL,              331, BLAME_STATION,  "this board's own number cannot be had", \
      "Nothing was erased. Call the engineer; the detail says what is wrong with the pool or its key.") \
    X(FAIL_REQUIRED_EFUSE,    340, BLAME_BOARD,    "eFuses are not as the job requires", \
      "Take the board off: the detail says what it has. Ask the engineer: another lot, or a step before this one was left out.") \
    /* 4xx: backup of the identity sector */ \
    X(FAIL_BACKUP_READ,       401, BLAME_FIXTURE,  "board's identity data could not be read", \
      "Reseat the board and try again. Nothing was erased.") \
    X(FAIL_BACKUP_STORE,      402, BLAME_STATION,  "board's identity data could not be saved", \
      "Stop. Free disk space or call the engineer. Nothing was erased.") \
    /* 5xx: stub, erase, write */ \
    X(FAIL_STUB,              501, BLAME_STATION,  "helper program did not start on the chip", \
      "Try again. If it stays so, ask the engineer to set 'stub: no' in the job.") \
    X(FAIL_ERASE,             502, BLAME_BOARD,    "flash could not be erased", \
      "Put the board in the red tray.") \
    X(FAIL_WRITE,             503, BLAME_BOARD,    "flash could not be written", \
      "Put the board in the red tray.") \
    X(FAIL_WRITE_LOST,        504, BLAME_FIXTURE,  "board stopped answering while it was being written", \
      "Reseat the board and flash it again. It boots nothing until then.") \
    X(FAIL_CHIP_REFUSED,      505, BLAME_STATION,  "chip refused a command", \
      "Try again. If it stays so, keep the log (the detail holds the chip's answer) and call the engineer.") \
    /* 6xx: verify */ \
    X(FAIL_MD5_MISMATCH,      601, BLAME_BOARD,    "flash differs from the firmware", \
      "Put the board in the red tray. Do not retry more than once.") \
    X(FAIL_MD5_READ,          602, BLAME_FIXTURE,  "chip's digest could not be read", \
      "Reseat the board and flash it again.") \
    X(FAIL_IDENTITY_DAMAGED,  603, BLAME_BOARD,    "board's identity data changed", \
      "Put the board in the yellow tray. Where the detail says 'identity lost', the engineer puts the saved data back: 'flashline unit MAC --restore-identity'.") \
    X(FAIL_BESIDE_CHANGED,    604, BLAME_STATION,  "flash beside the firmware changed", \
      "Stop. Put the board in the yellow tray and call the engineer: the station may have written where it should not.") \
    X(FAIL_MD5_UNPROVEN,      605, BLAME_FIXTURE,  "flash differs, and the board is not proven to blame", \
      "Reseat the board, use a short cable, flash it again. If it stays so while others pass here, put it in the red tray.") \
    /* 7xx: finalise and reset */ \
    X(FAIL_FINALISE,          701, BLAME_BOARD,    "boot selection could not be written", \
      "Put the board in the red tray.") \
    X(FAIL_RESET,             702, BLAME_FIXTURE,  "board could not be restarted", \
      "Press the board's reset button; if it runs, check the fixture's reset wire.") \
    /* 8xx: jobs, archives, configuration */ \
    X(FAIL_JOB,               801, BLAME_PROFILE,  "job cannot be used", \
      "Ask the engineer to correct the job file at the line named.") \
    X(FAIL_FIRMWARE,          802, BLAME_PROFILE,  "firmware cannot be used", \
      "Ask the engineer for the right firmware file; the detail says what is wrong with this one.") \
    X(FAIL_HASH_MISMATCH,     803, BLAME_PROFILE,  "firmware is not the released one", \
      "Stop. Ask the engineer: the file's hash is not the hash the job was released with.") \
    X(FAIL_CONFIG,            804, BLAME_STATION,  "station configuration cannot be used", \
      "Ask the engineer to correct the station configuration at the line named.") \
    /* 9xx: records and the station itself */ \
    X(FAIL_RECORD,            901, BLAME_STATION,  "result could not be saved", \
      "Stop. Do not ship this board. Free disk space or call the engineer before flashing more.") \
    X(FAIL_ABORTED,           902, BLAME_OPERATOR, "stopped by the operator", \
      "Flash the board again: it boots nothing until then.") \
    X(FAIL_INTERRUPTED,       903, BLAME_STATION,  "station stopped while this board was being flashed", \
      "Flash the board again: it boots nothing until then.") \
    X(FAIL_NO_MEMORY,         904, BLAME_STATION,  "station is out of memory", \
      "Close other programs or call the engineer.") \
    X(FAIL_DISK_FLOOR,        905, BLAME_STATION,  "disk is nearly full", \
      "No new board starts. Free disk space or call the engineer.") \
    X(FAIL_DB_OPEN,           906, BLAME_STATION,  "database cannot be used", \
      "Call the engineer; the detail says which file and why.") \
    X(FAIL_DB_HELD,           907, BLAME_STATION,  "another station uses this database", \
      "Close the other station (the detail names it) or give this one its own database.") \
    X(FAIL_STOP_RULE,         908, BLAME_STATION,  "stop rule: too many failures", \
      "Stop and call the engineer, who finds the cause and unlocks with a reason.") \
    X(FAIL_DEADLINE,          909, BLAME_STATION,  "stage took too long", \
      "Reseat the board and try again; if it stays so, call the engineer.") \
    X(FAIL_ROLE,              910, BLAME_OPERATOR, "only the engineer may do this", \
      "Call the engineer, who does it with the PIN.") \
    X(FAIL_LOGIN,             911, BLAME_OPERATOR, "nobody is logged in", \
      "Scan your badge, then put the board on again.") \
    X(FAIL_WORK,              912, BLAME_OPERATOR, "this cannot be done as asked", \
      "Read the detail: it says what is in the way.")
/* clang-format on */

#endif /* BASE_FAILURE_CODES_H */
