/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_archive - a firmware archive made on the spot, in the form of Pycom's: bootloader, tables and scripts for 4 and
 * 8 MB, application. It is sound in every checksum and runs nowhere: for virtual boards, where no real one is at hand.
 */
#ifndef PROFILES_FIRMWARE_DEMO_ARCHIVE_H
#define PROFILES_FIRMWARE_DEMO_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#define DEMO_VERSION "0.0.1-demo"

/* The bytes of a tar.gz, the same every time. Caller frees *out. Returns 0 or -errno. */
int demo_archive_make(uint8_t **out, size_t *size);

#endif /* PROFILES_FIRMWARE_DEMO_ARCHIVE_H */
