/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/trap.h"

#include "dbus/names.h"

#include <security/_pam_types.h>
#include <string.h>

typedef struct Look {
    json_t *findings;
    const PamTree *tree;
    const PamStack *stack;
    const PamLine *auth, *account; /* Antara's first lines; NULL: none */
} Look;

gboolean service_is_machine(const char *service)
{
    static const char *const names[] = {ANTARA_MACHINE_SERVICES, NULL};

    return g_strv_contains(names, service);
}

static void found(
    const Look *look,
    FindingLevel level,
    const char *code,
    const PamLine *line,
    const char *words)
{
    finding_add(look->findings, level, code, line->file, line->number, words);
}

static int play(const Look *look, PamPhase phase, PamScene scene)
{
    return pam_scene_play(&scene, look->stack, phase);
}

/* A person without anything right gets in. */
static gboolean is_open(const Look *look)
{
    PamScene scene = pam_scene_new(look->tree, PAM_AUTH_ERR);

    scene.password = scene.others = FALSE;
    return play(look, PAM_PHASE_AUTH, scene) == PAM_SUCCESS;
}

static void look_for_open_door(const Look *look)
{
    const GPtrArray *steps = look->stack->phases[PAM_PHASE_AUTH];

    if (steps->len > 0 && is_open(look)) {
        const PamStep *last = steps->pdata[steps->len - 1];
        found(
            look, FINDING_TRAP, "open", last->line,
            "Who is declined and knows no password gets in. End the phase with \"auth requisite "
            "pam_deny.so\" behind what asks.");
    }
}

static void look_at_approval(const Look *look)
{
    PamScene scene = pam_scene_new(look->tree, PAM_SUCCESS);

    const int with_password = play(look, PAM_PHASE_AUTH, scene);
    scene.password = FALSE;
    if (with_password != PAM_SUCCESS) {
        found(
            look, FINDING_TRAP, "never-enough", look->auth,
            "An approved sign-in is refused all the same, even with the right password.");
    } else if (play(look, PAM_PHASE_AUTH, scene) != PAM_SUCCESS) {
        found(
            look, FINDING_ADVICE, "password-too", look->auth,
            "An approval is not enough: the password is asked for as well.");
    }
}

static void look_without_daemon(const Look *look)
{
    PamScene scene = pam_scene_new(look->tree, PAM_AUTHINFO_UNAVAIL);

    if (play(look, PAM_PHASE_AUTH, scene) != PAM_SUCCESS) {
        found(
            look, FINDING_WARNING, "no-other-way", look->auth,
            "While antarad is away nobody signs in here with a password. Keep another way in: "
            "\"sufficient\" before @include common-auth.");
    }
}

/* @ran is what ran. */
static int play_noting(const Look *look, int antara, GPtrArray *ran)
{
    PamScene scene = pam_scene_new(look->tree, antara);

    scene.ran = ran;
    return play(look, PAM_PHASE_AUTH, scene);
}

static gboolean are_same(const GPtrArray *one, const GPtrArray *other)
{
    gboolean same = one->len == other->len;

    for (guint i = 0; same && i < one->len; i++) {
        same = one->pdata[i] == other->pdata[i];
    }
    return same;
}

/* A stranger must not learn from the prompt who is linked. */
static void look_at_unknown(const Look *look)
{
    g_autoptr(GPtrArray) declined_ran = g_ptr_array_new();
    g_autoptr(GPtrArray) unknown_ran = g_ptr_array_new();

    const int declined = play_noting(look, PAM_AUTH_ERR, declined_ran);
    const int unknown = play_noting(look, PAM_USER_UNKNOWN, unknown_ran);
    if (!are_same(declined_ran, unknown_ran) ||
        (declined == PAM_SUCCESS) != (unknown == PAM_SUCCESS)) {
        found(
            look, FINDING_TRAP, "unknown-differs", look->auth,
            "Users without a link (user_unknown) are treated otherwise than a declined sign-in "
            "(auth_err): strangers learn who is linked. Give both the same action.");
    } else if (declined != unknown) {
        found(
            look, FINDING_WARNING, "unknown-shows", look->auth,
            "The application learns who has no link: sudo gives up at once there. "
            "\"sufficient\" hides it.");
    }
}

static void look_at_nologin(const Look *look)
{
    PamScene scene = pam_scene_new(look->tree, PAM_SUCCESS);
    const gboolean is_used = pam_stack_find(look->stack, PAM_PHASE_AUTH, "pam_nologin.so") ||
                             pam_stack_find(look->stack, PAM_PHASE_ACCOUNT, "pam_nologin.so");

    scene.nologin = TRUE;
    if (is_used && play(look, PAM_PHASE_AUTH, scene) == PAM_SUCCESS &&
        play(look, PAM_PHASE_ACCOUNT, scene) == PAM_SUCCESS) {
        found(
            look, FINDING_TRAP, "nologin-skipped", look->auth,
            "An approval ends the phase before pam_nologin.so is asked. Move the line below it.");
    }
}

static void found_skipped(const Look *look, const char *code, const PamLine *line, const char *what)
{
    g_autofree char *words = g_strdup_printf(
        "An approval skips this, and the password doesn't: %s. Move pam_antara.so (%s:%u) below "
        "it, or mean it.",
        what, look->auth->file, look->auth->number);

    found(look, FINDING_WARNING, code, line, words);
}

/* What an approval never asks says no in @refusing, and what it asks says yes: so a rule that holds
 * for both hides none that holds for the password alone. */
