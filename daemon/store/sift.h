/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* sift.h - of a closed segment the last write of each key alone */

#include "store/payload.h"
#include "store/scan.h"

/**
 * sift_segment() - visits the writes that no later one of the segment undoes
 * @scan: just loaded; afterwards it stands at the segment's end
 * @ret_time_usec: of the last commit; untouched where there is none
 *
 * Twice over the segment: what is in memory meanwhile are its bytes and, for each key, a number.
 *
 * Returns: FALSE with an error, also for a segment that is damaged.
 */
gboolean
sift_segment(Scan *scan, PayloadVisit visit, gpointer data, gint64 *ret_time_usec, GError **error);
