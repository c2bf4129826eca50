/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* scene.h - one sign-in as it could be, so that a stack shows what it makes of it */

#include "antaractl/pam/flow.h"

#define PAM_ANTARA_MODULE "pam_antara.so"

typedef struct PamScene {
    const PamTree *tree;     /* a module whose file is missing answers module_unknown */
    int antara;              /* what pam_antara.so answers */
    gboolean password;       /* it is right: pam_unix.so */
    gboolean others;         /* what modules answer that are not known here: yes or no */
    gboolean expired;        /* the local account, or its password */
    gboolean nologin;        /* /etc/nologin is there */
    gboolean locked;         /* after too many wrong passwords: pam_faillock.so preauth */
    gboolean root;           /* root signs in, or calls su */
    GPtrArray *ran;          /* (nullable): each PamLine that ran is appended, borrowed */
    GPtrArray *refused;      /* (nullable): and each that said no for others or locked */
    const GPtrArray *agreed; /* (nullable): PamLines that do as if others and not locked */
    guint antara_ran;        /* counted */
} PamScene;

/* A local user with everything right but Antara, which answers @antara. */
PamScene pam_scene_new(const PamTree *tree, int antara);

/* What the application gets: PAM_SUCCESS or why not. */
int pam_scene_play(PamScene *scene, const PamStack *stack, PamPhase phase);

/* What a module is for, in a few words; NULL: not known here. */
const char *pam_module_words(const char *module);

/* TRUE for what asks for a factor or judges the account; FALSE for rules of who may come, and what
 * only sets things up: Antara is asked after those. */
gboolean pam_module_judges(const char *module);
