/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* edit.h - what a service's file becomes when Antara is asked, or no longer; judged before it is
 * made */

#include "antaractl/pam/file.h"

/* FALSE for what is no service of people: cron, atd, systemd-user, common-…, other. */
gboolean pam_edit_may(const char *service, GError **error);

/**
 * pam_edit_enable() - the text with Antara's lines
 *
 * Sign-ins are played through both stacks: approval lets in; all else is as it was before, whatever
 * Antara answers, with antarad away and with the module removed; who lost his link is refused.
 * Returns: (transfer full): @file's own text when the lines are there already; NULL, with what
 * is in the way.
 */
char *pam_edit_enable(PamTree *tree, const PamFile *file, GError **error);

/* (transfer full): the text without them; @file's own when there are none. */
char *pam_edit_disable(const PamFile *file, GError **error);
