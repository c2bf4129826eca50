/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * command.h - one table of all that antaractl can do: it parses, runs and helps from it
 *
 * Of Antara's own data the tool does nothing that another bus client couldn't.
 */

#include <glib.h>
#include <jansson.h>
#include <systemd/sd-bus.h>

typedef enum CtlExit { CTL_DONE = 0, CTL_REFUSED = 1, CTL_USAGE = 2 } CtlExit;

typedef struct Words {
    GPtrArray *places;   /* of char *: what stands without a name */
    GHashTable *options; /* "redirect-uri" -> GPtrArray of char *; a flag's is empty */
    const char *tenant;  /* "" unless --tenant */
    gboolean as_json;
} Words;

typedef struct Command {
    const char *noun;
    const char *verb;    /* NULL: the noun is all */
    const char *usage;   /* of its arguments, for --help */
    const char *options; /* names between blanks: "scope=" has a value, "name" is a flag; "" none */
    guint places_min, places_max;
    const char *help; /* NULL: units of ours call it, people don't */
    /* (nullable): what can be refused without the daemon. */
    gboolean (*check)(const Words *words, GError **error);
    /* Asks the daemon; *ret_result is one JSON value, shown as it is or as a table. */
    gboolean (*run)(sd_bus *bus, const Words *words, json_t **ret_result, GError **error);
} Command;

typedef struct CommandGroup {
    const Command *commands;           /* ends with an empty one */
    gboolean without_bus;              /* its commands are run with NULL */
    void (*print)(const json_t *told); /* (nullable): for people, where a table won't do */
} CommandGroup;

extern const Command app_commands[];
extern const Command approval_commands[];
extern const Command account_commands[];
extern const Command doctor_commands[];
extern const Command host_commands[];
extern const Command known_key_commands[];
extern const Command link_commands[];
extern const Command status_commands[];
extern const Command service_commands[];
extern const Command store_commands[];
extern const Command key_commands[];

const char *words_place(const Words *words, guint number);      /* NULL: not there */
const char *words_option(const Words *words, const char *name); /* the last; NULL: not there */
char **words_options(const Words *words, const char *name);     /* (transfer full): maybe empty */
gboolean words_have(const Words *words, const char *name);
