/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/stream.h"

#include "base/log-events.h"
#include "base/log.h"

/*
 * Input and output are one type each, pollable, over the same wire. The sources that libsoup waits
 * on have no descriptor: their prepare and check look at the wire, which the loop's source of
 * higher priority has brought up to date.
 */

#define HTTP_TYPE_INPUT (http_input_get_type())
G_DECLARE_FINAL_TYPE(HttpInput, http_input, HTTP, INPUT, GInputStream)
#define HTTP_TYPE_OUTPUT (http_output_get_type())
G_DECLARE_FINAL_TYPE(HttpOutput, http_output, HTTP, OUTPUT, GOutputStream)

struct _HttpInput {
    GInputStream parent;
    Wire *wire;
};

struct _HttpOutput {
    GOutputStream parent;
    Wire *wire;
};

struct _HttpStream {
    GIOStream parent;
    Wire *wire;
    HttpInput *input;
    HttpOutput *output;
};

static void input_pollable_init(GPollableInputStreamInterface *iface);
static void output_pollable_init(GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(
    HttpInput,
    http_input,
    G_TYPE_INPUT_STREAM,
    G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM, input_pollable_init))
G_DEFINE_FINAL_TYPE_WITH_CODE(
    HttpOutput,
    http_output,
    G_TYPE_OUTPUT_STREAM,
    G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_OUTPUT_STREAM, output_pollable_init))
G_DEFINE_FINAL_TYPE(HttpStream, http_stream, G_TYPE_IO_STREAM)

/* A source without a descriptor, ready when @ready says so of the wire. */
typedef struct WaitSource {
    GSource source;
    GObject *stream;
    Wire *wire;
    gboolean (*ready)(const Wire *wire);
} WaitSource;

static gboolean wait_prepare(GSource *source, int *timeout)
{
    const WaitSource *wait = (const WaitSource *)source;

    *timeout = -1;
    return wait->ready(wait->wire);
}

static gboolean wait_check(GSource *source)
{
    const WaitSource *wait = (const WaitSource *)source;

    return wait->ready(wait->wire);
}

static gboolean wait_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    GPollableSourceFunc func = (GPollableSourceFunc)(void (*)(void))callback;

    return func(((const WaitSource *)source)->stream, data);
}

static void wait_finalize(GSource *source)
{
    WaitSource *wait = (WaitSource *)source;

    g_clear_object(&wait->stream);
    g_clear_pointer(&wait->wire, wire_unref);
}

/* For g_source_set_closure(), which libsoup uses. */
static gboolean wait_closure(GObject *stream, gpointer data)
{
    GValue result = G_VALUE_INIT;
    GValue parameter = G_VALUE_INIT;

    g_value_init(&result, G_TYPE_BOOLEAN);
    g_value_init(&parameter, G_TYPE_OBJECT);
    g_value_set_object(&parameter, stream);
    g_closure_invoke(data, &result, 1, &parameter, NULL);
    gboolean again = g_value_get_boolean(&result);
    g_value_unset(&parameter);
    g_value_unset(&result);
    return again;
}

static GSource *wait_source_new(
    gpointer stream,
    Wire *wire,
    gboolean (*ready)(const Wire *),
    GCancellable *cancellable)
{
    static GSourceFuncs funcs = {
        .prepare = wait_prepare,
        .check = wait_check,
        .dispatch = wait_dispatch,
        .finalize = wait_finalize,
        .closure_callback = (GSourceFunc)(void (*)(void))wait_closure,
    };
    GSource *source = g_source_new(&funcs, sizeof(WaitSource));
    WaitSource *wait = (WaitSource *)source;

    wait->stream = g_object_ref(stream);
    wait->wire = wire_ref(wire);
    wait->ready = ready;
    g_source_set_static_name(source, "wire");
    if (cancellable) {
        g_autoptr(GSource) child = g_cancellable_source_new(cancellable);
        g_source_set_dummy_callback(child);
        g_source_add_child_source(source, child);
    }
    return source;
}

static gboolean can_read(const Wire *wire)
{
    return wire_readable(wire) > 0;
}

static gssize would_block(GError **error)
{
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "nothing is there yet");
    return -1;
}

static gssize
input_read(GInputStream *stream, void *data, gsize size, GCancellable *cancellable, GError **error)
{
    Wire *wire = HTTP_INPUT(stream)->wire;

    (void)cancellable;
    return can_read(wire) ? (gssize)wire_read(wire, data, size) : would_block(error);
}

static gboolean input_is_readable(GPollableInputStream *stream)
{
    return can_read(HTTP_INPUT(stream)->wire);
}

static GSource *input_create_source(GPollableInputStream *stream, GCancellable *cancellable)
{
    wire_wait(HTTP_INPUT(stream)->wire);
    return wait_source_new(stream, HTTP_INPUT(stream)->wire, can_read, cancellable);
}

