/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/table.h"

#include "antaractl/words.h"

#include <string.h>

static json_t *options_as_json(const char *options)
{
    g_auto(GStrv) names = g_strsplit(options, " ", -1);
    json_t *list = json_array();

    for (char **name = names; *name; name++) {
        const size_t length = strcspn(*name, "=");
        if (length) {
            (void)json_array_append_new(
                list, json_pack("{ss#sb}", "name", *name, length, "value", (*name)[length] == '='));
        }
    }
    return list;
}

static json_t *command_as_json(const Command *command)
{
    return json_pack(
        "{ss ss ss ss so}", "noun", command->noun, "verb", command->verb ? command->verb : "",
        "usage", command->usage, "help", command->help, "options",
        options_as_json(command->options));
}

json_t *table_as_json(const CommandGroup *groups, gsize n_groups)
{
    json_t *table = json_array();

    for (gsize i = 0; i < n_groups; i++) {
        for (const Command *command = groups[i].commands; command->noun; command++) {
            if (command->help) {
                (void)json_array_append_new(table, command_as_json(command));
            }
        }
    }
    return table;
}
