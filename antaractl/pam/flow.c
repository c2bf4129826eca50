/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/flow.h"

#include <security/_pam_types.h>

typedef enum Impression { UNDECIDED, GOOD, SPOILT } Impression;

typedef struct State {
    Impression impression;
    int status;
} State;

typedef struct Flow {
    PamAnswer answer;
    gpointer data;
    State state;
} Flow;

static const State fresh = {UNDECIDED, PAM_PERM_DENIED};

static void take(State *state, int code)
{
    if (state->impression == UNDECIDED ||
        (state->impression == GOOD && state->status == PAM_SUCCESS)) {
        *state = (State){GOOD, code};
    }
}

static void spoil(State *state, int code)
{
    if (state->impression != SPOILT) {
        state->impression = SPOILT;
        state->status = code == PAM_SUCCESS || code == PAM_IGNORE ? PAM_PERM_DENIED : code;
    }
}

/* TRUE when the list is over. */
static gboolean act(Flow *flow, int action, int code, const State *at_begin)
{
    switch (action) {
    case PAM_ACTION_RESET:
        flow->state = *at_begin;
        return FALSE;
    case PAM_ACTION_OK:
    case PAM_ACTION_DONE:
        take(&flow->state, code);
        return action == PAM_ACTION_DONE && flow->state.impression == GOOD;
    case PAM_ACTION_BAD:
    case PAM_ACTION_DIE:
        spoil(&flow->state, code);
        return action == PAM_ACTION_DIE;
    default: /* IGNORE; a jump is the caller's */
        return FALSE;
    }
}

/* A substack counts as one when it is jumped over. */
static void run(Flow *flow, const GPtrArray *steps)
{
    const State at_begin = flow->state;

    for (guint i = 0; i < steps->len; i++) {
        const PamStep *step = steps->pdata[i];
        if (step->inside) {
            run(flow, step->inside);
            continue;
        }
        const int code = flow->answer(step->line, flow->data);
        const int action = step->line->control.actions[code];
        if (action > 0 && (guint)action >= steps->len - i) {
            flow->state = (State){SPOILT, PAM_PERM_DENIED}; /* libpam: bad jump in stack */
            return;
        }
        if (action > 0) {
            i += (guint)action;
        } else if (act(flow, action, code, &at_begin)) {
            return;
        }
    }
}

int pam_flow(const GPtrArray *steps, PamAnswer answer, gpointer data)
{
    Flow flow = {answer, data, fresh};

    run(&flow, steps);
    return flow.state.status == PAM_SUCCESS && flow.state.impression != GOOD ? PAM_PERM_DENIED
                                                                             : flow.state.status;
}
