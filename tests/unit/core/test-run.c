/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/run.h"

#include "base/error.h"
#include "crypto/jws.h"
#include "people.h"

#include <string.h>

#define KIND 9999U /* of no record of ours */

typedef struct Asked {
    const Caller *caller;
    Outcome outcome; /* what the act shall say */
} Asked;

typedef struct Answer {
    Reason reason;
    char *text;
} Answer;

static const Id id = {{9}};

static Outcome act_run(Txn *txn, gconstpointer data, gpointer ret_answer, GError **error)
{
    const Asked *asked = data;
    Answer *answer = ret_answer;
    g_autoptr(GBytes) value = g_bytes_new_static("x", 1);

    answer->text = g_strdup("made");
    answer->reason = asked->outcome == OUTCOME_GRANTED ? REASON_NONE : REASON_NOT_FOUND;
    g_assert_true(txn_put(txn, KIND, id.bytes, ID_BYTES, value, 0, error));
    txn_announce(txn, KIND, &id, 3);
    if (asked->outcome == OUTCOME_BROKEN) {
        g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "as asked");
    }
    return asked->outcome;
}

static void answer_clear(gpointer answer)
{
    g_clear_pointer(&((Answer *)answer)->text, g_free);
}

static const ActType act = {"tested", act_run, sizeof(Answer), answer_clear};

/* What the done function was given, and what happened after. */
typedef struct Seen {
    guint calls;
    Outcome outcome;
    Reason reason;
    gboolean has_text;
    guint64 point;
    char *error;
    guint left;
    guint dropped;
    guint heard;
} Seen;

static void done(Outcome outcome, gpointer data, guint64 point, const GError *error, gpointer seen_)
{
    Seen *seen = seen_;
    const Answer *answer = data;

    seen->calls++;
    seen->outcome = outcome;
    seen->reason = answer->reason;
    seen->has_text = answer->text != NULL;
    seen->point = point;
    seen->error = error ? g_strdup(error->message) : NULL;
}

static void left(gpointer seen)
{
    ((Seen *)seen)->left++;
}

static void dropped(gpointer seen)
{
    ((Seen *)seen)->dropped++;
}

static void heard(const Announcement *said, gpointer seen)
{
    g_assert_cmpuint(said->kind, ==, KIND);
    g_assert_cmpuint(said->change, ==, 3);
    g_assert_true(id_equal(&said->id, &id));
    ((Seen *)seen)->heard++;
}

static Runner *runner_of(House *house, Seen *seen)
{
    return runner_new(house->store, house->config, NULL, heard, seen);
}

static void run(Runner *runner, Caller *caller, Outcome outcome, Seen *seen)
{
    const Asked asked = {caller, outcome};
    const RunCall call = {&act, &asked, caller};

    runner_run(runner, &call, done, seen);
}

static gboolean was_written(House *house)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(GBytes) value = NULL;

    g_assert_true(txn_get(txn, KIND, id.bytes, ID_BYTES, &value, NULL));
    return value != NULL;
}

static void what_is_granted_is_written_told_and_heard_once_durable(void)
{
    g_autoptr(House) house = house_new();
    Seen seen = {0};
    g_autoptr(Runner) runner = runner_of(house, &seen);
    Caller caller = house_caller(house, CALLER_NONE);

    run(runner, &caller, OUTCOME_GRANTED, &seen);
    g_assert_cmpuint(seen.calls, ==, 1);
    g_assert_cmpint(seen.outcome, ==, OUTCOME_GRANTED);
    g_assert_true(seen.has_text);
    g_assert_cmpuint(seen.point, >, 0);
    g_assert_null(seen.error);
    g_assert_true(was_written(house));
    runner_hold(runner, seen.point, left, dropped, &seen);
    while (seen.left == 0 || seen.heard == 0) {
        (void)g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(store_durable_point(house->store), >=, seen.point);
    g_assert_cmpuint(seen.heard, ==, 1);
}

/* A wrong try counts. */
static void what_is_denied_is_written_too(void)
{
    g_autoptr(House) house = house_new();
    Seen seen = {0};
    g_autoptr(Runner) runner = runner_of(house, &seen);
    Caller caller = house_caller(house, CALLER_NONE);

    run(runner, &caller, OUTCOME_DENIED, &seen);
    g_assert_cmpint(seen.outcome, ==, OUTCOME_DENIED);
    g_assert_cmpint(seen.reason, ==, REASON_NOT_FOUND);
    g_assert_true(was_written(house));
}

static void what_broke_changed_nothing_and_tells_nothing(void)
{
    g_autoptr(House) house = house_new();
    Seen seen = {0};
    g_autoptr(Runner) runner = runner_of(house, &seen);
    Caller caller = house_caller(house, CALLER_NONE);

    run(runner, &caller, OUTCOME_BROKEN, &seen);
    g_assert_cmpuint(seen.calls, ==, 1);
    g_assert_cmpint(seen.outcome, ==, OUTCOME_BROKEN);
    g_assert_cmpstr(seen.error, ==, "as asked");
    g_assert_false(seen.has_text);
    g_assert_cmpint(seen.reason, ==, REASON_NONE);
    g_assert_cmpuint(seen.point, ==, 0);
    g_assert_false(was_written(house));
    g_free(seen.error);
}

static void an_answer_that_is_held_is_dropped_with_its_runner(void)
{
    g_autoptr(House) house = house_new();
    Seen seen = {0};
    Runner *runner = runner_of(house, &seen);

    runner_hold(runner, G_MAXUINT64, left, dropped, &seen);
    runner_hold(runner, 0, left, dropped, &seen);
    g_assert_cmpuint(seen.left, ==, 1);
    runner_free(runner);
    g_assert_cmpuint(seen.left, ==, 1);
    g_assert_cmpuint(seen.dropped, ==, 1);
}

static Reason reason_for(House *house, Caller *caller)
{
    Seen seen = {0};
    g_autoptr(Runner) runner = runner_of(house, &seen);

    run(runner, caller, OUTCOME_GRANTED, &seen);
    g_assert_cmpint(seen.outcome == OUTCOME_GRANTED, ==, seen.reason == REASON_NONE);
    return seen.reason;
}

static void an_act_for_a_session_runs_with_one_alone(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(Session) session = NULL;
    g_autofree char *cookie = NULL;
    Caller caller = house_caller(house, CALLER_SESSION);

    g_assert_true(session_start(txn, &alice.account->id, &alice, &session, &cookie, NULL));
    house_commit(txn);
    g_assert_cmpint(reason_for(house, &caller), ==, REASON_SIGNED_OUT);
    caller.credential = "made up";
    g_assert_cmpint(reason_for(house, &caller), ==, REASON_SIGNED_OUT);
    g_assert_false(was_written(house));
    caller.kind = CALLER_SESSION_MAYBE;
    g_assert_cmpint(reason_for(house, &caller), ==, REASON_NONE);
    g_assert_null(caller.session);
    caller.kind = CALLER_SESSION;
    caller.credential = cookie;
    g_assert_cmpint(reason_for(house, &caller), ==, REASON_NONE);
    g_assert_true(id_equal(&caller.session->id, &session->id));
    g_assert_true(id_equal(&caller.account->id, &alice.account->id));
    caller_clear(&caller);
    caller_clear(&alice);
}

static void an_act_for_a_bearer_runs_with_a_good_token_alone(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = people_app(house, house->tenant, "Shop");
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller caller = house_caller(house, CALLER_USER_TOKEN);
    TokenAnswer tokens = {0};

    people_tokens(house, &alice, client_id, "openid offline_access", &tokens);
    const char *const bad[] = {NULL, "", "uat_made_up", tokens.refresh_token};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        caller.credential = bad[i];
        g_assert_cmpint(reason_for(house, &caller), ==, REASON_TOKEN_INVALID);
    }
    g_assert_false(was_written(house));
    caller.credential = tokens.access_token;
    g_assert_cmpint(reason_for(house, &caller), ==, REASON_NONE);
    g_assert_true(id_equal(&caller.identity->account, &alice.account->id));
    g_assert_true(id_equal(&caller.chain->identity, &caller.identity->id));
    caller_clear(&caller);
    token_answer_clear(&tokens);
    caller_clear(&alice);
}