static void input_pollable_init(GPollableInputStreamInterface *iface)
{
    iface->is_readable = input_is_readable;
    iface->create_source = input_create_source;
}

static void input_finalize(GObject *object)
{
    wire_unref(HTTP_INPUT(object)->wire);
    G_OBJECT_CLASS(http_input_parent_class)->finalize(object);
}

static void http_input_class_init(HttpInputClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = input_finalize;
    G_INPUT_STREAM_CLASS(klass)->read_fn = input_read;
}

static void http_input_init(HttpInput *input)
{
    (void)input;
}

static gssize output_write(
    GOutputStream *stream,
    const void *data,
    gsize size,
    GCancellable *cancellable,
    GError **error)
{
    Wire *wire = HTTP_OUTPUT(stream)->wire;

    (void)cancellable;
    if (!wire_is_writable(wire)) {
        return would_block(error);
    }
    wire_write(wire, data, size);
    return (gssize)size;
}

static gboolean output_is_writable(GPollableOutputStream *stream)
{
    return wire_is_writable(HTTP_OUTPUT(stream)->wire);
}

static GSource *output_create_source(GPollableOutputStream *stream, GCancellable *cancellable)
{
    return wait_source_new(stream, HTTP_OUTPUT(stream)->wire, wire_is_writable, cancellable);
}

static void output_pollable_init(GPollableOutputStreamInterface *iface)
{
    iface->is_writable = output_is_writable;
    iface->create_source = output_create_source;
}

static void output_finalize(GObject *object)
{
    wire_unref(HTTP_OUTPUT(object)->wire);
    G_OBJECT_CLASS(http_output_parent_class)->finalize(object);
}

static void http_output_class_init(HttpOutputClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = output_finalize;
    G_OUTPUT_STREAM_CLASS(klass)->write_fn = output_write;
}

static void http_output_init(HttpOutput *output)
{
    (void)output;
}

static GInputStream *stream_input(GIOStream *stream)
{
    return G_INPUT_STREAM(HTTP_STREAM(stream)->input);
}

static GOutputStream *stream_output(GIOStream *stream)
{
    return G_OUTPUT_STREAM(HTTP_STREAM(stream)->output);
}

static gboolean stream_close(GIOStream *stream, GCancellable *cancellable, GError **error)
{
    (void)cancellable;
    (void)error;
    wire_close(HTTP_STREAM(stream)->wire);
    return TRUE;
}

static void stream_close_async(
    GIOStream *stream,
    int priority,
    GCancellable *cancellable,
    GAsyncReadyCallback callback,
    gpointer data)
{
    g_autoptr(GTask) task = g_task_new(stream, cancellable, callback, data);

    g_task_set_priority(task, priority);
    wire_close(HTTP_STREAM(stream)->wire);
    g_task_return_boolean(task, TRUE);
}

static gboolean stream_close_finish(GIOStream *stream, GAsyncResult *result, GError **error)
{
    (void)stream;
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void stream_finalize(GObject *object)
{
    HttpStream *stream = HTTP_STREAM(object);

    wire_close(stream->wire);
    g_clear_object(&stream->input);
    g_clear_object(&stream->output);
    wire_unref(stream->wire);
    G_OBJECT_CLASS(http_stream_parent_class)->finalize(object);
}

static void http_stream_class_init(HttpStreamClass *klass)
{
    GIOStreamClass *io = G_IO_STREAM_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = stream_finalize;
    io->get_input_stream = stream_input;
    io->get_output_stream = stream_output;
    io->close_fn = stream_close;
    io->close_async = stream_close_async;
    io->close_finish = stream_close_finish;
}

static void http_stream_init(HttpStream *stream)
{
    (void)stream;
}

static GIOStream *stream_new(Wire *wire)
{
    HttpStream *stream = g_object_new(HTTP_TYPE_STREAM, NULL);

    stream->wire = wire_ref(wire);
    stream->input = g_object_new(HTTP_TYPE_INPUT, NULL);
    stream->input->wire = wire_ref(wire);
    stream->output = g_object_new(HTTP_TYPE_OUTPUT, NULL);
    stream->output->wire = wire_ref(wire);
    return G_IO_STREAM(stream);
}

void http_stream_serve(Wire *wire, SoupServer *soup)
{
    g_autoptr(GIOStream) stream = stream_new(wire);
    const Arrival *arrival = wire_arrival(wire);
    g_autoptr(GError) error = NULL;

    if (!soup_server_accept_iostream(soup, stream, arrival->local, arrival->remote, &error)) {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_HTTP_ACCEPT, NULL, "A connection could not be served: %s",
            error->message);
        wire_close(wire);
    }
}
