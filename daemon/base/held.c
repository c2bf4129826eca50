/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/held.h"

typedef struct Held {
    guint64 point;
    HeldLeave leave;
    GDestroyNotify drop;
    gpointer data;
} Held;

struct HeldQueue {
    GQueue answers; /* of Held, by point */
};

HeldQueue *held_queue_new(void)
{
    HeldQueue *queue = g_new0(HeldQueue, 1);

    g_queue_init(&queue->answers);
    return queue;
}

void held_queue_free(HeldQueue *queue)
{
    if (!queue) {
        return;
    }
    for (Held *held; (held = g_queue_pop_head(&queue->answers));) {
        if (held->drop) {
            held->drop(held->data);
        }
        g_free(held);
    }
    g_free(queue);
}

void held_queue_add(
    HeldQueue *queue,
    guint64 point,
    guint64 durable,
    HeldLeave leave,
    GDestroyNotify drop,
    gpointer data)
{
    if (point <= durable) {
        leave(data);
        return;
    }

    Held *held = g_new(Held, 1);
    *held = (Held){point, leave, drop, data};
    /* Points come nearly in order: the place is found from the tail in a step or two. */
    GList *before = queue->answers.tail;
    while (before && ((Held *)before->data)->point > point) {
        before = before->prev;
    }
    if (before) {
        g_queue_insert_after(&queue->answers, before, held);
    } else {
        g_queue_push_head(&queue->answers, held);
    }
}

void held_queue_release(HeldQueue *queue, guint64 durable)
{
    for (Held *held; (held = g_queue_peek_head(&queue->answers)) && held->point <= durable;) {
        (void)g_queue_pop_head(&queue->answers);
        held->leave(held->data); /* may add to the queue */
        g_free(held);
    }
}

guint64 held_queue_next(const HeldQueue *queue)
{
    const Held *held = queue->answers.head ? queue->answers.head->data : NULL;

    return held ? held->point : 0;
}

guint held_queue_length(const HeldQueue *queue)
{
    return queue->answers.length;
}
