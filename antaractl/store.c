/* SPDX-License-Identifier: GPL-3.0-or-later */

/* store.c - antaractl kek rotate, kek status, backup, check: long work, with a bar */

#include "antaractl/bus.h"
#include "antaractl/command.h"
#include "dbus/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOOK_USEC ((gulong)100 * 1000)
#define BAR_CHARS 40

typedef struct Progress {
    char *kind;
    char *state;
    guint64 done, total;
    char *words;
} Progress;

static void progress_clear(Progress *progress)
{
    g_clear_pointer(&progress->kind, g_free);
    g_clear_pointer(&progress->state, g_free);
    g_clear_pointer(&progress->words, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Progress, progress_clear)

static gboolean progress_read(sd_bus *bus, Progress *ret_progress, GError **error)
{
    sd_bus_error failure = SD_BUS_ERROR_NULL;
    sd_bus_message *reply = NULL;
    const char *kind = NULL;
    const char *state = NULL;
    const char *words = NULL;

    int r = sd_bus_get_property(
        bus, ANTARA_BUS_NAME, ANTARA_BUS_PATH, ANTARA_BUS_MANAGER, "Progress", &failure, &reply,
        "(sstts)");
    r = r < 0 ? r
              : sd_bus_message_read(
                    reply, "(sstts)", &kind, &state, &ret_progress->done, &ret_progress->total,
                    &words);
    if (r < 0) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_FAILED,
            "antarad does not tell how far it is (%s); antaractl status tells whether it runs.",
            failure.message ? failure.message : g_strerror(-r));
    } else {
        ret_progress->kind = g_strdup(kind);
        ret_progress->state = g_strdup(state);
        ret_progress->words = g_strdup(words);
    }
    sd_bus_error_free(&failure);
    sd_bus_message_unref(reply);
    return r >= 0;
}

/* On a terminal alone: what is piped away stays clean. */
static void draw(const Progress *progress, gboolean last)
{
    char bar[BAR_CHARS + 1];
    guint64 total = MAX(progress->total, 1);
    guint64 done = MIN(progress->done, total);
    guint filled = (guint)(done * BAR_CHARS / total);

    if (!isatty(STDERR_FILENO)) {
        return;
    }
    memset(bar, '.', BAR_CHARS);
    memset(bar, '#', filled);
    bar[BAR_CHARS] = '\0';
    (void)fprintf(
        stderr, "\r%-10s [%s] %3u %%%s", progress->kind, bar, (guint)(done * 100 / total),
        last ? "\n" : "");
    (void)fflush(stderr);
}

static gboolean follow(sd_bus *bus, json_t **ret_result, GError **error)
{
    for (;;) {
        g_auto(Progress) progress = {0};
        if (!progress_read(bus, &progress, error)) {
            return FALSE;
        }
        gboolean failed = g_strcmp0(progress.state, "failed") == 0;
        gboolean ended = failed || g_strcmp0(progress.state, "done") == 0;
        draw(&progress, ended);
        if (failed) {
            g_set_error(error, CTL_ERROR, CTL_ERROR_FAILED, "It failed: %s", progress.words);
            return FALSE;
        }
        if (ended) {
            *ret_result = json_pack("{s:s, s:s}", "done", progress.kind, "said", progress.words);
            return TRUE;
        }
        g_usleep(LOOK_USEC);
    }
}

static gboolean begin(sd_bus *bus, const char *member, int fd, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, member);
    int r = fd < 0 ? 0 : sd_bus_message_append(call, "h", fd);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    return reply && follow(bus, ret_result, error);
}

static int open_file(const char *path, int flags, GError **error)
{
    int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0600);

    if (fd < 0) {
        g_set_error(error, CTL_ERROR, CTL_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
    }
    return fd;
}

static gboolean kek_rotate(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    int fd = open_file(words_place(words, 0), O_RDONLY, error);

    if (fd < 0) {
        return FALSE;
    }
    gboolean done = begin(bus, "RotateKek", fd, ret_result, error);
    (void)close(fd);
    if (done) {
        json_object_set_new(
            *ret_result, "next",
            json_string(
                "Name this KEK in the configuration (or as the credential), restart antarad, "
                "and keep the old one until antaractl kek status calls it removable."));
    }
    return done;
}

static gboolean kek_status(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    static const char *const keys[] = {
        "kek", "kek_source", "kek_next", "kek_rotating", "kek_removable"};
    g_autoptr(BusMessage) call = bus_call_new(bus, "Status");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    json_t *all = reply ? bus_read_dictionary(reply, error) : NULL;

    if (!all) {
        return FALSE;
    }
    *ret_result = json_object();
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        json_t *value = json_object_get(all, keys[i]);
        if (value) {
            json_object_set(*ret_result, keys[i], value);
        }
    }
    json_decref(all);
    return TRUE;
}

static gboolean
signing_key_rotate(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "RotateSigningKey");
    int r = sd_bus_message_append(call, "sb", words->tenant, words_have(words, "compromised"));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    return reply && follow(bus, ret_result, error);
}

/* A file that is there already is left alone; one that was not finished goes. */
static gboolean backup(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const char *path = words_place(words, 0);
    int fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, error);

    if (fd < 0) {
        return FALSE;
    }
    gboolean done = begin(bus, "Backup", fd, ret_result, error);
    (void)close(fd);
    if (!done) {
        (void)unlink(path);
    }
    return done;
}

static gboolean call_plain(sd_bus *bus, const char *member, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, member);
    g_autoptr(BusMessage) reply = bus_call(bus, call, 0, error);

    return reply != NULL;
}

static gboolean check(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    if (words_have(words, "believe-clock") && !call_plain(bus, "BelieveClock", error)) {
        return FALSE;
    }
    if (words_have(words, "confirm-restore") &&
        !begin(bus, "ConfirmRestore", -1, ret_result, error)) {
        return FALSE;
    }
    json_decref(*ret_result);
    *ret_result = NULL;
    return begin(bus, "Check", -1, ret_result, error);
}

const Command store_commands[] = {
    {"kek", "rotate", "FILE", "", 1, 1, "Change to the KEK in FILE, while all goes on", NULL,
     kek_rotate},
    {"kek", "status", "", "", 0, 0, "Show which KEK is in use, and which one can go", NULL,
     kek_status},
    {"signing-key", "rotate", "[--compromised]", "compromised", 0, 0,
     "Sign ID tokens with new keys; the old ones stay in the JWKS for a day, unless compromised",
     NULL, signing_key_rotate},
    {"backup", NULL, "FILE", "", 1, 1, "Write a backup of the whole store to a new FILE", NULL,
     backup},
    {"check", NULL, "[--believe-clock] [--confirm-restore]", "believe-clock confirm-restore", 0, 0,
     "Read all that the store has; say that the clock is right, or that a restore was looked at",
     NULL, check},
    {0},
};
