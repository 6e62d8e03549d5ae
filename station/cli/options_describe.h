/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options_describe - a verb's table for other programmes: what script/man makes the manual's pages of and the shell's completion
 * asks (`flashline VERB --describe`). Lines of fields with tabs between them, on standard output:
 *
 *     usage   what follows the verb
 *     says    one line of the summary
 *     word    NAME  OPERANDS  SOURCE   a word that may follow the verb, and what its first operand may be
 *     operand SOURCE                   of a verb without words: what its operands may be
 *     option  --NAME  ARGUMENT  SOURCE
 *     help    one line on the word or option before it
 *
 * SOURCE: file, dir, one|two (any of these), what `flashline complete` tells (slots, slots, for a list, lots, jobs ..), or
 * empty: nothing can be offered. An option without ARGUMENT takes no value.
 */
#ifndef STATION_CLI_OPTIONS_DESCRIBE_H
#define STATION_CLI_OPTIONS_DESCRIBE_H

#include <stddef.h>

struct options_row;
struct options_spec;

/* `rows`: the options as they are parsed, the common ones too. */
void options_describe(const struct options_spec *spec, const struct options_row *rows, size_t count);

#endif /* STATION_CLI_OPTIONS_DESCRIBE_H */
