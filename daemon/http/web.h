/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* web.h - what daemon/web/ holds, compiled in: templates, style sheet, icon. Thread safe */

#include "http/template.h"

/* By name, without ".html"; static. A name that is not there ends the process. */
const Template *web_template(const char *name);

/* The names of all templates that are pages, ended by NULL; static. */
const char *const *web_pages(void);

/* Bytes of a file; (transfer full). A file that is not there ends the process. */
GBytes *web_file(const char *file);

/* "/style.css?…", with the hash of what it holds: so a browser may keep it for a year. Static. */
const char *web_style_path(void);