static void a_caller_of_no_known_kind_is_refused(void)
{
    g_autoptr(House) house = house_new();
    Caller caller = house_caller(house, (CallerKind)99);

    g_assert_cmpint(reason_for(house, &caller), ==, REASON_NOT_PERMITTED);
    g_assert_false(was_written(house));
}

static const char *id_of(const SigningKeys *keys, JwsAlg alg)
{
    return jws_key_public(signing_keys_current(keys, alg))->id;
}

static void each_tenant_signs_with_a_key_of_its_own(void)
{
    g_autoptr(House) house = house_new();
    Seen seen = {0};
    g_autoptr(Runner) runner = runner_of(house, &seen);
    const SigningKeys *keys = runner_signing_keys(runner, house->tenant, NULL);
    const SigningKeys *other = runner_signing_keys(runner, house->other, NULL);

    g_assert_nonnull(keys);
    g_assert_true(keys == runner_signing_keys(runner, house->tenant, NULL));
    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        g_assert_cmpstr(id_of(keys, (JwsAlg)alg), !=, id_of(other, (JwsAlg)alg));
    }
}

/* Whatever loaded them before. */
static void after_a_rotation_new_keys_sign_and_old_ones_overlap(void)
{
    g_autoptr(House) house = house_new();
    Seen seen = {0};
    g_autoptr(Runner) runner = runner_of(house, &seen);
    const StoreWorkAsked rotate = {
        .kind = STORE_WORK_SIGNING, .fd = -1, .tenant = house->tenant->name};
    g_autofree char *old =
        g_strdup(id_of(runner_signing_keys(runner, house->tenant, NULL), JWS_ES256));

    g_assert_true(store_work_ask(house->store, &rotate, NULL));
    g_assert_true(store_work_wait(house->store, NULL));
    const SigningKeys *keys = runner_signing_keys(runner, house->tenant, NULL);
    g_assert_cmpstr(id_of(keys, JWS_ES256), !=, old);
    g_assert_cmpstr(signing_keys_find(keys, old)->id, ==, old);
    g_assert_null(signing_keys_find(keys, "other"));

    g_autoptr(GPtrArray) overlapping = signing_keys_published(keys, house->now_usec);
    g_assert_cmpuint(overlapping->len, ==, 6);
    g_autoptr(GPtrArray) later =
        signing_keys_published(keys, house->now_usec + SIGNING_OVERLAP_USEC);
    g_assert_cmpuint(later->len, ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/run/" #promise, promise)
    TEST(what_is_granted_is_written_told_and_heard_once_durable);
    TEST(what_is_denied_is_written_too);
    TEST(what_broke_changed_nothing_and_tells_nothing);
    TEST(an_answer_that_is_held_is_dropped_with_its_runner);
    TEST(an_act_for_a_session_runs_with_one_alone);
    TEST(an_act_for_a_bearer_runs_with_a_good_token_alone);
    TEST(a_caller_of_no_known_kind_is_refused);
    TEST(each_tenant_signs_with_a_key_of_its_own);
    TEST(after_a_rotation_new_keys_sign_and_old_ones_overlap);
    return g_test_run();
}
