/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/pending.h"

#include "antaractl/error.h"
#include "antaractl/pam/folder.h"
#include "antaractl/pam/login-since.h"
#include "antaractl/pam/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX     ".pending"
#define BY_PROFILE "profile"
#define BOOT_ID    "/proc/sys/kernel/random/boot_id"

static int folder_open(const char *root, gboolean makes)
{
    return pam_folder_open(root, "var/lib/antaractl", makes);
}

/* (transfer full): the note in a folder that is open. */
static char *note_path(int folder, const char *service)
{
    return g_strdup_printf("/proc/self/fd/%d/%s" SUFFIX, folder, service);
}

static void boot_id(char ret_boot[static 40])
{
    g_autofree char *text = NULL;

    if (g_file_get_contents(BOOT_ID, &text, NULL, NULL)) {
        (void)g_strlcpy(ret_boot, g_strstrip(text), 40);
    }
}

static gboolean
write_note(const char *root, const char *service, const Pending *pending, GError **error)
{
    const int folder = folder_open(root, TRUE);
    g_autoptr(GError) why = NULL;

    if (folder < 0) {
        return ctl_fail(
            error, "Nothing can be noted in %s/var/lib/antaractl: %s", root, g_strerror(errno));
    }
    g_autofree char *path = note_path(folder, service);
    g_autofree char *text = g_strdup_printf(
        "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %s%s\n",
        pending->edited_usec, pending->until_usec, pending->seconds, pending->boot,
        pending->by_profile ? " " BY_PROFILE : "");
    const gboolean done = g_file_set_contents_full(
        path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &why);
    (void)close(folder);
    return done ||
           ctl_fail(error, "Nothing can be noted in %s/var/lib/antaractl: %s", root, why->message);
}

gboolean pending_begin(
    const char *root,
    const char *service,
    guint64 seconds,
    gboolean by_profile,
    GError **error)
{
    Pending pending = {.edited_usec = G_MAXINT64, .seconds = seconds, .by_profile = by_profile};

    if (pending_find(root, service, &pending)) {
        return ctl_fail(
            error,
            "A change of %s waits for its confirmation already: antaractl service confirm %s, or "
            "disable %s.",
            service, service, service);
    }
    pending.until_usec = g_get_real_time() + (gint64)(seconds * G_USEC_PER_SEC);
    boot_id(pending.boot);
    return write_note(root, service, &pending, error);
}

gboolean pending_edited(const char *root, const char *service, GError **error)
{
    Pending pending = {0};

    if (!pending_find(root, service, &pending)) {
        return ctl_fail(error, "The note of the change of %s is gone.", service);
    }
    pending.edited_usec = boot_time_usec();
    return write_note(root, service, &pending, error);
}

static gboolean note_read(const char *text, Pending *ret_pending)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);

    ret_pending->by_profile = g_strv_contains((const char *const *)words, BY_PROFILE);
    return g_strv_length(words) >= 4 &&
           g_ascii_string_to_signed(
               words[0], 10, G_MININT64, G_MAXINT64, &ret_pending->edited_usec, NULL) &&
           g_ascii_string_to_signed(
               words[1], 10, G_MININT64, G_MAXINT64, &ret_pending->until_usec, NULL) &&
           g_ascii_string_to_unsigned(words[2], 10, 0, G_MAXUINT64, &ret_pending->seconds, NULL) &&
           *words[3] &&
           g_strlcpy(ret_pending->boot, words[3], sizeof(ret_pending->boot)) <
               sizeof(ret_pending->boot);
}

gboolean pending_find(const char *root, const char *service, Pending *ret_pending)
{
    const int folder = folder_open(root, FALSE);
    g_autofree char *path = note_path(folder, service);
    g_autofree char *text = NULL;
    const gboolean is_there = folder >= 0 && g_file_get_contents(path, &text, NULL, NULL);

    if (folder >= 0) {
        (void)close(folder);
    }
    if (!is_there) {
        return FALSE;
    }
    if (!note_read(text, ret_pending)) {
        *ret_pending = (Pending){.by_profile = ret_pending->by_profile};
    }
    return TRUE;
}

gint64 pending_since_usec(const Pending *pending)
{
    char boot[40] = "";

    boot_id(boot);
    return g_str_equal(boot, pending->boot) ? pending->edited_usec : 0;
}

guint64 pending_left(const Pending *pending)
{
    const gint64 left_usec = pending->until_usec - g_get_real_time();

    if (left_usec <= 0) {
        return 0;
    }
    const guint64 given = MIN(pending->seconds, PENDING_SECONDS_MAX);
    return MIN((guint64)left_usec / G_USEC_PER_SEC, given);
}

gboolean pending_forget(const char *root, const char *service, GError **error)
{
    const int folder = folder_open(root, FALSE);
    g_autofree char *name = g_strconcat(service, SUFFIX, NULL);

    if (folder < 0) {
        return TRUE;
    }
    const gboolean done = unlinkat(folder, name, 0) == 0 ? fsync(folder) == 0 : errno == ENOENT;
    const int number = errno;
    (void)close(folder);
    return done || ctl_fail(
                       error, "The note %s/var/lib/antaractl/%s can't be removed: %s", root, name,
                       g_strerror(number));
}

GPtrArray *pending_list(const char *root)
{
    GPtrArray *services = g_ptr_array_new_with_free_func(g_free);
    const int folder = folder_open(root, FALSE);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", folder);
    g_autoptr(GDir) listing = folder < 0 ? NULL : g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (listing && (name = g_dir_read_name(listing))) {
        g_autofree char *service =
            g_strndup(name, strlen(name) - MIN(strlen(name), strlen(SUFFIX)));
        if (g_str_has_suffix(name, SUFFIX) && pam_name_is_good(service)) {
            g_ptr_array_add(services, g_steal_pointer(&service));
        }
    }
    if (folder >= 0) {
        (void)close(folder);
    }
    return services;
}
