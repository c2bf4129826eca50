/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* block.h - Antara's lines in the text of one service's file: where they go, and taking them out */

#include "antaractl/pam/stack.h"

/* TRUE if all of @text's Antara lines are as block_insert() writes them. */
gboolean block_is_in(const char *text, const char *service);

/* How many lines ask Antara, by whomever written; comments don't. Of a text that can't be read: 1
 * when it names the module at all. */
guint block_count_lines(const char *text);

/**
 * block_insert() - the text with Antara's lines
 * @tree: where includes are looked up
 * @text: of the service's file, readable
 *
 * auth goes before the first line that asks for a password or another factor, account before the
 * first that judges the local account: below pam_nologin.so and rules of who may come.
 * Returns: (transfer full): NULL, with what is in the way, when there is no such place.
 */
char *block_insert(const PamTree *tree, const char *text, const char *service, GError **error);

/**
 * block_remove() - the inverse: what else was changed meanwhile stays
 *
 * Returns: (transfer full): NULL when one of the lines was changed by hand.
 */
char *block_remove(const char *text, const char *service, GError **error);
