/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operator in Germany would read what failed in English: each sentence that the rooms below the screen can say has its
 * German, with the figures that stood in it; what nobody knows stays as it is.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/errno_text.h"
#include "base/plain.h"
#include "station/print/phrase.h"
#include "station/print/text.h"
#include "tests/support/skipped.h"

/* As they stand in records of real and virtual stations. */
static const struct {
    const char *english, *german;
} said[] = {
    {"no answer to SYNC", "keine Antwort auf SYNC"},
    {"not a byte came from the board", "kein einziges Byte kam von der Platine"},
    {"DEFL_DATA: No such device, while writing wipy.bin at 0x10000",
     "DEFL_DATA: Gerät nicht vorhanden, beim Vorgang: wipy.bin ab 0x10000 schreiben"},
    {"again at 460800 baud: no answer to DEFL_DATA, while writing wipy.bin at 0x10000",
     "noch einmal mit 460800 Baud: keine Antwort auf DEFL_DATA, beim Vorgang: wipy.bin ab 0x10000 schreiben"},
    {"again: FLASH_MD5: the chip answers 01 05, bad checksum",
     "noch einmal: FLASH_MD5: der Chip antwortet 01 05, falsche Prüfsumme"},
    {"wipy.bin at 0x10000: chip says 00ff, want 11ee; identity restored",
     "wipy.bin ab 0x10000: Chip sagt 00ff, soll 11ee; Identität wiederhergestellt"},
    {"after 1 start over: wipy.bin at 0x10000: chip says 00ff, want 11ee",
     "nach 1 Neuanfängen: wipy.bin ab 0x10000: Chip sagt 00ff, soll 11ee"},
    {"lot L-7 is for job wipy with hash a1b2c3d4, this is one with 00112233",
     "Los L-7 ist für Auftrag wipy mit Prüfsumme a1b2c3d4, dies ist einer mit 00112233"},
    {"lot L-7 is for job wipy with hash a1b2c3d4, this is not released, 00112233",
     "Los L-7 ist für Auftrag wipy mit Prüfsumme a1b2c3d4, dies ist nicht freigegeben, 00112233"},
    {"the run begins or ends: ask again", "der Lauf beginnt oder endet gerade: noch einmal versuchen"},
    {"another job is being taken up: ask again",
     "ein anderer Auftrag wird gerade übernommen: noch einmal versuchen"},
    {"Take the finished boards off first: one stands on slot 3.",
     "Erst die fertigen Platinen abnehmen: eine steht auf Platz 3."},
    {"the operator's name is blank", "der Name des Bedieners ist leer"},
    {"scan 'X1' fits two kinds: a serial number and a lot",
     "Scan 'X1' passt zu zwei Arten: eine Seriennummer und ein Los"},
    {"scan 'L: 7' is a web address, no code of this station",
     "Scan 'L: 7' ist eine Web-Adresse, kein Code dieser Station"},
    {"yield of the last 50 boards is 80 %, the limit is 90 %",
     "die Ausbeute der letzten 50 Platinen ist 80 %, die Grenze ist 90 %"},
    {"identity lost: sector 0x3ff000 differs from its backup and could not be written back: no answer to SYNC",
     "Identität verloren: Sektor 0x3ff000 weicht von seiner Sicherung ab und ließ sich nicht zurückschreiben: "
     "keine Antwort auf SYNC"},
    {"the board runs its program: connect G23 (P2, GPIO0) to GND, press reset",
     "die Platine führt ihr Programm aus: G23 (P2, GPIO0) mit GND verbinden, Reset drücken"},
    /* Nobody's sentence: as it is, whatever words of ours are in it. */
    {"the lamp is lit, and nobody said so", "the lamp is lit, and nobody said so"},
    {"L-2026-47", "L-2026-47"},
    {"", ""},
};

static void each_sentence_is_german(void **state)
{
    (void)state;
    char words[PHRASE_SIZE];

    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        assert_string_equal(phrase_words(said[i].english, words), said[i].german);
}

