// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The page's files are taken in as they are, by the assembler: no build step. */
#include <string.h>

#include "web/files.h"

#define FILE_OF(name, file)                                             \
	__asm__(".pushsection .rodata\n"                                \
		".global rf_web_" #name "\nrf_web_" #name ":\n"         \
		".incbin \"" file "\"\n"                                \
		".global rf_web_" #name "_end\nrf_web_" #name "_end:\n" \
		".byte 0\n.popsection\n");                              \
	extern const char rf_web_##name[], rf_web_##name##_end[]

FILE_OF(html, "user/web/page.html");
FILE_OF(words, "user/web/words.js");
FILE_OF(js, "user/web/page.js");
FILE_OF(css, "user/web/page.css");

const struct rf_web_file *rf_web_file(const char *path)
{
	static const struct rf_web_file files[] = {
		{"/", "text/html; charset=utf-8", rf_web_html, rf_web_html_end},
		{"/words.js", "text/javascript; charset=utf-8", rf_web_words, rf_web_words_end},
		{"/page.js", "text/javascript; charset=utf-8", rf_web_js, rf_web_js_end},
		{"/page.css", "text/css; charset=utf-8", rf_web_css, rf_web_css_end},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strcmp(files[i].path, path))
			return &files[i];
	return NULL;
}
