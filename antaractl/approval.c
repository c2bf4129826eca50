/* SPDX-License-Identifier: GPL-3.0-or-later */

/* approval.c - antaractl approval …: one's own; everybody's for root, or with --all for who knows
 * an administrator's password */

#include "antaractl/bus.h"
#include "antaractl/command.h"
#include "base/text.h"
#include "dbus/names.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define APPROVAL_FIELDS                                                                            \
    "id:s service:s local_user:s asker:s terminal:s remote:s approved:b approvable:b born:x "      \
    "expires:x"
#define CELL_CHARS_MAX 200U

static gboolean is_of_all(const Words *words)
{
    return geteuid() == 0 || words_have(words, "all");
}

/* @own, @of_all: the two methods for one thing. */
static BusMessage *call_new(sd_bus *bus, const Words *words, const char *own, const char *of_all)
{
    return bus_call_new_of(bus, ANTARA_BUS_APPROVAL, is_of_all(words) ? of_all : own);
}

static json_t *list(sd_bus *bus, const Words *words, GError **error)
{
    g_autoptr(BusMessage) call = call_new(bus, words, "List", "ListAll");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    return reply ? bus_read_rows(reply, APPROVAL_FIELDS, error) : NULL;
}

static gboolean approval_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    *ret_result = list(bus, words, error);
    return *ret_result != NULL;
}

static BusMessage *
decide(sd_bus *bus, const Words *words, const char *own, const char *of_all, GError **error)
{
    const char *id = words_place(words, 0);
    g_autoptr(BusMessage) call = call_new(bus, words, own, of_all);
    int r = sd_bus_message_append(call, "ss", words->tenant, id);
    g_autoptr(GError) why = NULL;
    BusMessage *reply = bus_call(bus, call, r, &why);

    if (g_error_matches(why, CTL_ERROR, CTL_ERROR_NOT_FOUND)) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_NOT_FOUND,
            is_of_all(words)
                ? "Nothing waits under the id “%s”. What does: antaractl approval list"
                : "Nothing of yours waits under the id “%s”. An administrator reaches others' by "
                  "--all.",
            id);
    } else if (why) {
        g_propagate_error(error, g_steal_pointer(&why));
    }
    return reply;
}

static gboolean approval_deny(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) reply = decide(bus, words, "Deny", "DenyAny", error);

    *ret_result = reply ? bus_read_named(reply, "event", error) : NULL;
    if (*ret_result) {
        json_object_set_new(*ret_result, "id", json_string(words_place(words, 0)));
    }
    return *ret_result != NULL;
}

static gboolean
approval_approve(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) reply = decide(bus, words, "Approve", "ApproveAny", error);
    json_t *number = reply ? bus_read_named(reply, "number", error) : NULL;
    json_t *event = number ? bus_read_named(reply, "event", error) : NULL;
    const char *digits = number ? json_string_value(json_object_get(number, "number")) : NULL;

    if (event) {
        json_object_set_new(event, "id", json_string(words_place(words, 0)));
        if (*digits) {
            json_object_update(event, number);
        }
        json_object_set_new(
            event, "next",
            json_string(
                *digits
                    ? "Type the number at the prompt that it is for; nobody will ask you for it."
                    : "Press Enter at the prompt."));
    }
    json_decref(number);
    *ret_result = event;
    return event != NULL;
}

/* (transfer full): what is known of one; where nothing is listed it is over. */
static json_t *find_row(json_t *rows, const char *id)
{
    size_t i = 0;
    json_t *row = NULL;

    json_array_foreach(rows, i, row)
    {
        if (g_strcmp0(json_string_value(json_object_get(row, "id")), id) == 0) {
            return json_incref(row);
        }
    }
    return json_pack("{ss sb}", "id", id, "over", 1);
}

static void print_text(const json_t *row, const char *before, const char *name)
{
    const char *value = json_string_value(json_object_get(row, name));
    g_autofree char *text = text_for_people(value, CELL_CHARS_MAX);

    if (*text) {
        printf("%s%s", before, text);
    }
}

/* One line for each, at once: whoever reads it waits for it. */
static void print_news(const Words *words, const json_t *row)
{
    if (words->as_json) {
        (void)json_dumpf(row, stdout, JSON_COMPACT);
    } else {
        print_text(row, "", "id");
        print_text(row, "  ", "service");
        print_text(row, "  ", "local_user");
        print_text(row, "  ", "terminal");
        if (json_is_true(json_object_get(row, "over"))) {
            printf("  over");
        } else if (json_is_true(json_object_get(row, "approved"))) {
            printf("  approved");
        }
    }
    putchar('\n');
    (void)fflush(stdout);
}

