/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Patterns and a path: lines of a pattern each, the last one a path. What the rules say one by one must be what the
 * compiled image says, whatever the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"

enum { RULES_MAX = 6, RULE_BYTES_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A path as the kernel gives it: absolute, without "//", "." and ".." and a '/' at its end. */
static bool possible(const char *path, size_t len)
{
	if (!len || path[0] != '/')
		return false;
	if (len == 1)
		return true;
	for (size_t i = 0; i < len; i++) {
		if (path[i] != '/')
			continue;
		size_t part = strcspn(path + i + 1, "/");
		if (!part || (part <= 2 && !memcmp(path + i + 1, "..", part)))
			return false;
	}
	return true;
}

static void ask(struct rf_policy *policy, const char *path, size_t len)
{
	struct rf_compiled compiled;
	struct rf_diags diags = {0};
	if (!rf_compile(policy, 1, &compiled, &diags)) {
		uint32_t word = rf_image_run(&compiled.image[RF_IMAGE_FILES], path, len, NULL);
		for (unsigned access = RF_READ; access <= RF_EXEC && possible(path, len); access <<= 1) {
			const struct rf_rule *rule = rf_decide_path(policy, RF_FILES, access, path, len, NULL, NULL);
			if (RF_VERDICT_ALLOW(word, access) != (rule && rule->allow))
				abort();
		}
		rf_compiled_free(&compiled);
	} else if (!diags.errors) {
		abort();
	}
	rf_diags_free(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rf_pattern pattern[RULES_MAX] = {0};
	struct rf_rule rule[RULES_MAX] = {0};
	struct rf_policy policy = {.rule = {[RF_FILES] = rule}, .bound = true};
	char *text = malloc(size + 1), *rest = text, *line;
	size_t rules = 0;
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while ((line = strsep(&rest, "\n")) && rest && rules < RULES_MAX) {
		const char *why = NULL;
		size_t at = 0, len = strlen(line);
		if (rf_glob_check(line, &why, &at)) {
			if (!why || at > len)
				abort();
			continue;
		}
		rf_glob_literal(line, NULL);
		if (len > RULE_BYTES_MAX)
			continue;
		pattern[rules] = (struct rf_pattern){.glob = line};
		rule[rules] = (struct rf_rule){.section = RF_FILES,
					       .index = rules,
					       .allow = rules % 2 == 0,
					       .hide = rules % 4 == 3,
					       .access = (uint8_t)(1 + rules * 3 % 7),
					       .pattern = &pattern[rules],
					       .patterns = 1};
		rules++;
	}
	policy.rules[RF_FILES] = rules;
	if (line && strlen(line) < RF_PATH_MAX)
		ask(&policy, line, strlen(line));
	free(text);
	return 0;
}
