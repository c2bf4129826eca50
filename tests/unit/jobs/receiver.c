/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "receiver.h"

#include <glib/gstdio.h>

void receiver_start(Receiver *receiver)
{
    g_autofree char *script = g_test_build_filename(G_TEST_DIST, "../../receiver.py", NULL);
    g_autoptr(GError) error = NULL;

    receiver->folder = g_dir_make_tmp("antara-receiver-XXXXXX", NULL);
    receiver->ca = g_build_filename(receiver->folder, "ca.pem", NULL);
    receiver->process = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "/usr/bin/python3",
        script, receiver->folder, NULL);
    g_assert_no_error(error);
    g_autoptr(GDataInputStream) out =
        g_data_input_stream_new(g_subprocess_get_stdout_pipe(receiver->process));
    g_autofree char *line = g_data_input_stream_read_line(out, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(line);
    g_auto(GStrv) ports = g_strsplit(line, " ", 2);
    receiver->port = (guint)g_ascii_strtoull(ports[0], NULL, 10);
    receiver->mute_port = (guint)g_ascii_strtoull(ports[1], NULL, 10);
}

void receiver_stop(Receiver *receiver)
{
    GOutputStream *in = g_subprocess_get_stdin_pipe(receiver->process);
    g_autoptr(GDir) dir = g_dir_open(receiver->folder, 0, NULL);

    g_assert_true(g_output_stream_close(in, NULL, NULL));
    g_assert_true(g_subprocess_wait_check(receiver->process, NULL, NULL));
    g_object_unref(receiver->process);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(receiver->folder, name, NULL);
        (void)g_unlink(path);
    }
    (void)g_rmdir(receiver->folder);
    g_free(receiver->folder);
    g_free(receiver->ca);
}
