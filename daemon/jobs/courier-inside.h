/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* courier-inside.h - between courier.c (who waits for what) and courier-fetch.c (libcurl) */

#include "jobs/courier.h"

#ifndef ANTARA_TEST_LOOPBACK
#define ANTARA_TEST_LOOPBACK 0
#endif

typedef struct CourierFetch {
    const CourierOptions *options;
    const CourierRequest *request;
    gint64 deadline_usec;
    const gint *stopping; /* atomic: not zero gives up */
} CourierFetch;

/* Blocks. @ret_answer: its body is (transfer full). */
gboolean courier_fetch(const CourierFetch *asked, CourierAnswer *ret_answer, GError **error);
