/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/scene.h"

#include <security/_pam_types.h>
#include <string.h>

#define PERSON_UID 1000

typedef enum ModuleKind {
    MODULE_OTHER, /* a factor that only the scene can answer for */
    MODULE_RULE,  /* of who may come */
    MODULE_ANTARA,
    MODULE_PASSWORD,
    MODULE_DIRECTORY, /* knows only users that are not local */
    MODULE_YES,
    MODULE_NO,
    MODULE_SILENT,
    MODULE_NOLOGIN,
    MODULE_LOCK,
    MODULE_ROOT,
    MODULE_CONDITION,
} ModuleKind;

static const struct Module {
    const char *name;
    ModuleKind kind;
    const char *words;
} modules[] = {
    {PAM_ANTARA_MODULE, MODULE_ANTARA, "Antara"},
    {"pam_unix.so", MODULE_PASSWORD, "the local password, and whether the account has expired"},
    {"pam_sss.so", MODULE_DIRECTORY, "users of a directory (sssd)"},
    {"pam_ldap.so", MODULE_DIRECTORY, "users of a directory (LDAP)"},
    {"pam_krb5.so", MODULE_DIRECTORY, "users of a directory (Kerberos)"},
    {"pam_winbind.so", MODULE_DIRECTORY, "users of a directory (Windows)"},
    {"pam_systemd_home.so", MODULE_DIRECTORY, "users of systemd-homed"},
    {"pam_deny.so", MODULE_NO, "always no"},
    {"pam_permit.so", MODULE_YES, "always yes"},
    {"pam_localuser.so", MODULE_YES, "is the user in /etc/passwd?"},
    {"pam_nologin.so", MODULE_NOLOGIN, "nobody but root while /etc/nologin is there"},
    {"pam_rootok.so", MODULE_ROOT, "is the caller root?"},
    {"pam_succeed_if.so", MODULE_CONDITION, "a condition on the user"},
    {"pam_securetty.so", MODULE_YES, "root at listed terminals only"},
    {"pam_faillock.so", MODULE_LOCK, "locks after many wrong passwords"},
    {"pam_faildelay.so", MODULE_SILENT, "waits after a wrong answer"},
    {"pam_cap.so", MODULE_SILENT, "capabilities"},
    {"pam_group.so", MODULE_SILENT, "groups by time and terminal"},
    {"pam_env.so", MODULE_SILENT, "environment"},
    {"pam_motd.so", MODULE_SILENT, "message of the day"},
    {"pam_mail.so", MODULE_SILENT, "tells of mail"},
    {"pam_echo.so", MODULE_SILENT, "shows a text"},
    {"pam_issue.so", MODULE_SILENT, "shows a text"},
    {"pam_warn.so", MODULE_SILENT, "logs"},
    {"pam_gnome_keyring.so", MODULE_SILENT, "opens the keyring"},
    {"pam_kwallet5.so", MODULE_SILENT, "opens the wallet"},
    {"pam_ecryptfs.so", MODULE_SILENT, "opens an encrypted home"},
    {"pam_limits.so", MODULE_YES, "limits"},
    {"pam_loginuid.so", MODULE_YES, "notes who signed in"},
    {"pam_keyinit.so", MODULE_YES, "a keyring of its own"},
    {"pam_systemd.so", MODULE_YES, "registers the session"},
    {"pam_selinux.so", MODULE_YES, "SELinux"},
    {"pam_google_authenticator.so", MODULE_OTHER, "a one-time password"},
    {"pam_oath.so", MODULE_OTHER, "a one-time password"},
    {"pam_u2f.so", MODULE_OTHER, "a security key"},
    {"pam_duo.so", MODULE_OTHER, "a second factor"},
    {"pam_fprintd.so", MODULE_OTHER, "a fingerprint"},
    {"pam_access.so", MODULE_RULE, "who may come from where"},
    {"pam_time.so", MODULE_RULE, "who may come when"},
    {"pam_listfile.so", MODULE_RULE, "a list of users"},
    {"pam_shells.so", MODULE_RULE, "a listed shell"},
    {"pam_wheel.so", MODULE_RULE, "members of a group only"},
    {"pam_exec.so", MODULE_OTHER, "a program"},
};

static const struct Module *module_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(modules); i++) {
        if (g_str_equal(modules[i].name, name)) {
            return &modules[i];
        }
    }
    return NULL;
}

const char *pam_module_words(const char *module)
{
    const struct Module *known = module_find(module);

    return known ? known->words : NULL;
}

gboolean pam_module_judges(const char *module)
{
    const struct Module *known = module_find(module);
    const ModuleKind kind = known ? known->kind : MODULE_OTHER;

    return kind == MODULE_OTHER || kind == MODULE_PASSWORD || kind == MODULE_DIRECTORY ||
           kind == MODULE_NO || g_str_equal(module, "pam_permit.so") ||
           g_str_equal(module, "pam_localuser.so");
}

