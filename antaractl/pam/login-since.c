/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/login-since.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define ANCESTORS_MAX 64U

/* As /proc shows them: 15 characters at most. */
static const struct Program {
    const char *service, *name;
} programs[] = {
    {"sshd", "sshd"},
    {"sshd", "sshd-session"},
    {"sudo-i", "sudo"},
    {"su-l", "su"},
    {"gdm-password", "gdm-session-wor"},
    {"sddm", "sddm-helper"},
};

typedef struct Process {
    char name[16];
    gint64 parent;
    gint64 born_usec;
} Process;

gint64 boot_time_usec(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* What stands behind the ")" of /proc/pid/stat begins with a blank, and its third field. */
enum { STAT_PARENT = 4 - 2, STAT_BORN = 22 - 2 };

/* Source: proc(5), /proc/pid/stat; the name may hold anything, so fields count from the last ")".
 */
static gboolean process_read(gint64 pid, Process *ret_process)
{
    g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/stat", pid);
    g_autofree char *text = NULL;
    const gint64 ticks_per_second = sysconf(_SC_CLK_TCK);

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return FALSE;
    }
    char *begin = strchr(text, '(');
    char *end = strrchr(text, ')');
    if (!begin || !end || end < begin) {
        return FALSE;
    }
    g_auto(GStrv) words = g_strsplit(end + 1, " ", STAT_BORN + 2);
    gint64 born_ticks = 0;
    if (g_strv_length(words) <= STAT_BORN ||
        !g_ascii_string_to_signed(
            words[STAT_PARENT], 10, 0, G_MAXINT64, &ret_process->parent, NULL) ||
        !g_ascii_string_to_signed(words[STAT_BORN], 10, 0, G_MAXINT64, &born_ticks, NULL)) {
        return FALSE;
    }
    *end = '\0';
    (void)g_strlcpy(ret_process->name, begin + 1, sizeof(ret_process->name));
    ret_process->born_usec = born_ticks * G_USEC_PER_SEC / ticks_per_second;
    return TRUE;
}

static gboolean is_program_of(const char *service, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
        if (g_str_equal(programs[i].service, service) && g_str_equal(programs[i].name, name)) {
            return TRUE;
        }
    }
    return strncmp(service, name, sizeof(((Process *)NULL)->name) - 1) == 0;
}

gboolean login_is_since(const char *service, gint64 since_usec)
{
    Process process = {.parent = getpid()};

    for (guint i = 0; i < ANCESTORS_MAX && process.parent > 0; i++) {
        if (!process_read(process.parent, &process)) {
            return FALSE;
        }
        if (is_program_of(service, process.name) && process.born_usec >= since_usec) {
            return TRUE;
        }
    }
    return FALSE;
}
