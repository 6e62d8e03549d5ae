/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/view/view.h"

const struct view *view_of(enum view_id id)
{
    static const struct view *const views[VIEW_COUNT] = {
        [VIEW_TRAY] = &view_tray, [VIEW_DETAIL] = &view_detail, [VIEW_LOT] = &view_lot,
        [VIEW_LOG] = &view_log,   [VIEW_UNITS] = &view_units,   [VIEW_HELP] = &view_help,
    };

    return views[id];
}
