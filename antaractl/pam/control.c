/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/control.h"

#include <security/_pam_types.h>
#include <string.h>

#define SKIP_MAX 1000U

/* By their numbers in security/_pam_types.h. */
static const char *const code_names[PAM_CODES] = {
    "success",
    "open_err",
    "symbol_err",
    "service_err",
    "system_err",
    "buf_err",
    "perm_denied",
    "auth_err",
    "cred_insufficient",
    "authinfo_unavail",
    "user_unknown",
    "maxtries",
    "new_authtok_reqd",
    "acct_expired",
    "session_err",
    "cred_unavail",
    "cred_expired",
    "cred_err",
    "no_module_data",
    "conv_err",
    "authtok_err",
    "authtok_recover_err",
    "authtok_lock_busy",
    "authtok_disable_aging",
    "try_again",
    "ignore",
    "abort",
    "authtok_expired",
    "module_unknown",
    "bad_item",
    "conv_again",
    "incomplete",
};

static const struct Action {
    const char *name;
    PamAction action;
} actions[] = {
    {"ignore", PAM_ACTION_IGNORE}, {"ok", PAM_ACTION_OK},   {"done", PAM_ACTION_DONE},
    {"bad", PAM_ACTION_BAD},       {"die", PAM_ACTION_DIE}, {"reset", PAM_ACTION_RESET},
};

static const struct Keyword {
    const char *name;
    const char *list;
} keywords[] = {
    {"required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad"},
    {"requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die"},
    {"optional", "success=ok new_authtok_reqd=ok default=ignore"},
    {"sufficient", "success=done new_authtok_reqd=done default=ignore"},
};

const char *pam_code_name(int code)
{
    return code >= 0 && code < PAM_CODES ? code_names[code] : "?";
}

static gboolean action_read(const char *word, int *ret_action)
{
    char *end = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(actions); i++) {
        if (g_ascii_strcasecmp(word, actions[i].name) == 0) {
            *ret_action = actions[i].action;
            return TRUE;
        }
    }
    const guint64 skips = g_ascii_isdigit(*word) ? g_ascii_strtoull(word, &end, 10) : 0;
    *ret_action = (int)skips;
    return skips > 0 && skips <= SKIP_MAX && *end == '\0';
}

/* -1: there is none. */
static int code_read(const char *word)
{
    for (int code = 0; code < PAM_CODES; code++) {
        if (g_ascii_strcasecmp(word, code_names[code]) == 0) {
            return code;
        }
    }
    return -1;
}

/* One of "auth_err=bad"; "default" is for each code that was not named yet. */
static const char *pair_read(const char *pair, PamControl *control, gboolean *named)
{
    g_auto(GStrv) halves = g_strsplit(pair, "=", 2);
    const gboolean is_default = g_ascii_strcasecmp(halves[0], "default") == 0;
    const int code = code_read(halves[0]);
    int action = 0;

    if (!is_default && code < 0) {
        return "it names an answer that PAM doesn't have";
    }
    if (!halves[1] || !action_read(halves[1], &action)) {
        return "an action is ignore, ok, done, bad, die, reset, or how many modules to skip";
    }
    for (int i = 0; i < PAM_CODES; i++) {
        if (i == code || (is_default && !named[i])) {
            control->actions[i] = action;
            named[i] = TRUE;
        }
    }
    return NULL;
}

static const char *list_read(const char *list, PamControl *control)
{
    g_auto(GStrv) pairs = g_strsplit_set(list, " \t\n", -1);
    gboolean named[PAM_CODES] = {0};
    const char *wrong = NULL;

    *control = (PamControl){0};
    for (char **pair = pairs; !wrong && *pair; pair++) {
        wrong = **pair ? pair_read(*pair, control, named) : NULL;
    }
    return wrong;
}

gboolean pam_control_read(
    const char *words,
    gboolean is_list,
    PamControl *ret_control,
    const char **ret_wrong)
{
    *ret_wrong = NULL;
    if (is_list) {
        *ret_wrong = list_read(words, ret_control);
        return *ret_wrong == NULL;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(keywords); i++) {
        if (g_ascii_strcasecmp(words, keywords[i].name) == 0) {
            return list_read(keywords[i].list, ret_control) == NULL;
        }
    }
    *ret_wrong = "a control is required, requisite, sufficient, optional, include, substack or "
                 "[answer=action …]";
    return FALSE;
}