static void look_at_skipped(const Look *look, PamScene refusing, const char *code, const char *what)
{
    g_autoptr(GPtrArray) asked = g_ptr_array_new();
    g_autoptr(GPtrArray) refused = g_ptr_array_new();

    if (play_noting(look, PAM_SUCCESS, asked) != PAM_SUCCESS ||
        play(look, PAM_PHASE_AUTH, pam_scene_new(look->tree, PAM_AUTH_ERR)) != PAM_SUCCESS) {
        return;
    }
    refusing.agreed = asked;
    refusing.refused = refused;
    if (play(look, PAM_PHASE_AUTH, refusing) == PAM_SUCCESS) {
        return;
    }
    for (guint i = 0; i < refused->len; i++) {
        found_skipped(look, code, refused->pdata[i], what);
    }
}

static void look_at_other_factors(const Look *look)
{
    PamScene factors = pam_scene_new(look->tree, PAM_AUTH_ERR);
    PamScene locks = pam_scene_new(look->tree, PAM_AUTH_ERR);

    factors.others = FALSE;
    look_at_skipped(look, factors, "check-skipped", "a second factor, or a rule of who may come");
    locks.locked = TRUE;
    look_at_skipped(
        look, locks, "lock-skipped", "it keeps out who has typed too many wrong passwords");
}

static void look_at_auth(const Look *look)
{
    look_at_approval(look);
    look_without_daemon(look);
    look_at_unknown(look);
    look_at_nologin(look);
    look_at_other_factors(look);
    if (!look->account) {
        found(
            look, FINDING_WARNING, "account-missing", look->auth,
            "There is no account line of pam_antara.so: who lost his link still gets in with a "
            "key or a password.");
    }
}

static void look_at_account_refusal(const Look *look)
{
    PamScene scene = pam_scene_new(look->tree, PAM_ACCT_EXPIRED);

    const int code = pam_scene_play(&scene, look->stack, PAM_PHASE_ACCOUNT);
    if (scene.antara_ran == 0) {
        found(
            look, FINDING_TRAP, "account-not-reached", look->account,
            "A line above ends the account phase, so this one is never asked. Move it up.");
    } else if (code == PAM_SUCCESS) {
        found(
            look, FINDING_TRAP, "account-ignored", look->account,
            "Its refusal (acct_expired) is ignored: who lost his link still gets in. Use what "
            "antaractl service enable writes.");
    } else {
        found(
            look, FINDING_ADVICE, "unlinked-refused", look->account,
            "Local users without a link are refused here, with a key or a password as well: "
            "antaractl link add.");
    }
}

static void look_at_account(const Look *look)
{
    PamScene expired = pam_scene_new(look->tree, PAM_SUCCESS);
    PamScene silent = pam_scene_new(look->tree, PAM_IGNORE);

    expired.expired = silent.expired = TRUE;
    look_at_account_refusal(look);
    const int refused = play(look, PAM_PHASE_ACCOUNT, silent);
    silent.expired = FALSE;
    if (refused != PAM_SUCCESS && play(look, PAM_PHASE_ACCOUNT, silent) == PAM_SUCCESS &&
        play(look, PAM_PHASE_ACCOUNT, expired) == PAM_SUCCESS) {
        found(
            look, FINDING_TRAP, "account-checks-skipped", look->account,
            "Its yes ends the phase before other checks: accounts that have expired get in. Not "
            "\"sufficient\" here.");
    }
    if (play(look, PAM_PHASE_ACCOUNT, pam_scene_new(look->tree, PAM_AUTHINFO_UNAVAIL)) !=
        PAM_SUCCESS) {
        found(
            look, FINDING_WARNING, "account-needs-antarad", look->account,
            "While antarad is away nobody gets in, with a key or a password neither. Say "
            "authinfo_unavail=ignore.");
    }
    PamScene root = pam_scene_new(look->tree, PAM_ACCT_EXPIRED);
    root.root = TRUE;
    if (play(look, PAM_PHASE_ACCOUNT, root) != PAM_SUCCESS) {
        found(
            look, FINDING_WARNING, "root-refused", look->account,
            "root is refused unless linked, with a key as well. Skip the line for root, as "
            "antaractl service enable does.");
    }
}

static void look_for_modules(const Look *look, const GPtrArray *steps)
{
    for (guint i = 0; i < steps->len; i++) {
        const PamStep *step = steps->pdata[i];
        if (step->inside) {
            look_for_modules(look, step->inside);
        } else if (!step->line->quiet && !pam_tree_has_module(look->tree, step->line->target)) {
            const gboolean ours = g_str_equal(pam_line_module(step->line), PAM_ANTARA_MODULE);
            g_autofree char *words = g_strdup_printf(
                "%s is not there%s.", step->line->target, ours ? ": install libpam-antara" : "");
            found(look, ours ? FINDING_TRAP : FINDING_WARNING, "module-missing", step->line, words);
        }
    }
}

void traps_of_stack(json_t *findings, const PamTree *tree, const PamStack *stack)
{
    const Look look = {
        findings, tree, stack, pam_stack_find(stack, PAM_PHASE_AUTH, PAM_ANTARA_MODULE),
        pam_stack_find(stack, PAM_PHASE_ACCOUNT, PAM_ANTARA_MODULE)};

    look_for_open_door(&look);
    look_for_modules(&look, stack->phases[PAM_PHASE_AUTH]);
    look_for_modules(&look, stack->phases[PAM_PHASE_ACCOUNT]);
    if (look.auth && pam_tree_has_module(tree, look.auth->target)) {
        look_at_auth(&look);
    }
    if (look.account && pam_tree_has_module(tree, look.account->target)) {
        look_at_account(&look);
    }
}
