/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fuzz-pam.c - the text of a PAM file: read, explained, edited; and an edit that is taken back */

#include "antaractl/pam/block.h"
#include "antaractl/pam/doctor.h"
#include "antaractl/pam/edit.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is inserted comes out again, and leaves the rest as it was. */
static void check_edit(PamTree *tree, char *text)
{
    const PamFile file = {.name = (char *)"it", .text = text};
    g_autoptr(GError) error = NULL;
    g_autofree char *edited = pam_edit_enable(tree, &file, &error);

    g_assert_true((edited == NULL) == (error != NULL));
    if (!edited || g_str_equal(edited, text)) {
        return;
    }
    g_autofree char *back = block_remove(edited, "it", NULL);
    g_assert_true(block_is_in(edited, "it"));
    g_assert_cmpstr(back, ==, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(PamTree) tree = pam_tree_new("/nowhere");

    pam_tree_pretend(tree, "it", text);
    pam_tree_pretend(
        tree, "common-auth",
        "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n"
        "auth required pam_permit.so\n");
    pam_tree_pretend(tree, "common-account", "account required pam_unix.so\n");
    json_t *told = pam_doctor(tree, "it", NULL);
    g_assert_nonnull(told);
    json_decref(told);
    check_edit(tree, text);
    return 0;
}
