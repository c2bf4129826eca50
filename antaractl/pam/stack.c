/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/stack.h"

#include "antaractl/error.h"

#include <string.h>

/* Where reading stands: phases are taken one by one, so that includes keep their order. */
typedef struct Reading {
    const PamTree *tree;
    PamStack *stack;
    GHashTable *read; /* name -> lines, of stack->files */
    PamPhase phase;
    guint steps;
} Reading;

static void step_free(gpointer data)
{
    PamStep *step = data;

    g_clear_pointer(&step->inside, g_ptr_array_unref);
    g_free(step);
}

void pam_stack_free(PamStack *stack)
{
    g_free(stack->service);
    for (PamPhase phase = 0; phase < PAM_PHASES; phase++) {
        g_clear_pointer(&stack->phases[phase], g_ptr_array_unref);
    }
    g_ptr_array_unref(stack->files);
    g_hash_table_unref(stack->includes);
    g_free(stack);
}

static GPtrArray *lines_of(Reading *reading, const char *name, GError **error)
{
    GPtrArray *lines = g_hash_table_lookup(reading->read, name);
    g_autofree char *path = NULL;

    if (lines) {
        return lines;
    }
    g_autofree char *text = pam_tree_read(reading->tree, name, &path, error);
    lines = text ? pam_lines_read(text, path, error) : NULL;
    if (lines) {
        g_ptr_array_add(reading->stack->files, lines);
        g_hash_table_insert(reading->read, g_strdup(name), lines);
        g_hash_table_add(reading->stack->includes, g_strdup(name));
    }
    return lines;
}

static gboolean
file_add(Reading *reading, const char *name, guint depth, GPtrArray *steps, GError **error);

static gboolean
include_add(Reading *reading, const PamLine *line, guint depth, GPtrArray *steps, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (depth >= PAM_INCLUDE_DEPTH_MAX) {
        return ctl_fail(
            error, "%s:%u: includes are nested more than %u deep: do they go in a circle?",
            line->file, line->number, PAM_INCLUDE_DEPTH_MAX);
    }
    if (file_add(reading, line->target, depth + 1, steps, &why)) {
        return TRUE;
    }
    if (g_error_matches(why, CTL_ERROR, CTL_ERROR_NOT_FOUND)) {
        return ctl_fail(error, "%s:%u: %s", line->file, line->number, why->message);
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

static gboolean
line_add(Reading *reading, const PamLine *line, guint depth, GPtrArray *steps, GError **error)
{
    if (line->kind != PAM_LINE_INCLUDE_ALL && line->phase != reading->phase) {
        return TRUE;
    }
    if (++reading->steps > PAM_STEPS_MAX) {
        return ctl_fail(
            error, "%s:%u: the stack has more than %u lines", line->file, line->number,
            PAM_STEPS_MAX);
    }
    if (line->kind == PAM_LINE_INCLUDE || line->kind == PAM_LINE_INCLUDE_ALL) {
        return include_add(reading, line, depth, steps, error);
    }
    PamStep *step = g_new0(PamStep, 1);
    step->line = line;
    g_ptr_array_add(steps, step);
    if (line->kind == PAM_LINE_MODULE) {
        return TRUE;
    }
    step->inside = g_ptr_array_new_with_free_func(step_free);
    return include_add(reading, line, depth, step->inside, error);
}

static gboolean
file_add(Reading *reading, const char *name, guint depth, GPtrArray *steps, GError **error)
{
    const GPtrArray *lines = lines_of(reading, name, error);

    for (guint i = 0; lines && i < lines->len; i++) {
        if (!line_add(reading, lines->pdata[i], depth, steps, error)) {
            return FALSE;
        }
    }
    return lines != NULL;
}

static gboolean phase_add(Reading *reading, PamPhase phase, GError **error)
{
    PamStack *stack = reading->stack;
    GPtrArray *steps = g_ptr_array_new_with_free_func(step_free);

    stack->phases[phase] = steps;
    reading->phase = phase;
    if (!file_add(reading, stack->service, 0, steps, error)) {
        return FALSE;
    }
    if (steps->len > 0 || !pam_tree_has(reading->tree, "other")) {
        return TRUE;
    }
    stack->from_other[phase] = TRUE;
    return file_add(reading, "other", 0, steps, error);
}

PamStack *pam_stack_read(const PamTree *tree, const char *service, GError **error)
{
    g_autoptr(PamStack) stack = g_new0(PamStack, 1);
    g_autoptr(GHashTable) read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Reading reading = {.tree = tree, .stack = stack, .read = read};

    stack->service = g_strdup(service);
    stack->files = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    stack->includes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (PamPhase phase = 0; phase < PAM_PHASES; phase++) {
        if (!phase_add(&reading, phase, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&stack);
}

static const PamLine *find_in(const GPtrArray *steps, const char *module)
{
    const PamLine *found = NULL;

    for (guint i = 0; !found && i < steps->len; i++) {
        const PamStep *step = steps->pdata[i];
        if (step->inside) {
            found = find_in(step->inside, module);
        } else if (g_str_equal(pam_line_module(step->line), module)) {
            found = step->line;
        }
    }
    return found;
}

const PamLine *pam_stack_find(const PamStack *stack, PamPhase phase, const char *module)
{
    return find_in(stack->phases[phase], module);
}
