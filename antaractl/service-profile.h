/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* service-profile.h - enable and disable --profile: the daemon, and pam-auth-update for all files
 * at once */

#include "antaractl/bus.h"
#include "antaractl/command.h"
#include "antaractl/revert.h"

/**
 * service_profile_enable() - the service in the daemon, and the profile where it isn't on yet
 *
 * Each service of the host is judged before, as service enable does for one; those that the daemon
 * has enabled must have no trap then. After a failure all is as it was, or the words say what not.
 */
gboolean service_profile_enable(Bus *bus, const Words *words, json_t **ret_result, GError **error);

/**
 * service_profile_switch_off() - unless another service is enabled that comes to Antara by it
 * @told: an object; gets "profile", with "off", or for whom it stays on
 *
 * A profile that waits for this service's confirmation goes in any case, and needs no daemon.
 */
gboolean service_profile_switch_off(const Words *words, json_t *told, GError **error);

/* FALSE, with what to do, where the profile is left on and a section of the configuration enables
 * the service: then it is asked at still. */
gboolean service_profile_lets_go(const Words *words, GError **error);

/* TRUE when the profile was switched on for this service, and nobody has confirmed it. */
gboolean service_profile_waits(const Revert *revert);
