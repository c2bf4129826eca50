/* SPDX-License-Identifier: GPL-3.0-or-later */

/* service.c - antaractl service enable, disable, confirm: one file of PAM and the daemon, together
 */

#include "antaractl/bus.h"
#include "antaractl/command.h"
#include "antaractl/pam/edit.h"
#include "antaractl/pam/login-since.h"
#include "antaractl/pam/pending.h"
#include "antaractl/pam/scene.h"
#include "antaractl/pam/sshd-config.h"
#include "antaractl/revert.h"
#include "antaractl/service-revert.h"
#include "antaractl/time-span.h"

typedef sd_bus Bus;

static void bus_close(Bus *bus)
{
    sd_bus_flush_close_unref(bus);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bus, bus_close)

static const char *root_of(const Words *words)
{
    const char *root = words_option(words, "root");

    return root && !g_str_equal(root, "/") ? root : "";
}

static Revert revert_of(const Words *words)
{
    return (Revert){words_place(words, 0), root_of(words)};
}

/* TRUE when it is so, already or now; *ret_settled (nullable): already. */
static gboolean
tell_daemon(Bus *bus, const Words *words, const char *member, gboolean *ret_settled, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, member);
    g_autoptr(GError) why = NULL;
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, &why);

    *ret_settled = g_error_matches(why, CTL_ERROR, CTL_ERROR_SETTLED);
    if (reply || *ret_settled) {
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

static gboolean check_service(const Words *words, GError **error)
{
    guint64 seconds = 0;

    if (!pam_edit_may(words_place(words, 0), error) ||
        !time_span_read(words_option(words, "confirm-within"), &seconds, error)) {
        return FALSE;
    }
    if (words_have(words, "confirm-within") &&
        (seconds < PENDING_SECONDS_MIN || seconds > PENDING_SECONDS_MAX ||
         words_have(words, "no-pam-file"))) {
        return ctl_fail(
            error,
            "--confirm-within is from 30s to 1d, and guards an edit: not with --no-pam-file");
    }
    return TRUE;
}

/* Backup first, then the file; each is whole at any moment. */
static gboolean write_file(PamFile *file, const char *text, GError **error)
{
    if (g_str_equal(file->text, text)) {
        return TRUE;
    }
    if (!pam_file_back_up(file, error)) {
        return FALSE;
    }
    if (!pam_file_write(file, text, error)) {
        if (!file->changed) {
            pam_file_drop_backup(file);
        }
        return FALSE;
    }
    return TRUE;
}

/* FALSE: the new text stands there still. What somebody else wrote since then is left alone. */
static gboolean take_back(PamFile *file, const char *written, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *now = file->changed ? pam_file_read(file, &why) : NULL;

    if (!file->changed) {
        return TRUE;
    }
    if (now && !g_str_equal(now, written)) {
        g_prefix_error(
            error,
            "%s/%s was changed by somebody else meanwhile, so it is left as it is: antaractl "
            "service disable %s takes Antara's lines out of it (%s.antara-backup is the file of "
            "before). ",
            file->folder, file->name, file->name, file->name);
        return FALSE;
    }
    if (!now || !pam_file_write(file, file->text, &why)) {
        g_prefix_error(
            error, "%s. And %s/%s.antara-backup must be put back by hand. ", why->message,
            file->folder, file->name);
        return FALSE;
    }
    pam_file_drop_backup(file);
    g_prefix_error(error, "%s/%s is as it was. ", file->folder, file->name);
    return TRUE;
}

/* *ret_undone: after a failure the file is as before. */
static gboolean edit_and_tell(
    Bus *bus,
    const Words *words,
    PamFile *file,
    const char *text,
    gboolean guarded,
    gboolean *ret_undone,
    GError **error)
{
    gboolean settled = FALSE;

    if (!write_file(file, text, error) ||
        (guarded && !pending_edited(root_of(words), file->name, error)) ||
        !tell_daemon(bus, words, "EnableService", &settled, error)) {
        *ret_undone = take_back(file, text, error);
        return FALSE;
    }
    return TRUE;
}

/* Note and timer, before anything is changed; the note is what counts after a reboot. */
static gboolean guard_begin(Bus *bus, const Revert *revert, guint64 seconds, GError **error)
{
    if (!pending_begin(revert->root, revert->service, seconds, error)) {
        return FALSE;
    }
    if (revert_set(bus, revert, seconds, error)) {
        return TRUE;
    }
    g_prefix_error(error, "Nothing was changed, since --confirm-within needs a running systemd: ");
    (void)pending_forget(revert->root, revert->service, NULL);
    return FALSE;
}

/* Nothing waits any more. A timer that can't be stopped will find no note, and do nothing. */
static gboolean guard_end(Bus *bus, const Revert *revert, GError **error)
{
    if (!pending_forget(revert->root, revert->service, error)) {
        return FALSE;
    }
    if (bus) {
        (void)revert_stop(bus, revert, NULL);
    }
    return TRUE;
}

/* The service that the daemon knows by the same name, with a file of its own; NULL: none. */
static const char *twin_of(const char *service)
{
    static const char *const twins[] = {"sudo", "sudo-i", "su", "su-l"};

    for (gsize i = 0; i < G_N_ELEMENTS(twins); i++) {
        if (g_str_equal(service, twins[i])) {
            return twins[i ^ 1];
        }
    }
    return NULL;
}

static gboolean twin_asks(const Words *words)
{
    const char *twin = twin_of(words_place(words, 0));
    g_autoptr(PamTree) tree = pam_tree_new(root_of(words));
    g_autoptr(PamStack) stack = twin ? pam_stack_read(tree, twin, NULL) : NULL;

    return stack && pam_stack_find(stack, PAM_PHASE_AUTH, PAM_ANTARA_MODULE);
}

static json_t *enabled_told(const Words *words, const PamFile *file)
{
    g_autofree char *path = g_build_filename(file->folder, file->name, NULL);
    json_t *told = json_pack(
        "{ss ss ss}", "name", file->name, "file", path, "note",
        "users without a link are refused now, but root: antaractl link list");
    Pending waits = {0};

    if (g_str_equal(file->name, "sshd") && !sshd_config_ways(root_of(words)).prompt) {
        json_object_set_new(
            told, "sshd",
            json_string(
                "shows no prompt, so nobody can approve yet: antaractl pam doctor sshd says why"));
    }
    if (twin_of(file->name) && !twin_asks(words)) {
        g_autofree char *also = g_strdup_printf(
            "%s has a file of its own: antaractl service enable %s", twin_of(file->name),
            twin_of(file->name));
        json_object_set_new(told, "also", json_string(also));
    }
    if (pending_find(root_of(words), file->name, &waits)) {
        const gboolean has_tickets = g_str_has_prefix(file->name, "sudo");
        g_autofree char *next = g_strdup_printf(
            "sign in anew%s, and there: antaractl service confirm %s (within %" G_GUINT64_FORMAT
            " s)",
            has_tickets ? " (first sudo -k, else nobody is asked)" : "", file->name,
            pending_left(&waits));
        json_object_set_new(told, "next", json_string(next));
    }
    return told;
}

/* 1. what the file becomes  2. note and timer that take it back  3. backup and file  4. the daemon.
 * Where the lines are there already nothing is to be taken back. */
static gboolean enable_with_file(Bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);
    g_auto(PamFile) file = {.folder_fd = -1};
    guint64 seconds = 0;
    Pending waits = {0};
    gboolean undone = FALSE;

    if (!pam_file_open(tree, revert.service, FALSE, &file, error) ||
        !time_span_read(words_option(words, "confirm-within"), &seconds, error)) {
        return FALSE;
    }
    g_autofree char *text = pam_edit_enable(tree, &file, error);
    if (!text) {
        return FALSE;
    }
    const gboolean guarded = seconds > 0 && (!g_str_equal(text, file.text) ||
                                             pending_find(revert.root, revert.service, &waits));
    if (guarded && !guard_begin(bus, &revert, seconds, error)) {
        return FALSE;
    }
    if (!edit_and_tell(bus, words, &file, text, guarded, &undone, error)) {
        if (guarded && undone) {
            (void)guard_end(bus, &revert, NULL);
        }
        return FALSE;
    }
    *ret_result = enabled_told(words, &file);
    return TRUE;
}

