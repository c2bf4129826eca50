/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* tree.h - where the files of PAM are: ROOT/etc/pam.d before ROOT/usr/lib/pam.d, read only */

#include <glib.h>

typedef struct PamTree PamTree;

/* @root: "" is this machine; else the root of another, as mounted. */
PamTree *pam_tree_new(const char *root);
void pam_tree_free(PamTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PamTree, pam_tree_free)

const char *pam_tree_root(const PamTree *tree);
const char *pam_tree_folder(const PamTree *tree); /* ROOT/etc/pam.d */

/* (transfer full): ROOT/usr/lib/pam.d/NAME, or NULL where no such file is. */
char *pam_tree_vendor(const PamTree *tree, const char *name);

/* TRUE for a file's own name: no path, nothing hidden. Services are named so. */
gboolean pam_name_is_good(const char *name);

/* From now on reading @name gives @text: so an edit is judged before it is made. */
void pam_tree_pretend(PamTree *tree, const char *name, const char *text);

gboolean pam_names_have(const GPtrArray *names, const char *name);

gboolean pam_tree_has(const PamTree *tree, const char *name);
GPtrArray *pam_tree_names(const PamTree *tree); /* (transfer full): of char *, sorted */

/**
 * pam_tree_read() - the text of one file
 * @name: of a file, or a path below the tree's root as an include may have it
 * @ret_path: (transfer full): where it was found
 *
 * Returns: (transfer full): NUL-terminated; NULL: it isn't there, is too long, or is no text.
 */
char *pam_tree_read(const PamTree *tree, const char *name, char **ret_path, GError **error);

/* TRUE if a module's file is there, or if the tree has no folder of modules at all. */
gboolean pam_tree_has_module(const PamTree *tree, const char *module);
