/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * metrics-server.h - /metrics and /healthz for whoever watches this machine, on addresses of their
 * own ([http] metrics_listen), never on the public port
 *
 * Behind the same gate and the same deadlines; one request per connection, and few connections.
 */

#include "base/config.h"
#include "core/run.h"

#define METRICS_CONNECTIONS_MAX 32U /* at once */

typedef struct MetricsServer MetricsServer;

/**
 * metrics_server_new() - listen and serve in the default main context, which is the runner's
 * @addresses: HOST:PORT …, checked by config_read_metrics_listen()
 */
MetricsServer *metrics_server_new(const char *const *addresses, Runner *runner, GError **error);
void metrics_server_free(MetricsServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MetricsServer, metrics_server_free)

/* Reads a char ** of addresses: loopback, or explicit ones; never all of the machine's. */
gboolean
config_read_metrics_listen(const ConfigValue *value, gpointer target, gsize offset, GError **error);