/* Who had to give a password for the watch would have to give it again for each line: he gets ids,
 * and may list. */
static gboolean has_only_ids(const Words *words)
{
    return words_have(words, "all") && geteuid() != 0;
}

static gboolean tell(sd_bus *bus, const Words *words, const char *id, GError **error)
{
    json_t *rows = has_only_ids(words) ? NULL : list(bus, words, error);

    if (!has_only_ids(words) && !rows) {
        return FALSE;
    }
    json_t *row = rows ? find_row(rows, id) : json_pack("{ss}", "id", id);
    print_news(words, row);
    json_decref(row);
    json_decref(rows);
    return TRUE;
}

/* What waits already, of what would have been told. */
static gboolean tell_first(sd_bus *bus, const Words *words, GError **error)
{
    json_t *rows = has_only_ids(words) ? json_array() : list(bus, words, error);
    size_t i = 0;
    json_t *row = NULL;

    json_array_foreach(rows, i, row)
    {
        if (g_strcmp0(json_string_value(json_object_get(row, "remote")), "") == 0) {
            print_news(words, row);
        }
    }
    const gboolean done = rows != NULL;
    json_decref(rows);
    return done;
}

/* What the bus said meanwhile; it is looked at outside of sd-bus's own dispatch. */
typedef struct News {
    GQueue ids; /* of char * */
    gboolean away;
} News;

static void news_clear(News *news)
{
    g_queue_clear_full(&news->ids, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(News, news_clear)

static int changed(sd_bus_message *signal, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    News *news = data;
    const char *id = NULL;

    if (sd_bus_message_read(signal, "s", &id) >= 0) {
        g_queue_push_tail(&news->ids, g_strdup(id));
    }
    return 0;
}

static int owner_changed(sd_bus_message *signal, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    News *news = data;
    const char *name = NULL;

    if (sd_bus_message_read(signal, "s", &name) >= 0 && g_str_equal(name, ANTARA_BUS_NAME)) {
        news->away = TRUE;
    }
    return 0;
}

/* Until antarad goes: who watches has to ask it anew. */
static gboolean follow(sd_bus *bus, const Words *words, News *news, GError **error)
{
    for (;;) {
        int r = sd_bus_process(bus, NULL);
        while (r >= 0 && !g_queue_is_empty(&news->ids)) {
            g_autofree char *id = g_queue_pop_head(&news->ids);
            if (!tell(bus, words, id, error)) {
                return FALSE;
            }
        }
        if (r < 0 || news->away) {
            return bus_is_away(error);
        }
        if (r == 0 && (r = sd_bus_wait(bus, UINT64_MAX)) < 0 && r != -EINTR) {
            return bus_is_away(error);
        }
    }
}

static gboolean
approval_watch(sd_bus *bus, const Words *words, G_GNUC_UNUSED json_t **ret_result, GError **error)
{
    g_auto(News) news = {.ids = G_QUEUE_INIT};
    g_autoptr(BusMessage) call = call_new(bus, words, "Watch", "WatchAll");

    int r = sd_bus_match_signal(
        bus, NULL, ANTARA_BUS_NAME, ANTARA_BUS_PATH, ANTARA_BUS_APPROVAL, "Changed", changed,
        &news);
    r = r < 0 ? r
              : sd_bus_match_signal(
                    bus, NULL, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                    "org.freedesktop.DBus", "NameOwnerChanged", owner_changed, &news);
    r = r < 0 ? r : sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    return reply && tell_first(bus, words, error) && follow(bus, words, &news, error);
}

const Command approval_commands[] = {
    {"approval", "list", "[--all]", "all", 0, 0,
     "List the sign-ins of yours that wait at a prompt of this host, or (root, --all) all of them",
     NULL, approval_list},
    {"approval", "approve", "ID [--all]", "all", 1, 1,
     "Approve a sign-in that began on this host, and print the number for its prompt; none of "
     "sudo, "
     "su or polkit, and none of yours if you may become root, unless you are root or use --all",
     NULL, approval_approve},
    {"approval", "deny", "ID [--all]", "all", 1, 1, "End a sign-in that waits", NULL,
     approval_deny},
    {"approval", "watch", "[--all]", "all", 0, 0,
     "Print each sign-in that began on this host and waits, and then, as it happens, each that "
     "begins, "
     "is decided or is over; with --json one value a line",
     NULL, approval_watch},
    {0},
};
