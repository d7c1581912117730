// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence run -p`: files and presets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/memory.h"
#include "verbs/policy_word.h"
#include "verbs/run.h"

/* ------------------------------------------------------------------- reading */

/* The whole text, of at most RF_POLICY_FILE_MAX bytes. */
static char *read_text(const char *path, size_t *len)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	*len = 0;
	while (file) {
		size_t got;

		if (*len + 1 >= room) {
			char *more =
				room > 2 * RF_POLICY_FILE_MAX ? NULL : realloc(text, room = room ? room * 2 : 16384);

			if (!more)
				break;
			text = more;
		}
		got = fread(text + *len, 1, room - *len - 1, file);
		*len += got;
		if (!got)
			break;
	}
	if (!file || ferror(file) || !feof(file)) {
		free(text);
		text = NULL;
	}
	if (file && file != stdin)
		fclose(file);
	return text;
}

bool run_policies_add(struct run_policies *policies, const char *word)
{
	struct run_source *source = rf_grow(policies->source, policies->sources, sizeof(*source));
	struct rf_policy_word found;
	int err;

	if (!source)
		return false;
	policies->source = source;
	if (!rf_policy_word_find(word, &found))
		return false;
	if (!found.text)
		found.text = read_text(found.path, &found.len);
	source += policies->sources++;
	*source = (struct run_source){
		.first = policies->set.count, .text = found.text, .len = found.len, .path = found.path};
	/* What can't be read is told as `check` tells it. */
	if (source->text)
		err = rf_policies_parse(&policies->set, source->path, source->text, source->len, &policies->diags);
	else
		err = rf_policies_load(&policies->set, source->path, &policies->diags);
	source->count = policies->set.count - source->first;
	if (err == -ENOMEM)
		fprintf(stderr, "ringfence: out of memory\n");
	return err != -ENOMEM;
}

/* ------------------------------------------------------------------ compiling */

static void fill_bound(struct run_policies *policies)
{
	for (size_t i = 0; i < policies->sources; i++) {
		const struct run_source *source = &policies->source[i];

		for (size_t j = 0; j < source->count; j++) {
			size_t at = source->first + j;

			policies->bound[at] = (struct rf_bound){
				.policy = &policies->set.policy[at],
				.compiled = &policies->compiled[at],
				.file = source->path,
				.text = source->text,
				.text_len = source->len,
				.document = j,
				.vars = &policies->vars,
			};
		}
	}
}

static int compile_all(struct run_policies *policies)
{
	size_t count = policies->set.count;
	int err = 0;

	policies->compiled = calloc(count, sizeof(*policies->compiled));
	policies->bound = calloc(count, sizeof(*policies->bound));
	if (!policies->compiled || !policies->bound)
		return -ENOMEM;
	for (size_t i = 0; i < count && err != -ENOMEM; i++) {
		struct rf_policy *policy = &policies->set.policy[i];
		int one = rf_policy_bind(policy, &policies->vars, true, &policies->diags);

		one = one ? one : rf_compile_cached(policy, &policies->compiled[i], &policies->diags);
		if (!one) {
			rf_policy_warn(policy, &policies->warnings);
			rf_policy_warn_folders(policy, &policies->warnings);
		}
		err = one ? one : err;
	}
	fill_bound(policies);
	return err;
}

bool run_policies_compile(struct run_policies *policies)
{
	int err = 0;

	/* After an error in a text the others are still looked at, as far as it goes. */
	if (policies->set.count)
		err = compile_all(policies);
	/* Other warnings are `check`'s business: with what is warned of here hardly anything runs. */
	if (!policies->diags.errors)
		rf_diags_print(&policies->warnings, stderr);
	if (policies->diags.errors)
		rf_diags_print(&policies->diags, stderr);
	else if (err)
		fprintf(stderr, "ringfence: the policies cannot be compiled: %s\n", strerror(-err));
	else if (!policies->set.count)
		fprintf(stderr, "ringfence: the files hold no policy\n");
	return !err && !policies->diags.errors && policies->set.count;
}

void run_policies_free(struct run_policies *policies)
{
	for (size_t i = 0; policies->compiled && i < policies->set.count; i++)
		rf_compiled_free(&policies->compiled[i]);
	for (size_t i = 0; i < policies->sources; i++) {
		free(policies->source[i].path);
		free(policies->source[i].text);
	}
	free(policies->source);
	free(policies->compiled);
	free(policies->bound);
	rf_policies_free(&policies->set);
	rf_vars_free(&policies->vars);
	rf_diags_free(&policies->diags);
	rf_diags_free(&policies->warnings);
}
