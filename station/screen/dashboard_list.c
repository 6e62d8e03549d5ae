/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_list.h"

#include <curses.h>

enum motion dashboard_motion(const struct input_event *e)
{
    static const struct {
        bool function;
        int32_t code;
        enum motion motion;
    } table[] = {
        {true, KEY_LEFT, MOVE_LEFT},     {false, 'h', MOVE_LEFT},
        {true, KEY_RIGHT, MOVE_RIGHT},   {false, 'l', MOVE_RIGHT},
        {true, KEY_UP, MOVE_UP},         {false, 'k', MOVE_UP},
        {true, KEY_DOWN, MOVE_DOWN},     {false, 'j', MOVE_DOWN},
        {true, KEY_PPAGE, MOVE_PAGE_UP}, {true, KEY_NPAGE, MOVE_PAGE_DOWN},
        {false, 2, MOVE_PAGE_UP},        /* Ctrl-B */ {false, 6, MOVE_PAGE_DOWN}, /* Ctrl-F */
        {true, KEY_HOME, MOVE_FIRST},    {false, 'g', MOVE_FIRST},
        {true, KEY_END, MOVE_LAST},      {false, 'G', MOVE_LAST},
        {false, 27, MOVE_BACK},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].code == e->code && table[i].function == (e->kind == INPUT_FUNCTION) &&
            (e->kind == INPUT_FUNCTION || e->kind == INPUT_KEY))
            return table[i].motion;
    }
    return MOVE_NONE;
}

void list_clamp(struct list *l, int count, int rows)
{
    if (rows < 1)
        rows = 1;
    if (l->selected >= count)
        l->selected = count - 1;
    if (l->selected < 0)
        l->selected = 0;
    if (l->top > l->selected)
        l->top = l->selected;
    if (l->selected >= l->top + rows)
        l->top = l->selected - rows + 1;
}

bool list_move(struct list *l, enum motion motion, int count, int rows)
{
    switch (motion) {
    case MOVE_UP:
        l->selected--;
        break;
    case MOVE_DOWN:
        l->selected++;
        break;
    case MOVE_PAGE_UP:
        l->selected -= rows;
        break;
    case MOVE_PAGE_DOWN:
        l->selected += rows;
        break;
    case MOVE_FIRST:
        l->selected = 0;
        break;
    case MOVE_LAST:
        l->selected = count - 1;
        break;
    default:
        return false;
    }
    list_clamp(l, count, rows);
    return true;
}
