// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "policy/memory.h"
#include "policy/policy.h"
#include "verbs/applied.h"
#include "verbs/policy_word.h"

char *rf_policy_word_file(const char *word)
{
	char **names, *path = rf_preset_is(word) ? rf_preset_find(word) : strdup(word);
	const char *near;

	if (path)
		return path;
	names = rf_presets();
	near = names ? rf_nearest(word, (const char *const *)names) : NULL;
	fprintf(stderr, "ringfence: there is no preset \"%s\"", word);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?\n", near);
	else if (access(word, F_OK) == 0)
		fprintf(stderr, "; for the file of that name write ./%s\n", word);
	else
		fprintf(stderr, "; a file's name ends with .yaml or has a slash in it\n");
	rf_presets_free(names);
	return NULL;
}

bool rf_policy_word_kept(const char *word)
{
	RF_AUTO_FREE char *kept = NULL;

	return rf_preset_is(word) && asprintf(&kept, "%s/policies/%s", RF_STORE, word) >= 0 && !access(kept, F_OK);
}

/* Without an agent that says so, false; a name that is no preset's either is told then as one that there is not. */
static bool ask_agent(const char *word, struct rf_policy_word *found)
{
	RF_AUTO_FREE char *url = NULL;
	struct rf_client_answer answer = {0};
	bool applied;

	/* Asking costs more than all the rest of a start: not for what is not there. */
	if (!rf_policy_word_kept(word))
		return false;
	url = rf_client_path("/v1/policies/", word, "");
	applied = url && !rf_client_ask(&(struct rf_client_request){.method = "GET", .path = url}, &answer) &&
		  rf_applied_text(answer.json, &found->path, &found->text, &found->len);
	rf_client_answer_free(&answer);
	return applied;
}

bool rf_policy_word_find(const char *word, struct rf_policy_word *found)
{
	*found = (struct rf_policy_word){0};
	if (!ask_agent(word, found))
		found->path = rf_policy_word_file(word);
	return found->path;
}
