/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/login-since.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_USEC 20000

/* A process of that name, born now, and a child that asks. */
static gboolean asked_below(const char *program, const char *service, gint64 since_usec)
{
    int status = 0;
    const pid_t login = fork();

    if (login == 0) {
        (void)prctl(PR_SET_NAME, program);
        const pid_t shell = fork();
        if (shell == 0) {
            (void)prctl(PR_SET_NAME, "bash");
            _exit(login_is_since(service, since_usec) ? 0 : 1);
        }
        (void)waitpid(shell, &status, 0);
        _exit(WEXITSTATUS(status));
    }
    g_assert_cmpint(waitpid(login, &status, 0), ==, login);
    return WEXITSTATUS(status) == 0;
}

static void only_a_newer_sign_in_by_that_service_counts(void)
{
    const gint64 before = boot_time_usec() - TICK_USEC;
    const gint64 later = before + G_TIME_SPAN_HOUR;

    g_assert_true(asked_below("sshd", "sshd", before));
    g_assert_true(asked_below("sshd-session", "sshd", before));
    g_assert_true(asked_below("sudo", "sudo-i", before));
    g_assert_true(asked_below("gdm-session-wor", "gdm-password", before));
    g_assert_false(asked_below("sshd", "sshd", later));
    g_assert_false(asked_below("tmux) 1 2 (", "sshd", before));
    g_assert_false(asked_below("su", "sudo", before));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/login-since/ancestors", only_a_newer_sign_in_by_that_service_counts);
    return g_test_run();
}
