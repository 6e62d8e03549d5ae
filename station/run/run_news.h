/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_news - what happens in a run, told to who looks at it from outside (station/run/gallery.h), whatever else tells it here: screen,
 * lines or JSON. The same lines as --json writes, but for progress, which the state has. The main thread's; cheap without guests.
 */
#ifndef STATION_RUN_RUN_NEWS_H
#define STATION_RUN_RUN_NEWS_H

struct run;
struct serial_word;
struct slot_event;

void run_news_event(struct run *run, const struct slot_event *e, const char *serial);
void run_news_word(struct run *run, const struct serial_word *w); /* what became of a scan */
void run_news_note(struct run *run, const char *text);            /* what the records noticed */
void run_news_duty(struct run *run);                  /* others chose who works here, on which lot */
void run_news_stop(struct run *run, const char *how); /* "drain", "abort" */
void run_news_end(struct run *run);                   /* the last line */

#endif /* STATION_RUN_RUN_NEWS_H */
