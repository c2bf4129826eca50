/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/log-events.h"
#include "base/log.h"
#include "base/text.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Row B7 of the threat model. */
static const char hostile[] =
    "a\x1b]0;owned\x07\r\nantarad: error: forged\x7f\xc2\x9b[31m\xe2\x80\xae\xe2\x81\xa6\xff";

/* (transfer full): what is written to standard error meanwhile. */
static char *written(const LogField *fields, const char *words)
{
    g_autofree char *path = NULL;
    int file = g_file_open_tmp("antara-log-XXXXXX", &path, NULL);
    int before = dup(STDERR_FILENO);
    char *text = NULL;

    g_assert_cmpint(dup2(file, STDERR_FILENO), ==, STDERR_FILENO);
    log_event(LOG_LEVEL_NOTICE, LOG_EVENT_PAM_ENDED, fields, "Of %s", words);
    (void)fflush(stderr);
    g_assert_cmpint(dup2(before, STDERR_FILENO), ==, STDERR_FILENO);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    (void)close(before);
    (void)close(file);
    (void)g_unlink(path);
    return text;
}

static void b7_foreign_words_are_one_line_without_controls(void)
{
    const LogField fields[] = {{"NAME", hostile}, {"STATE", "good"}, {0}};
    g_autofree char *line = written(fields, hostile);
    char *end = strchr(line, '\n');

    g_assert_true(end && end[1] == '\0');
    *end = '\0';
    g_assert_true(text_is_plain(line));
    g_assert_true(g_str_has_prefix(line, "antarad: notice: Of a\\x1b]0;owned\\x07\\x0d\\x0a"));
    g_assert_nonnull(strstr(line, "(pam-ended) NAME=a\\x1b]0;owned\\x07"));
    g_assert_true(g_str_has_suffix(line, "\\u{202e}\\u{2066}\\xff STATE=good"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/log/b7", b7_foreign_words_are_one_line_without_controls);
    return g_test_run();
}