static gboolean
service_enable(G_GNUC_UNUSED sd_bus *none, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(Bus) bus = bus_open(error);
    gboolean settled = FALSE;

    if (!bus) {
        return FALSE;
    }
    if (!words_have(words, "no-pam-file")) {
        return enable_with_file(bus, words, ret_result, error);
    }
    *ret_result = json_pack("{ss}", "name", words_place(words, 0));
    return tell_daemon(bus, words, "EnableService", &settled, error);
}

static gboolean disable_file(const Words *words, GError **error)
{
    g_autoptr(PamTree) tree = pam_tree_new(root_of(words));
    g_auto(PamFile) file = {.folder_fd = -1};

    if (!pam_file_open(tree, words_place(words, 0), FALSE, &file, error)) {
        return FALSE;
    }
    g_autofree char *text = pam_edit_disable(&file, error);
    if (!text || (!g_str_equal(text, file.text) && !pam_file_write(&file, text, error))) {
        return FALSE;
    }
    pam_file_drop_backup(&file);
    return pending_forget(root_of(words), file.name, error);
}

/* The file is as it was; a daemon that is away asks nobody either. */
static gboolean disable_in_daemon(const Words *words, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(Bus) bus = bus_open(error);
    g_autoptr(GError) why = NULL;
    gboolean settled = FALSE;

    if (bus && !words_have(words, "no-pam-file")) {
        (void)revert_stop(bus, &revert, NULL);
    }
    if (!bus || !tell_daemon(bus, words, "DisableService", &settled, &why)) {
        if (g_error_matches(why, CTL_ERROR, CTL_ERROR_NOT_FOUND) &&
            !words_have(words, "no-pam-file")) {
            return TRUE;
        }
        if (why) {
            g_propagate_error(error, g_steal_pointer(&why));
        }
        return FALSE;
    }
    return TRUE;
}

