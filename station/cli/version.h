/* SPDX-License-Identifier: Apache-2.0 */
/* version - which Flashline this is and what it is made of. The number is the project's, in CMakeLists.txt, and nowhere else. */
#ifndef STATION_CLI_VERSION_H
#define STATION_CLI_VERSION_H

#include <stdbool.h>

/* On standard output: a line, or with `json` all of it. An exit code. */
int version_print(bool json);

#endif /* STATION_CLI_VERSION_H */
