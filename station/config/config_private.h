/* SPDX-License-Identifier: Apache-2.0 */
/* config_private - sections of station.yaml that have a file of their own. Their target is struct config. */
#ifndef STATION_CONFIG_CONFIG_PRIVATE_H
#define STATION_CONFIG_CONFIG_PRIVATE_H

#include "profiles/text/yaml_schema.h"

extern const struct schema_rule config_scan_rules[]; /* `scan:` */

#endif /* STATION_CONFIG_CONFIG_PRIVATE_H */
