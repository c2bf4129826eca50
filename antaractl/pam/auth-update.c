/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/auth-update.h"

#include "antaractl/error.h"

#include <string.h>

#define TOOL "/usr/sbin/pam-auth-update"

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

/* What it says itself; debconf's own warnings of its empty database are none. */
static char *said_by_it(const char *output)
{
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    GString *said = g_string_new(NULL);

    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, "pam-auth-update: ")) {
            g_string_append_printf(
                said, "%s%s", said->len > 0 ? " " : "", *line + strlen("pam-auth-update: "));
        }
    }
    return g_string_free(said, FALSE);
}

/* The selection that counts is what the files have; debconf's, which a running apt locks, is asked
 * only where these were changed by hand, and then nothing is to be written. */
gboolean pam_auth_update(const char *root, const char *verb, char **ret_said, GError **error)
{
    static const char *const environment[] = {
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
        "DEBCONF_DB_REPLACE=Pipe{infd:none outfd:none}", NULL};
    g_autofree char *seconds = g_strdup_printf("%u", PAM_AUTH_UPDATE_SECONDS_MAX);
    const char *words[] = {"/usr/bin/timeout", seconds, TOOL, verb, "antara", "--root", root, NULL};
    g_autofree char *output = NULL;
    g_autoptr(GError) why = NULL;
    int status = 0;

    if (!g_spawn_sync(
            "/", (char **)words, (char **)environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
            &output, &status, &why) ||
        !g_spawn_check_wait_status(status, &why)) {
        return ctl_fail(
            error, TOOL " %s antara failed (%s): %s", verb, why->message,
            output ? g_strstrip(output) : "is this Debian, with libpam-runtime?");
    }
    *ret_said = said_by_it(output);
    return TRUE;
}
