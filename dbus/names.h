/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* names.h - the names of the bus interface: macros only, shared by the daemon, antaractl and the
 * PAM module */

#define ANTARA_BUS_NAME      "org.antara1"
#define ANTARA_BUS_PATH      "/org/antara1"
#define ANTARA_BUS_INTERFACE ANTARA_BUS_NAME
#define ANTARA_BUS_MANAGER   ANTARA_BUS_INTERFACE ".Manager"
#define ANTARA_BUS_APP       ANTARA_BUS_INTERFACE ".App"
#define ANTARA_BUS_SERVICE   ANTARA_BUS_INTERFACE ".Service"
#define ANTARA_BUS_PAM       ANTARA_BUS_INTERFACE ".Pam"
#define ANTARA_BUS_APPROVAL  ANTARA_BUS_INTERFACE ".Approval"
#define ANTARA_BUS_LINK      ANTARA_BUS_INTERFACE ".Link"
#define ANTARA_BUS_ERROR     ANTARA_BUS_INTERFACE ".Error"
#define ANTARA_BUS_USER      "antara" /* the daemon's own user */

/* Objects: an app's client id, a service's name, each as sd_bus_path_encode(3) spells it */
#define ANTARA_BUS_APPS     ANTARA_BUS_PATH "/app"
#define ANTARA_BUS_SERVICES ANTARA_BUS_PATH "/service"

/* org.antara1.Pam: what Open, Respond and Wait answer, see org.antara1.Pam.xml */
#define ANTARA_PAM_ANSWER           "ssssbsua{ss}"
#define ANTARA_PAM_ACCOUNT          "sss" /* state, info, event */
#define ANTARA_PAM_WAIT_MSEC        5000U /* longest slice of Wait */
#define ANTARA_PAM_CODES_MAX        3U    /* that one sign-in shows, one after the other */
#define ANTARA_PAM_CODE_SECONDS_MIN 30U   /* that must be left of it for one more */
#define ANTARA_PAM_NAME_BYTES_MAX   255U  /* of a service, of a user */

/* org.antara1.Pam: states */
#define ANTARA_PAM_ASK       "ask"
#define ANTARA_PAM_TELL      "tell"
#define ANTARA_PAM_WAIT      "wait"
#define ANTARA_PAM_APPROVED  "approved"
#define ANTARA_PAM_DENIED    "denied"
#define ANTARA_PAM_NO_LINK   "no-link"
#define ANTARA_PAM_THROTTLED "throttled"
#define ANTARA_PAM_IGNORED   "ignored"
#define ANTARA_PAM_EXPIRED   "expired"

/* Who is in one of these, as whoever is uid 0, can do everything on this host. */
#define ANTARA_PRIVILEGED_GROUPS "sudo", "wheel", "admin"

/* PAM services that work while nobody is there: a question would hang them. */
#define ANTARA_MACHINE_SERVICES "cron", "atd", "systemd-user"

/* org.antara1.Link: states of Finish */
#define ANTARA_LINK_WAITS "waits"
#define ANTARA_LINK_MADE  "made"

/* The environment that a session gets */
#define ANTARA_ENV_AUTH_METHOD "ANTARA_AUTH_METHOD"
#define ANTARA_ENV_EVENT       "ANTARA_EVENT"
#define ANTARA_ENV_SLUG        "ANTARA_SLUG"
