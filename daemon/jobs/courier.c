/* SPDX-License-Identifier: GPL-3.0-or-later */

/* courier.c - requests on their way to a worker and back; what a worker does stands in
 * courier-fetch.c */

#include "jobs/courier-inside.h"

#include <curl/curl.h>

struct Courier {
    CourierOptions options;
    char *test_ca;
    GThreadPool *pool;
    GPtrArray *errands; /* all that are under way */
    gint stopping;      /* atomic */
};

/* One request; a worker has it until it attaches @back. */
typedef struct Errand {
    Courier *courier;
    char *url, *type;
    CourierRequest request;
    CourierDone done;
    gpointer data;
    GSource *back;
    CourierAnswer answer;
    GError *error;
} Errand;

static void errand_free(gpointer data)
{
    Errand *errand = data;

    g_source_destroy(errand->back);
    g_source_unref(errand->back);
    g_free(errand->url);
    g_free(errand->type);
    g_clear_pointer(&errand->request.body, g_bytes_unref);
    g_clear_pointer(&errand->answer.body, g_bytes_unref);
    g_clear_error(&errand->error);
    g_free(errand);
}

static gboolean come_back(gpointer data)
{
    Errand *errand = data;
    Courier *courier = errand->courier;
    guint place = 0;

    g_assert(g_ptr_array_find(courier->errands, errand, &place));
    (void)g_ptr_array_steal_index_fast(courier->errands, place);
    errand->done(errand->error ? NULL : &errand->answer, errand->error, errand->data);
    errand_free(errand);
    return G_SOURCE_REMOVE;
}

static void run(gpointer data, gpointer user)
{
    Errand *errand = data;
    const Courier *courier = user;
    const CourierFetch fetch = {
        .options = &courier->options,
        .request = &errand->request,
        .deadline_usec = g_get_monotonic_time() + courier->options.usec,
        .stopping = &courier->stopping,
    };

    if (!g_atomic_int_get(&courier->stopping)) {
        (void)courier_fetch(&fetch, &errand->answer, &errand->error);
        g_source_attach(errand->back, NULL);
    }
}

Courier *courier_new(const CourierOptions *options)
{
    Courier *courier = g_new0(Courier, 1);

    g_assert(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    courier->options = options ? *options : (CourierOptions){0};
    g_assert(ANTARA_TEST_LOOPBACK || !courier->options.test_ca);
    courier->test_ca = g_strdup(courier->options.test_ca);
    courier->options.test_ca = courier->test_ca;
    if (courier->options.usec == 0) {
        courier->options.usec = COURIER_USEC;
    }
    courier->errands = g_ptr_array_new();
    courier->pool = g_thread_pool_new(run, courier, (gint)COURIER_AT_ONCE, FALSE, NULL);
    return courier;
}

void courier_free(Courier *courier)
{
    if (!courier) {
        return;
    }
    g_atomic_int_set(&courier->stopping, 1);
    g_thread_pool_free(courier->pool, FALSE, TRUE);
    g_ptr_array_set_free_func(courier->errands, errand_free);
    g_ptr_array_unref(courier->errands);
    g_free(courier->test_ca);
    g_free(courier);
    curl_global_cleanup();
}

guint courier_room(const Courier *courier)
{
    return COURIER_AT_ONCE - MIN(courier->errands->len, COURIER_AT_ONCE);
}

void courier_send(Courier *courier, const CourierRequest *request, CourierDone done, gpointer data)
{
    Errand *errand = g_new0(Errand, 1);

    errand->courier = courier;
    errand->url = g_strdup(request->url);
    errand->type = g_strdup(request->type);
    errand->request = (CourierRequest){errand->url, errand->type, NULL};
    errand->request.body = request->body ? g_bytes_ref(request->body) : NULL;
    errand->done = done;
    errand->data = data;
    errand->back = g_idle_source_new();
    g_source_set_priority(errand->back, G_PRIORITY_DEFAULT);
    g_source_set_callback(errand->back, come_back, errand, NULL);
    g_ptr_array_add(courier->errands, errand);
    (void)g_thread_pool_push(courier->pool, errand, NULL); /* it is queued even when no thread is */
}
