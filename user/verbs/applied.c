// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "api/path.h"
#include "policy/policy.h"
#include "verbs/applied.h"

bool rf_applied_text(const json_t *object, char **file, char **text, size_t *length)
{
	const char *body = json_string_value(rf_json_path(object, "text"));
	const char *name = json_string_value(rf_json_path(object, "metadata.file"));
	json_int_t line = json_integer_value(rf_json_path(object, "metadata.line"));
	char *own, *padded;
	size_t len;

	if (!body || !name || line <= 0 || line >= RF_POLICY_FILE_MAX)
		return false;
	len = (size_t)line - 1 + strlen(body);
	padded = malloc(len + 1);
	own = strdup(name);
	if (!padded || !own) {
		free(padded);
		free(own);
		return false;
	}
	memset(padded, '\n', (size_t)line - 1);
	strcpy(padded + line - 1, body);
	*file = own;
	*text = padded;
	*length = len;
	return true;
}
