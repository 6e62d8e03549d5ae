/* SPDX-License-Identifier: Apache-2.0 */
/* config_private - sections of station.yaml that have a file of their own. Their target is struct config. */
#ifndef STATION_CONFIG_CONFIG_PRIVATE_H
#define STATION_CONFIG_CONFIG_PRIVATE_H

#include "profiles/text/yaml_schema.h"

struct config;

extern const struct schema_rule config_scan_rules[]; /* `scan:` */
/* The whole of `scan:`, once it is read: 0, or -1 and *c with the line. */
int config_scan_check(const struct config *config, const char *file, struct complaint *c);

#endif /* STATION_CONFIG_CONFIG_PRIVATE_H */
