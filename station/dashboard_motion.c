/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that move: arrows, the vi keys, pages. */
#include "station/dashboard_state.h"

enum motion dashboard_motion(const struct input_event *e)
{
    static const struct {
        bool function;
        int32_t code;
        enum motion motion;
    } table[] = {
        {true, KEY_LEFT, MOVE_LEFT},         {false, 'h', MOVE_LEFT},
        {true, KEY_RIGHT, MOVE_RIGHT},       {false, 'l', MOVE_RIGHT},
        {true, KEY_UP, MOVE_UP},             {false, 'k', MOVE_UP},
        {true, KEY_DOWN, MOVE_DOWN},         {false, 'j', MOVE_DOWN},
        {true, KEY_PPAGE, MOVE_PAGE_UP},     {true, KEY_NPAGE, MOVE_PAGE_DOWN},
        {false, 2, MOVE_PAGE_UP}, /* Ctrl-B */ {false, 6, MOVE_PAGE_DOWN}, /* Ctrl-F */
        {true, KEY_HOME, MOVE_FIRST},        {false, 'g', MOVE_FIRST},
        {true, KEY_END, MOVE_LAST},          {false, 'G', MOVE_LAST},
        {false, 27, MOVE_BACK},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].code == e->code && table[i].function == (e->kind == INPUT_FUNCTION) &&
            (e->kind == INPUT_FUNCTION || e->kind == INPUT_KEY))
            return table[i].motion;
    }
    return MOVE_NONE;
}
