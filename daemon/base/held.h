/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * held.h - answers that wait until their point is durable
 *
 * One queue belongs to one main context: only its thread adds and releases. An answer whose point
 * is durable already leaves at once. What another thread does is tell the point
 * (held_queue_durable) and ring the context's bell.
 */

#include <glib.h>

typedef struct HeldQueue HeldQueue;
typedef void (*HeldLeave)(gpointer data); /* lets one answer go; the queue then forgets it */

HeldQueue *held_queue_new(void);

/* Frees the queue; each answer still held is given to its drop function, unsent. NULL is fine. */
void held_queue_free(HeldQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeldQueue, held_queue_free)

/**
 * held_queue_add() - hold one answer
 * @point: journal sequence number; 0 leaves at once
 * @durable: the durable point as known now
 * @leave: called once, maybe at once, in this thread
 * @drop: (nullable): called instead of @leave when the queue is freed first
 *
 * Answers leave in the order of their points; within one point in the order of adding.
 */
void held_queue_add(
    HeldQueue *queue,
    guint64 point,
    guint64 durable,
    HeldLeave leave,
    GDestroyNotify drop,
    gpointer data);

/* Lets go whatever has a point up to @durable. */
void held_queue_release(HeldQueue *queue, guint64 durable);

/* The point of the one that leaves first; 0 when none is held. */
guint64 held_queue_next(const HeldQueue *queue);

guint held_queue_length(const HeldQueue *queue);
