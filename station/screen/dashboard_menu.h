/* SPDX-License-Identifier: Apache-2.0 */
/* dashboard_menu - starting work without leaving the screen: job, lot, badge, slots; PIN and reason where asked. */
#ifndef STATION_SCREEN_DASHBOARD_MENU_H
#define STATION_SCREEN_DASHBOARD_MENU_H

#include "station/screen/desk.h"

struct dashboard;

/* What is being asked of the work rules while PIN and reason are collected. */
struct menu_flow {
    enum desk_act_kind kind;
    char id[160];
    int slot; /* number */
    bool yes; /* what was asked for first was confirmed */
    char pin[80], reason[160];
};

void menu_open(struct dashboard *d);                           /* `w` */
void menu_start(struct dashboard *d, enum desk_act_kind kind); /* one entry of it */
void menu_scan(struct dashboard *d, const char *text);         /* a scan that no field waited for */
bool menu_can(const struct dashboard *d, enum desk_act_kind kind);
bool menu_only_looks(
    const struct dashboard *d); /* the tray is another process's, and this screen has not the work */

#endif /* STATION_SCREEN_DASHBOARD_MENU_H */
