/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/block.h"

#include "antaractl/error.h"
#include "antaractl/pam/scene.h"

#include <string.h>

#define BEGIN "# antara: begin (antaractl service disable takes these lines out)\n"
#define END   "# antara: end\n"

/* The account check is not for root, who must get in to mend what is broken; under su, where the
 * user is the one to become, not for root's own calls. Antara away or removed refuses nobody: who
 * came in meanwhile didn't come by Antara. */
#define ACCOUNT                                                                                    \
    "account [success=ok new_authtok_reqd=ok ignore=ignore authinfo_unavail=ignore "               \
    "module_unknown=ignore default=bad] " PAM_ANTARA_MODULE "\n"

static const PamPhase ours[] = {PAM_PHASE_AUTH, PAM_PHASE_ACCOUNT};

static const char *block_of(const char *service, PamPhase phase)
{
    if (phase == PAM_PHASE_AUTH) {
        return BEGIN "auth sufficient " PAM_ANTARA_MODULE "\n" END;
    }
    return g_str_equal(service, "su") || g_str_equal(service, "su-l") ? BEGIN
               "account [success=1 default=ignore] pam_rootok.so\n" ACCOUNT END
                                                                      : BEGIN
               "account [success=1 default=ignore] pam_succeed_if.so quiet uid = 0\n" ACCOUNT END;
}

/* Where @block stands, whole and once; NULL: not so. */
static const char *block_find(const char *text, const char *block)
{
    const char *at = strstr(text, block);

    if (!at || (at > text && at[-1] != '\n') || strstr(at + 1, block)) {
        return NULL;
    }
    return at;
}

static gboolean line_is_ours(const PamLine *line)
{
    return line->kind == PAM_LINE_MODULE && g_str_equal(pam_line_module(line), PAM_ANTARA_MODULE);
}

guint block_count_lines(const char *text)
{
    g_autoptr(GPtrArray) lines = pam_lines_read(text, "", NULL);
    guint count = 0;

    for (guint i = 0; lines && i < lines->len; i++) {
        count += line_is_ours(lines->pdata[i]) ? 1 : 0;
    }
    return lines || !strstr(text, PAM_ANTARA_MODULE) ? count : 1;
}

gboolean block_is_in(const char *text, const char *service)
{
    return block_count_lines(text) == G_N_ELEMENTS(ours) &&
           block_find(text, block_of(service, PAM_PHASE_AUTH)) != NULL &&
           block_find(text, block_of(service, PAM_PHASE_ACCOUNT)) != NULL;
}

/* TRUE when the line, or what it includes, has lines of @phase that judge. */
static gboolean judges(const PamTree *tree, const PamLine *line, PamPhase phase)
{
    if (line->kind != PAM_LINE_INCLUDE_ALL && line->phase != phase) {
        return FALSE;
    }
    if (line->kind == PAM_LINE_MODULE) {
        return pam_module_judges(pam_line_module(line));
    }
    g_autoptr(PamStack) included = pam_stack_read(tree, line->target, NULL);
    return included && !included->from_other[phase] && included->phases[phase]->len > 0;
}

static const PamLine *place_find(
    const PamTree *tree,
    const GPtrArray *lines,
    PamPhase phase,
    const char *service,
    GError **error)
{
    for (guint i = 0; i < lines->len; i++) {
        const PamLine *line = lines->pdata[i];
        if (!judges(tree, line, phase)) {
            continue;
        }
        if (line->kind == PAM_LINE_INCLUDE && !g_str_has_prefix(line->target, "common-") &&
            g_str_has_prefix(service, line->target)) {
            ctl_fail(
                error, "%s:%u: %s takes its lines from %s: antaractl service enable %s is for both",
                line->file, line->number, service, line->target, line->target);
            return NULL;
        }
        return line;
    }
    ctl_fail(
        error, "%s has no %s line that could be asked after Antara: nothing was changed", service,
        pam_phase_name(phase));
    return NULL;
}

static gsize offset_of_line(const char *text, guint number)
{
    const char *at = text;

    for (guint i = 1; i < number; i++) {
        at = strchr(at, '\n') + 1;
    }
    return (gsize)(at - text);
}

char *block_insert(const PamTree *tree, const char *text, const char *service, GError **error)
{
    g_autoptr(GPtrArray) lines = pam_lines_read(text, service, error);
    g_autoptr(GString) edited = g_string_new(text);
    gsize places[G_N_ELEMENTS(ours)] = {0};

    for (gsize i = 0; i < G_N_ELEMENTS(ours); i++) {
        const PamLine *line = lines ? place_find(tree, lines, ours[i], service, error) : NULL;
        if (!line) {
            return NULL;
        }
        places[i] = offset_of_line(text, line->number);
    }
    const gsize last = places[1] >= places[0] ? 1 : 0; /* so that the other's place holds */
    g_string_insert(edited, (gssize)places[last], block_of(service, ours[last]));
    g_string_insert(edited, (gssize)places[1 - last], block_of(service, ours[1 - last]));
    return g_string_free(g_steal_pointer(&edited), FALSE);
}

char *block_remove(const char *text, const char *service, GError **error)
{
    g_autoptr(GString) edited = g_string_new(text);

    for (gsize i = 0; i < G_N_ELEMENTS(ours); i++) {
        const char *block = block_of(service, ours[i]);
        const char *at = block_find(edited->str, block);
        if (!at) {
            ctl_fail(
                error,
                "The %s lines of Antara in %s were changed by hand since antaractl wrote them, so "
                "they were left alone. Take them out yourself (%s.antara-backup is the file before "
                "them), then say antaractl service disable %s --no-pam-file.",
                pam_phase_name(ours[i]), service, service, service);
            return NULL;
        }
        g_string_erase(edited, at - edited->str, (gssize)strlen(block));
    }
    if (block_count_lines(edited->str) > 0) {
        ctl_fail(
            error,
            "%s names " PAM_ANTARA_MODULE " beside the lines that antaractl wrote: take that out "
            "first.",
            service);
        return NULL;
    }
    return g_string_free(g_steal_pointer(&edited), FALSE);
}
