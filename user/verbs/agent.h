/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the verbs that ask the agent share. */
#ifndef RINGFENCE_VERBS_AGENT_H
#define RINGFENCE_VERBS_AGENT_H

#include "api/resources.h"
#include "client/client.h"
#include "client/files.h"
#include "events/text.h"
#include "verbs/verbs.h"

/* Asks, and tells on stderr what went wrong. Returns the exit status. Free the answer, whatever it is. */
int rf_agent_ask(const struct rf_verb *verb, const struct rf_client_request *request, struct rf_client_answer *answer);
/* Tells what went wrong with an answer; nothing where nothing did. */
void rf_agent_tell(const struct rf_verb *verb, const struct rf_client_answer *answer);
/* GETs one object, /v1/PLURAL/NAME. As rf_agent_ask. */
int rf_agent_get(const struct rf_verb *verb, const struct rf_resource *resource, const char *name,
		 struct rf_client_answer *answer);

/* The path of a resource's list with selectors of labels and fields (or NULL each), and more of a query ("a=b&c=d", or
 * ""). NULL without memory; the caller's to free. */
char *rf_agent_list_path(const struct rf_resource *resource, const char *labels, const char *fields, const char *more);

/* The resource of a word that stands in a command line, of which there are several; NULL after telling that it is
 * none. */
const struct rf_resource *rf_agent_resource(const struct rf_verb *verb, const char *word);
/* Seconds of "30", "30s", "5m"; 0 after telling that it is none. */
unsigned rf_agent_seconds(const struct rf_verb *verb, const char *option, const char *text);

/* A path with one more parameter, escaped. Takes the path (NULL stays NULL); NULL without memory, the caller's to free.
 */
char *rf_agent_with(char *path, const char *name, const char *value);

/* An object's condition of a type, or NULL. */
const json_t *rf_agent_condition(const json_t *object, const char *type);
/* Adds a file, folder or standard input ("-"); 0, or the exit status after telling what is wrong. */
int rf_agent_add_file(const struct rf_verb *verb, struct rf_files *files, const char *path);

/* "policy/NAME action" on stdout, of an object that apply or rollback answered. Where the policy is not in force for
 * all that, the reason on stderr and RF_EXIT_FAILED. */
int rf_agent_applied(const struct rf_verb *verb, const json_t *item, bool dry_run);
/* Writes a line out and frees it. Returns the exit status. */
int rf_agent_print(const struct rf_verb *verb, struct rf_line *line);

#endif
