/* SPDX-License-Identifier: GPL-3.0-or-later */

/* main.c - antaractl [--json] [--tenant NAME] NOUN VERB …: find the command, run it, show what came
 */

#include "antaractl/agent.h"
#include "antaractl/bus.h"
#include "antaractl/pam/doctor.h"
#include "antaractl/print.h"
#include "antaractl/table.h"
#include "antaractl/words.h"
#include "base/text.h"

#include <locale.h>
#include <stdio.h>

#define MESSAGE_CHARS_MAX 1000U

static const CommandGroup groups[] = {
    {status_commands, FALSE, NULL},    {app_commands, FALSE, NULL},
    {key_commands, FALSE, NULL},       {account_commands, FALSE, NULL},
    {service_commands, TRUE, NULL},    {host_commands, FALSE, NULL},
    {approval_commands, FALSE, NULL},  {doctor_commands, TRUE, pam_doctor_print},
    {known_key_commands, FALSE, NULL}, {link_commands, FALSE, NULL},
    {store_commands, FALSE, NULL},
};

static void print_command(const Command *command)
{
    printf(
        "  %s%s%s%s%s\n      %s\n", command->noun, command->verb ? " " : "",
        command->verb ? command->verb : "", *command->usage ? " " : "", command->usage,
        command->help);
}

static void print_help(void)
{
    puts("antaractl [--json] [--tenant NAME] NOUN VERB …\n");
    for (gsize i = 0; i < G_N_ELEMENTS(groups); i++) {
        for (const Command *command = groups[i].commands; command->noun; command++) {
            if (command->help) {
                print_command(command);
            }
        }
    }
    puts("\n  --json prints one JSON value. Exit status: 0 done, 1 refused or failed, 2 usage.");
}

/* For the build alone: completion and man page are made of it. */
static void print_table(void)
{
    json_t *table = table_as_json(groups, G_N_ELEMENTS(groups));

    (void)json_dumpf(table, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(table);
}

/* How many words name the command: noun, or noun and verb; 0 when they don't. */
static guint command_names(const Command *command, char **arguments)
{
    if (!arguments[0] || !g_str_equal(arguments[0], command->noun)) {
        return 0;
    }
    if (!command->verb) {
        return 1;
    }
    return arguments[1] && g_str_equal(arguments[1], command->verb) ? 2 : 0;
}

static const Command *find_in(const Command *group, char **arguments, guint *ret_names)
{
    for (const Command *command = group; command->noun; command++) {
        *ret_names = command_names(command, arguments);
        if (*ret_names) {
            return command;
        }
    }
    return NULL;
}

static const Command *
command_find(char **arguments, guint *ret_names, const CommandGroup **ret_group)
{
    const Command *command = NULL;

    for (gsize i = 0; !command && i < G_N_ELEMENTS(groups); i++) {
        *ret_group = &groups[i];
        command = find_in(groups[i].commands, arguments, ret_names);
    }
    return command;
}

static int say(const GError *error)
{
    g_autofree char *words = text_for_people(error->message, MESSAGE_CHARS_MAX);

    (void)fprintf(stderr, "antaractl: %s\n", words);
    if (g_error_matches(error, CTL_ERROR, CTL_ERROR_USAGE)) {
        (void)fputs("See antaractl --help\n", stderr);
        return CTL_USAGE;
    }
    return CTL_REFUSED;
}

static void show(const CommandGroup *group, const Words *words, const json_t *result)
{
    if (words->as_json) {
        (void)json_dumpf(result, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (group->print) {
        group->print(result);
    } else {
        print_for_people(result);
    }
}

static gboolean
run(const CommandGroup *group, const Command *command, const Words *words, GError **error)
{
    json_t *result = NULL;
    sd_bus *bus = group->without_bus ? NULL : bus_open(error);

    if (!bus && !group->without_bus) {
        return FALSE;
    }
    const GPid agent = group->without_bus ? 0 : agent_open();
    const gboolean done = command->run(bus, words, &result, error);
    agent_close(agent);
    if (done) {
        show(group, words, result);
    }
    json_decref(result);
    sd_bus_flush_close_unref(bus);
    return done;
}

static gboolean read_command(const Command *command, Words *words, char **rest, GError **error)
{
    g_autofree char *options = g_strconcat(WORDS_GLOBAL, " ", command->options, NULL);

    if (!words_read(words, options, rest, error)) {
        return FALSE;
    }
    if (words->places->len < command->places_min || words->places->len > command->places_max) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE, "antaractl %s%s%s %s", command->noun,
            command->verb ? " " : "", command->verb ? command->verb : "", command->usage);
        return FALSE;
    }
    return TRUE;
}

/* Options that stand before the noun: moved behind it, where the command reads them. */
static char **noun_first(char **arguments)
{
    GPtrArray *moved = g_ptr_array_new();
    GPtrArray *before = g_ptr_array_new();

    while (*arguments && g_str_has_prefix(*arguments, "--")) {
        g_ptr_array_add(before, *arguments);
        if (g_str_equal(*arguments, "--tenant") && arguments[1]) {
            g_ptr_array_add(before, *++arguments);
        }
        arguments++;
    }
    for (guint i = 0; i < 2 && *arguments && !g_str_has_prefix(*arguments, "--"); i++) {
        g_ptr_array_add(moved, *arguments++);
    }
    g_ptr_array_extend(moved, before, NULL, NULL);
    while (*arguments) {
        g_ptr_array_add(moved, *arguments++);
    }
    g_ptr_array_add(moved, NULL);
    g_ptr_array_unref(before);
    return (char **)g_ptr_array_free(moved, FALSE);
}

static gboolean obey(char **arguments, GError **error)
{
    g_auto(Words) words = {0};
    guint names = 0;
    const CommandGroup *group = NULL;
    const Command *command = command_find(arguments, &names, &group);

    words_init(&words);
    if (g_strv_contains((const char *const *)arguments, "--help")) {
        print_help();
        return TRUE;
    }
    if (g_strv_contains((const char *const *)arguments, "--version")) {
        puts("antaractl " ANTARA_VERSION);
        return TRUE;
    }
    if (g_strcmp0(arguments[0], "--table") == 0) {
        print_table();
        return TRUE;
    }
    if (!command) {
        g_set_error(error, CTL_ERROR, CTL_ERROR_USAGE, "There is no such command.");
        return FALSE;
    }
    return read_command(command, &words, arguments + names, error) &&
           (!command->check || command->check(&words, error)) && run(group, command, &words, error);
}

int main(G_GNUC_UNUSED int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char **arguments = noun_first(argv + 1);

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return obey(arguments, &error) ? CTL_DONE : say(error);
}