PamScene pam_scene_new(const PamTree *tree, int antara)
{
    return (PamScene){.tree = tree, .antara = antara, .password = TRUE, .others = TRUE};
}

static int refusal(const PamLine *line)
{
    return line->phase == PAM_PHASE_ACCOUNT ? PAM_ACCT_EXPIRED : PAM_AUTH_ERR;
}

static int verdict(const PamLine *line, gboolean yes)
{
    return yes ? PAM_SUCCESS : refusal(line);
}

/* @yes, which is the scene's, unless the line has agreed. */
static gboolean says_yes(const PamLine *line, const PamScene *scene, gboolean yes)
{
    if (yes || (scene->agreed && g_ptr_array_find((GPtrArray *)scene->agreed, line, NULL))) {
        return TRUE;
    }
    if (scene->refused) {
        g_ptr_array_add(scene->refused, (gpointer)line);
    }
    return FALSE;
}

/* Only "preauth" keeps somebody out; the others count. */
static int lock_answer(const PamLine *line, const PamScene *scene)
{
    const gboolean looks = g_strv_contains((const char *const *)line->arguments, "preauth");

    return looks && !says_yes(line, scene, !scene->locked) ? refusal(line) : PAM_IGNORE;
}

/* "uid = 0" and its like are what stacks have; of the rest only the scene can say. */
static gboolean condition_holds(const PamLine *line, const PamScene *scene)
{
    char **words = line->arguments;
    const int uid = scene->root ? 0 : PERSON_UID;

    while (*words && (g_str_equal(*words, "quiet") || g_str_has_prefix(*words, "quiet_") ||
                      g_str_equal(*words, "use_uid"))) {
        words++;
    }
    if (g_strv_length(words) != 3) {
        return says_yes(line, scene, scene->others);
    }
    const char *how = words[1];
    const gint64 than = g_ascii_strtoll(words[2], NULL, 10);
    if (g_str_equal(words[0], "user") || g_str_equal(words[0], "ruser")) {
        const gboolean is_it = scene->root && g_str_equal(words[2], "root");
        return g_str_equal(how, "=") ? is_it : !is_it;
    }
    if (!g_str_equal(words[0], "uid")) {
        return says_yes(line, scene, scene->others);
    }
    return ((g_str_equal(how, "=") || g_str_equal(how, "eq")) && uid == than) ||
           ((g_str_equal(how, "!=") || g_str_equal(how, "ne")) && uid != than) ||
           ((g_str_equal(how, "<") || g_str_equal(how, "lt")) && uid < than) ||
           ((g_str_equal(how, ">=") || g_str_equal(how, "ge")) && uid >= than);
}

static int password_answer(const PamLine *line, const PamScene *scene)
{
    if (line->phase == PAM_PHASE_AUTH) {
        return verdict(line, scene->password);
    }
    return verdict(line, line->phase != PAM_PHASE_ACCOUNT || !scene->expired);
}

static int module_answer(ModuleKind kind, const PamLine *line, const PamScene *scene)
{
    switch (kind) {
    case MODULE_ANTARA:
        return scene->antara;
    case MODULE_PASSWORD:
        return password_answer(line, scene);
    case MODULE_DIRECTORY:
        return PAM_USER_UNKNOWN;
    case MODULE_YES:
        return PAM_SUCCESS;
    case MODULE_NO:
        return refusal(line);
    case MODULE_SILENT:
        return PAM_IGNORE;
    case MODULE_NOLOGIN:
        return scene->nologin && !scene->root ? PAM_AUTH_ERR : PAM_IGNORE;
    case MODULE_LOCK:
        return lock_answer(line, scene);
    case MODULE_ROOT:
        return verdict(line, scene->root);
    case MODULE_CONDITION:
        return condition_holds(line, scene) ? PAM_SUCCESS : PAM_AUTH_ERR;
    case MODULE_OTHER:
    case MODULE_RULE:
        break;
    }
    return verdict(line, says_yes(line, scene, scene->others));
}

static int answer(const PamLine *line, gpointer data)
{
    PamScene *scene = data;
    const struct Module *module = module_find(pam_line_module(line));

    if (scene->ran) {
        g_ptr_array_add(scene->ran, (gpointer)line);
    }
    scene->antara_ran += module && module->kind == MODULE_ANTARA ? 1 : 0;
    if (!pam_tree_has_module(scene->tree, line->target)) {
        return PAM_MODULE_UNKNOWN;
    }
    return module_answer(module ? module->kind : MODULE_OTHER, line, scene);
}

int pam_scene_play(PamScene *scene, const PamStack *stack, PamPhase phase)
{
    return pam_flow(stack->phases[phase], answer, scene);
}
