/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/service-guard.h"

#include "antaractl/pam/pending.h"

static const char *root_of(const Words *words)
{
    const char *root = words_option(words, "root");

    return root && !g_str_equal(root, "/") ? root : "";
}

Revert revert_of(const Words *words)
{
    return (Revert){words_place(words, 0), root_of(words)};
}

gboolean
guard_begin(Bus *bus, const Revert *revert, guint64 seconds, gboolean by_profile, GError **error)
{
    if (!pending_begin(revert->root, revert->service, seconds, by_profile, error)) {
        return FALSE;
    }
    if (revert_set(bus, revert, seconds, error)) {
        return TRUE;
    }
    g_prefix_error(error, "Nothing was changed, since --confirm-within needs a running systemd: ");
    (void)pending_forget(revert->root, revert->service, NULL);
    return FALSE;
}

gboolean guard_end(Bus *bus, const Revert *revert, GError **error)
{
    if (!pending_forget(revert->root, revert->service, error)) {
        return FALSE;
    }
    if (bus) {
        (void)revert_stop(bus, revert, NULL);
    }
    return TRUE;
}
