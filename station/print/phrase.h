/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrase - what the rooms below said in English, in the reader's language.
 *
 * Records, JSON and the log of a run keep the English sentence with its figures in it: it is a fact, and reads the same
 * everywhere. Only where a person looks it is turned: the sentence is recognised by the form it was made of (said.inc, which
 * po/update.sh collects from the sources), the catalogue has the form, and names and figures are put into it as they stand. A
 * sentence that holds another one (", while ", a cause behind ": ") is turned part by part. What is not recognised stays as it
 * is. Any thread; nothing is kept.
 */
#ifndef STATION_PRINT_PHRASE_H
#define STATION_PRINT_PHRASE_H

#include "base/failure.h"

/* A detail whole; other languages take more letters, and a mark of theirs more bytes. */
#define PHRASE_SIZE (3 * FAILURE_DETAIL_SIZE)

/* Returns `out`. A text that is longer ends after a whole letter, in "...". */
const char *phrase_words(const char *english, char out[static PHRASE_SIZE]);

#endif /* STATION_PRINT_PHRASE_H */
