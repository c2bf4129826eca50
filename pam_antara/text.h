/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* text.h - what PAM knows as bytes, for a bus that takes well-formed UTF-8 without
 * noncharacters alone, and ends the connection of whoever sends anything else */

/* @text itself (borrowed), or "?" when it is no such text. */
const char *text_for_bus(const char *text);

/* For a user or a service: @text itself (borrowed). When it is no such text, or longer than the
 * daemon reads, a name that nobody has, so that its conversation is like that of any stranger. */
const char *text_name_for_bus(const char *text);
