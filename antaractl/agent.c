/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/agent.h"

#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MSEC 5000

/* pkttyagent(1) --notify-fd: closed when the agent is registered, or has ended. */
static void wait_until_ready(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    (void)poll(&ready, 1, READY_MSEC);
}

/* Not with --fallback: polkit 122 takes a fallback only for who has a session of logind. */
static GPid begin(int notify)
{
    g_autofree char *process = g_strdup_printf("%d", getpid());
    const char *const words[] = {"pkttyagent", "--process", process, "--notify-fd", "3", NULL};
    const int target = 3;
    GPid agent = 0;

    return g_spawn_async_with_pipes_and_fds(
               NULL, words, NULL,
               G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN, NULL,
               NULL, -1, -1, -1, &notify, &target, 1, &agent, NULL, NULL, NULL, NULL)
               ? agent
               : 0; /* polkit then says no, and we say why */
}

GPid agent_open(void)
{
    int notify[2];

    if (geteuid() == 0 || !isatty(STDIN_FILENO) || !g_unix_open_pipe(notify, FD_CLOEXEC, NULL)) {
        return 0;
    }
    GPid agent = begin(notify[1]);
    (void)close(notify[1]);
    if (agent) {
        wait_until_ready(notify[0]);
    }
    (void)close(notify[0]);
    return agent;
}

void agent_close(GPid agent)
{
    if (agent) {
        (void)kill(agent, SIGTERM);
        (void)kill(agent, SIGCONT);
        (void)waitpid(agent, NULL, 0);
    }
}