/* printf() with an argument for each conversion; `names` gets those that are text. */
static void make(const char *form, char *out, size_t size)
{
    size_t n = 0;

    while (*form != '\0' && n + 16 < size) {
        if (form[0] != '%' || form[1] == '%') {
            form += form[0] == '%';
            out[n++] = *form++;
            continue;
        }
        form += 1 + strspn(form + 1, "-+ #0123456789.*");
        form += strspn(form, "hlzj");
        n += (size_t)sprintf(out + n, "%s",
                             *form == 's'   ? "Ab-7"
                             : *form == 'c' ? "B"
                             : *form == 'x' ? "1f"
                                            : "42");
        form++;
    }
    out[n] = '\0';
}

static int count(const char *text, const char *word)
{
    int n = 0;

    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        n++;
    return n;
}

/* What po/update.sh found in the sources, which test_catalogue holds to be all of it. */
static const char *const forms[] = {
#include "station/print/said.inc"
};

static void every_sentence_of_the_sources_is_german(void **state)
{
    (void)state;
    char english[1024], words[PHRASE_SIZE];
    int bad = 0;

    assert_true(sizeof forms / sizeof forms[0] > 400);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        make(forms[i], english, sizeof english);
        phrase_words(english, words);
        bool left_out = strstr(gettext(forms[i]), ".0s") != NULL; /* the s of a plural */
        if (strcmp(words, english) == 0 || count(words, "Ab-7") != count(english, "Ab-7") - left_out ||
            count(words, "1f") != count(english, "1f") || count(words, "42") != count(english, "42")) {
            print_message("'%s' is shown as '%s'\n", english, words);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

static void a_long_one_ends_after_a_letter(void **state)
{
    (void)state;
    char english[2 * PHRASE_SIZE] = "scan '", words[PHRASE_SIZE];

    for (size_t n = strlen(english); n + 24 < sizeof english; n += 2)
        memcpy(english + n, "\xc3\xa4", 3);
    snprintf(english + strlen(english), 16, "' is blank");
    for (int shift = 0; shift < 2; shift++) {
        phrase_words(english + shift, words);
        assert_int_equal(plain_trouble(words) == NULL, 1);
        assert_string_equal(words + strlen(words) - 3, "...");
        assert_true(strlen(words) >= PHRASE_SIZE - 8);
    }
}

static void without_a_catalogue_it_is_english(void **state)
{
    (void)state;
    char words[PHRASE_SIZE];

    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        assert_string_equal(phrase_words(said[i].english, words), said[i].english);
}

/* Of the files, ports and sockets of a station. */
static void what_an_errno_means_is_german(void **state)
{
    (void)state;
    static const int errors[] = {EPERM,  ENOENT,  EIO,       ENXIO,     EAGAIN,       ENOMEM,
                                 EACCES, EBUSY,   EEXIST,    ENODEV,    EINVAL,       EMFILE,
                                 EFBIG,  ENOSPC,  EROFS,     EPIPE,     ERANGE,       EDEADLK,
                                 EPROTO, ENOTSUP, ETIMEDOUT, EHOSTDOWN, ECONNREFUSED, ECANCELED};
    char words[PHRASE_SIZE];

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        assert_string_not_equal(phrase_words(errno_text(errors[i]), words), errno_text(errors[i]));
}

int main(void)
{
    const struct CMUnitTest english[] = {cmocka_unit_test(without_a_catalogue_it_is_english)};
    const struct CMUnitTest german[] = {
        cmocka_unit_test(each_sentence_is_german), cmocka_unit_test(every_sentence_of_the_sources_is_german),
        cmocka_unit_test(a_long_one_ends_after_a_letter), cmocka_unit_test(what_an_errno_means_is_german)};
    int failed = cmocka_run_group_tests(english, NULL, NULL);

    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("LANGUAGE", "de", 1);
    text_init();
    if (strcmp(_("no board"), "no board") == 0)
        skipped_row("there is no German catalogue (script/bootstrap test brings gettext)");
    else
        failed += cmocka_run_group_tests(german, NULL, NULL);
    return failed;
}
