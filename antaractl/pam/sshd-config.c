/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/sshd-config.h"

#include <glob.h>
#include <string.h>

#define INCLUDE_DEPTH_MAX 8U
#define FILE_BYTES_MAX    262144U
#define GRACE_SECONDS     300

/* The first value that sshd reads is the one it uses. */
static struct Setting {
    const char *name, *alias;
} const settings[] = {
    {"usepam", NULL},
    {"kbdinteractiveauthentication", "challengeresponseauthentication"},
    {"logingracetime", NULL},
    {"passwordauthentication", NULL},
    {"pubkeyauthentication", NULL},
    {"usedns", NULL},
};
enum { USE_PAM, KEYBOARD, GRACE, PASSWORD, KEY, USE_DNS, SETTINGS };

typedef struct Reading {
    const char *root;
    char *values[SETTINGS];
    char *where[SETTINGS];
} Reading;

static void file_read(Reading *reading, const char *path, guint depth);

/* A pattern without a slash is below /etc/ssh. */
static void include(Reading *reading, const char *pattern, guint depth)
{
    g_autofree char *full = *pattern == '/'
                                ? g_strconcat(reading->root, pattern, NULL)
                                : g_strconcat(reading->root, "/etc/ssh/", pattern, NULL);
    glob_t found = {0};

    if (depth < INCLUDE_DEPTH_MAX && glob(full, 0, NULL, &found) == 0) {
        for (gsize i = 0; i < found.gl_pathc; i++) {
            file_read(reading, found.gl_pathv[i], depth + 1);
        }
    }
    globfree(&found);
}

static void setting_read(Reading *reading, const char *name, const char *value, const char *where)
{
    for (guint i = 0; i < SETTINGS; i++) {
        const gboolean is_it =
            g_ascii_strcasecmp(name, settings[i].name) == 0 ||
            (settings[i].alias && g_ascii_strcasecmp(name, settings[i].alias) == 0);
        if (is_it && !reading->values[i]) {
            reading->values[i] = g_strdup(value);
            reading->where[i] = g_strdup(where);
        }
    }
}

/* FALSE at a Match: what follows holds for some only, up to the end of its file. */
static gboolean line_read(Reading *reading, const char *line, const char *where, guint depth)
{
    g_autofree char *text = g_strstrip(g_strdup(line));
    char *value = text + strcspn(text, " \t=");
    const gsize blanks = strspn(value, " \t=");

    if (*text == '#' || !*value) {
        return TRUE;
    }
    *value = '\0';
    value += blanks;
    g_auto(GStrv) words = g_strsplit_set(value, " \t\"", -1);
    if (g_ascii_strcasecmp(text, "match") == 0) {
        return FALSE;
    }
    const gboolean is_include = g_ascii_strcasecmp(text, "include") == 0;
    for (char **word = words; *word; word++) {
        if (is_include && **word) {
            include(reading, *word, depth);
        } else if (**word) {
            setting_read(reading, text, *word, where);
            break;
        }
    }
    return TRUE;
}

static void file_read(Reading *reading, const char *path, guint depth)
{
    g_autofree char *text = NULL;
    gsize size = 0;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
        !g_file_get_contents(path, &text, &size, NULL) || size > FILE_BYTES_MAX) {
        return;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        g_autofree char *where = g_strdup_printf("%s:%u", path, i + 1);
        if (!line_read(reading, lines[i], where, depth)) {
            return;
        }
    }
}

/* "2m" and "120" alike; 0 is no limit. */
static gint64 seconds_of(const char *text)
{
    char *unit = NULL;
    gint64 seconds = 0;

    while (g_ascii_isdigit(*text)) {
        const gint64 number = (gint64)MIN(g_ascii_strtoull(text, &unit, 10), G_MAXINT);
        const char name = g_ascii_tolower(*unit);
        seconds += number * (name == 'm' ? 60 : name == 'h' ? 3600 : name == 'd' ? 86400 : 1);
        text = *unit ? unit + 1 : unit;
    }
    return seconds;
}

static gboolean is_no(const char *value)
{
    return value &&
           (g_ascii_strcasecmp(value, "no") == 0 || g_ascii_strcasecmp(value, "false") == 0);
}

static gboolean asks_pam(const Reading *reading)
{
    return reading->values[USE_PAM] && !is_no(reading->values[USE_PAM]);
}

static void judge(const Reading *reading, const char *path, json_t *findings)
{
    const char *const *where = (const char *const *)reading->where;

    if (!asks_pam(reading)) {
        finding_add(
            findings, FINDING_TRAP, "sshd-without-pam", where[USE_PAM] ? where[USE_PAM] : path, 0,
            "sshd asks PAM nothing. Say UsePAM yes.");
    }
    if (is_no(reading->values[KEYBOARD])) {
        finding_add(
            findings, FINDING_TRAP, "sshd-without-prompt", where[KEYBOARD], 0,
            "sshd shows no prompt of PAM, so nobody sees URL and code. Say "
            "KbdInteractiveAuthentication yes.");
    }
    if (reading->values[USE_DNS] && !is_no(reading->values[USE_DNS])) {
        finding_add(
            findings, FINDING_TRAP, "sshd-names", where[USE_DNS], 0,
            "sshd names a visitor as the visitor's own DNS does, so budgets of an address are "
            "as many as he likes. Say UseDNS no.");
    }
    const gint64 grace = reading->values[GRACE] ? seconds_of(reading->values[GRACE]) : 120;
    if (grace > 0 && grace < GRACE_SECONDS) {
        finding_add(
            findings, FINDING_ADVICE, "sshd-grace", where[GRACE] ? where[GRACE] : path, 0,
            "sshd hangs up before a person may have approved, and gives no time for a second "
            "code. Say LoginGraceTime 300.");
    }
}

static void reading_clear(Reading *reading)
{
    for (guint i = 0; i < SETTINGS; i++) {
        g_free(reading->values[i]);
        g_free(reading->where[i]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

/* (transfer full): the path; NULL where there is no such file. */
static char *read_whole(Reading *reading)
{
    g_autofree char *path = g_strconcat(reading->root, "/etc/ssh/sshd_config", NULL);

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        return NULL;
    }
    file_read(reading, path, 0);
    return g_steal_pointer(&path);
}

void sshd_config_look(json_t *findings, const char *root)
{
    g_auto(Reading) reading = {.root = root};
    g_autofree char *path = read_whole(&reading);

    if (path) {
        judge(&reading, path, findings);
    }
}

SshdWays sshd_config_ways(const char *root)
{
    g_auto(Reading) reading = {.root = root};
    g_autofree char *path = read_whole(&reading);

    if (!path) {
        return (SshdWays){TRUE, TRUE, TRUE};
    }
    const gboolean prompt = asks_pam(&reading) && !is_no(reading.values[KEYBOARD]);
    return (SshdWays){
        .prompt = prompt,
        .password = prompt || !is_no(reading.values[PASSWORD]),
        .key = !is_no(reading.values[KEY]),
    };
}
