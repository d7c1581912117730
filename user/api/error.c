// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/service.h"
#include "events/text.h"

int rf_api_fail(struct rf_api_error *error, unsigned status, const char *reason, const char *format, ...)
{
	va_list args;

	free(error->message);
	error->status = status;
	error->reason = reason;
	va_start(args, format);
	if (vasprintf(&error->message, format, args) < 0)
		error->message = NULL;
	va_end(args);
	return -1;
}

json_t *rf_api_string(const char *text)
{
	struct rf_line line = {0};
	size_t len = strlen(text);
	json_t *string;

	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		n = rf_utf8(text + i, len - i, NULL);
		rf_line_bytes(&line, n ? text + i : "\xef\xbf\xbd", n ? n : 3);
	}
	string = line.failed ? NULL : json_stringn(line.text ? line.text : "", line.len);
	rf_line_free(&line);
	return string;
}

void rf_api_detail(struct rf_api_error *error, const char *file, unsigned line, unsigned column, const char *severity,
		   const char *message)
{
	if (!error->details)
		error->details = json_array();
	/* Without memory the message alone has to do. */
	if (error->details)
		json_array_append_new(error->details,
				      json_pack("{s:o, s:i, s:i, s:s, s:o}", "file", rf_api_string(file), "line",
						(int)line, "column", (int)column, "severity", severity, "message",
						rf_api_string(message)));
}

void rf_api_error_free(struct rf_api_error *error)
{
	free(error->message);
	json_decref(error->details);
	memset(error, 0, sizeof(*error));
}
