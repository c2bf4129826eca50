/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/line.h"

#include "antaractl/error.h"

#include <string.h>

#define BLANKS " \t\n"

static const char *const phase_names[PAM_PHASES] = {"auth", "account", "password", "session"};

void pam_line_free(PamLine *line)
{
    g_free(line->control_words);
    g_free(line->target);
    g_strfreev(line->arguments);
    g_free(line->file);
    g_free(line);
}

const char *pam_phase_name(PamPhase phase)
{
    return phase_names[phase];
}

const char *pam_line_module(const PamLine *line)
{
    const char *slash = strrchr(line->target, '/');

    return slash ? slash + 1 : line->target;
}

static gboolean wrong(const PamLine *line, GError **error, const char *what)
{
    return ctl_fail(error, "%s:%u: %s", line->file, line->number, what);
}

/* (transfer full): "[a b\]c]" -> "[a b]c": the first bracket stays, as a mark; NULL when it is
 * never closed. *text moves behind it. */
static char *bracketed(const char **text)
{
    g_autoptr(GString) word = g_string_new("[");
    const char *sign = *text + 1;

    for (; *sign && *sign != ']'; sign++) {
        sign += sign[0] == '\\' && sign[1] == ']' ? 1 : 0;
        g_string_append_c(word, *sign);
    }
    *text = sign + 1;
    return *sign ? g_string_free(g_steal_pointer(&word), FALSE) : NULL;
}

/* (transfer full): of char *; NULL: a bracket is open. */
static GPtrArray *words_of(const char *text)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
        char *word = NULL;
        if (*text == '[') {
            word = bracketed(&text);
        } else {
            const gsize size = strcspn(text, BLANKS);
            word = g_strndup(text, size);
            text += size;
        }
        if (!word) {
            return NULL;
        }
        g_ptr_array_add(words, word);
    }
    return g_steal_pointer(&words);
}

static const char *plain(const char *word)
{
    return *word == '[' ? word + 1 : word;
}

static gboolean phase_read(const char *word, PamLine *line)
{
    line->quiet = *word == '-';
    for (PamPhase phase = 0; phase < PAM_PHASES; phase++) {
        if (g_ascii_strcasecmp(word + (line->quiet ? 1 : 0), phase_names[phase]) == 0) {
            line->phase = phase;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean control_read(const char *word, PamLine *line, GError **error)
{
    const char *why = NULL;

    line->control_words = *word == '[' ? g_strconcat(word, "]", NULL) : g_strdup(word);
    if (g_ascii_strcasecmp(word, "include") == 0) {
        line->kind = PAM_LINE_INCLUDE;
        return TRUE;
    }
    if (g_ascii_strcasecmp(word, "substack") == 0) {
        line->kind = PAM_LINE_SUBSTACK;
        return TRUE;
    }
    return pam_control_read(plain(word), *word == '[', &line->control, &why) ||
           wrong(line, error, why);
}

static void arguments_read(const GPtrArray *words, guint from, PamLine *line)
{
    line->arguments = g_new0(char *, words->len + 1);
    for (guint i = from; i < words->len; i++) {
        line->arguments[i - from] = g_strdup(plain(words->pdata[i]));
    }
}

static gboolean words_read(const GPtrArray *words, PamLine *line, GError **error)
{
    if (g_ascii_strcasecmp(words->pdata[0], "@include") == 0) {
        line->kind = PAM_LINE_INCLUDE_ALL;
        line->control_words = g_strdup("@include");
        if (words->len != 2) {
            return wrong(line, error, "@include is followed by the name of one file");
        }
        line->target = g_strdup(words->pdata[1]);
        return TRUE;
    }
    if (!phase_read(words->pdata[0], line)) {
        return wrong(
            line, error, "a line begins with auth, account, password, session or @include");
    }
    if (words->len < 3) {
        return wrong(line, error, "a line is: phase, control, module, its arguments");
    }
    if (!control_read(words->pdata[1], line, error)) {
        return FALSE;
    }
    line->target = g_strdup(plain(words->pdata[2]));
    arguments_read(words, 3, line);
    return TRUE;
}

/* One whole line, comments gone; nothing is added for an empty one. */
static gboolean
line_add(GPtrArray *lines, const char *text, const char *file, guint number, GError **error)
{
    g_autoptr(PamLine) line = g_new0(PamLine, 1);
    g_autoptr(GPtrArray) words = words_of(text);

    line->file = g_strdup(file);
    line->number = number;
    if (!words) {
        return wrong(line, error, "a [ is never closed");
    }
    if (strlen(text) > PAM_LINE_BYTES_MAX) {
        return wrong(line, error, "the line is longer than 4096 bytes");
    }
    if (words->len == 0) {
        return TRUE;
    }
    if (!g_utf8_validate(text, -1, NULL)) {
        return wrong(line, error, "the line is no UTF-8");
    }
    if (!words_read(words, line, error)) {
        return FALSE;
    }
    g_ptr_array_add(lines, g_steal_pointer(&line));
    return TRUE;
}

/* Appends one physical line to @whole. TRUE when the next belongs to it: a backslash at the end;
 * one behind a # belongs to the comment. */
static gboolean goes_on(const char *physical, GString *whole)
{
    g_autofree char *text = g_strchomp(g_strndup(physical, strcspn(physical, "#")));
    const gsize size = strlen(text);
    const gboolean more = size > 0 && text[size - 1] == '\\' && !strchr(physical, '#');

    if (more) {
        text[size - 1] = ' ';
    }
    g_string_append(whole, text);
    return more;
}

GPtrArray *pam_lines_read(const char *text, const char *file, GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func((GDestroyNotify)pam_line_free);
    g_auto(GStrv) physical = g_strsplit(text, "\n", -1);
    g_autoptr(GString) whole = g_string_new(NULL);
    guint first = 1;

    if (strchr(text, '\r')) {
        ctl_fail(error, "%s: lines end in CR LF, which libpam takes for a part of words", file);
        return NULL;
    }
    for (guint i = 0; physical[i]; i++) {
        if (goes_on(physical[i], whole) && physical[i + 1]) {
            continue;
        }
        if (!line_add(lines, whole->str, file, first, error)) {
            return NULL;
        }
        g_string_truncate(whole, 0);
        first = i + 2;
    }
    return g_steal_pointer(&lines);
}