static gboolean
service_disable(G_GNUC_UNUSED sd_bus *none, const Words *words, json_t **ret_result, GError **error)
{
    const Revert revert = revert_of(words);
    const gboolean with_file = !words_have(words, "no-pam-file");

    if (with_file && !disable_file(words, error)) {
        return FALSE;
    }
    *ret_result = json_pack("{ss}", "name", revert.service);
    if ((with_file && twin_asks(words)) || disable_in_daemon(words, error)) {
        return TRUE;
    }
    if (with_file) {
        g_prefix_error(
            error, "%s/etc/pam.d/%s has no lines of Antara now, but the daemon wasn't told. ",
            revert.root, revert.service);
    }
    return FALSE;
}

static gboolean
service_confirm(G_GNUC_UNUSED sd_bus *none, const Words *words, json_t **ret_result, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);
    g_auto(PamFile) file = {.folder_fd = -1};
    g_autoptr(Bus) bus = NULL;
    Pending waits = {0};

    if (!pam_file_open(tree, revert.service, TRUE, &file, error)) {
        return FALSE;
    }
    if (!pending_find(revert.root, revert.service, &waits)) {
        return ctl_fail(error, "Nothing of %s waits for a confirmation.", revert.service);
    }
    if (!login_is_since(revert.service, pending_since_usec(&waits))) {
        return ctl_fail(
            error,
            "This session is older than the change, or did not come by %s. Sign in anew by %s, and "
            "confirm there: that shows that it still lets people in.",
            revert.service, revert.service);
    }
    bus = bus_open(NULL);
    *ret_result = json_pack("{ss}", "name", revert.service);
    return guard_end(bus, &revert, error);
}

const Command service_commands[] = {
    {"service", "enable", "NAME [--confirm-within TIME] [--no-pam-file] [--root DIR]",
     "confirm-within= no-pam-file root=", 1, 1,
     "Let people sign in to a PAM service: asks Antara in its file, and enables it", check_service,
     service_enable},
    {"service", "disable", "NAME [--no-pam-file] [--root DIR]", "no-pam-file root=", 1, 1,
     "Stop sign-in to a PAM service, and take the lines out of its file", check_service,
     service_disable},
    {"service", "confirm", "NAME [--root DIR]", "root=", 1, 1,
     "From a new sign-in: keep what enable --confirm-within did", check_service, service_confirm},
    {"service", "revert", "[NAME] [--root DIR]", "root=", 0, 1, NULL, NULL, service_revert},
    {0},
};
