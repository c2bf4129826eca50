/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/auth-update.h"

#include "antaractl/error.h"

#include <string.h>
#include <sys/wait.h>

#define TOOL      "/usr/sbin/pam-auth-update"
#define TIMED_OUT 124 /* timeout(1) */

const PamAuthUpdateFile pam_auth_update_files[PAM_AUTH_UPDATE_FILES] = {
    {"etc/pam.d", "common-auth"},
    {"etc/pam.d", "common-account"},
    {"etc/pam.d", "common-password"},
    {"etc/pam.d", "common-session"},
    {"etc/pam.d", "common-session-noninteractive"},
    {"var/lib/pam", "auth"},
    {"var/lib/pam", "account"},
    {"var/lib/pam", "password"},
    {"var/lib/pam", "session"},
    {"var/lib/pam", "session-noninteractive"},
    {"var/lib/pam", "seen"},
};

/* What it says itself, of files that were changed by hand. */
static gboolean is_told(const char *output)
{
    return strstr(output, "pam-auth-update: Local modifications") != NULL;
}

/* Of debconf's many warnings about its empty database the reason is the last. */
static gboolean ended_well(const char *verb, int status, char *output, GError **error)
{
    g_autoptr(GError) why = NULL;
    const char *last = strrchr(g_strchomp(output), '\n');

    if (g_spawn_check_wait_status(status, &why)) {
        return TRUE;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == TIMED_OUT
               ? ctl_fail(
                     error, TOOL " %s antara did not end in %u s", verb,
                     PAM_AUTH_UPDATE_SECONDS_MAX)
               : ctl_fail(
                     error, TOOL " %s antara failed (%s): %s", verb, why->message,
                     last ? last + 1 : output);
}

/* The selection that counts is what the files have; debconf's, which a running apt locks, is asked
 * only where these were changed by hand, and then nothing is to be written. */
gboolean pam_auth_update(const char *root, const char *verb, gboolean *ret_leaves, GError **error)
{
    static const char *const environment[] = {
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
        "DEBCONF_DB_REPLACE=Pipe{infd:none outfd:none}", NULL};
    g_autofree char *seconds = g_strdup_printf("%u", PAM_AUTH_UPDATE_SECONDS_MAX);
    const char *words[] = {"/usr/bin/timeout", "--kill-after=5", seconds, TOOL, verb,
                           "antara",           "--root",         root,    NULL};
    g_autofree char *output = NULL;
    g_autoptr(GError) why = NULL;
    int status = 0;

    if (!g_spawn_sync(
            "/", (char **)words, (char **)environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
            &output, &status, &why)) {
        return ctl_fail(error, "Can't run " TOOL ": %s", why->message);
    }
    *ret_leaves = is_told(output);
    return ended_well(verb, status, output, error);
}
