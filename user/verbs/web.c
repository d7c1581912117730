// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence web`: the address of the live view for browsers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verbs/agent.h"
#include "web/address.h"

const struct rf_option rf_options_web[] = {
	{0},
};

static int print_address(const struct rf_verb *verb)
{
	struct rf_line line = {0};
	char text[256] = "";
	FILE *f = fopen(RF_WEB_ADDRESS, "re");

	if (!f && errno == ENOENT) {
		rf_tell(verb, "the page is off; on: systemctl enable ringfence-web.socket, then systemctl restart "
			      "ringfenced");
		return RF_EXIT_FAILED;
	}
	if (!f || !fgets(text, sizeof(text), f)) {
		rf_tell(verb, "%s: %s", RF_WEB_ADDRESS, f ? "it is empty" : strerror(errno));
		if (f)
			fclose(f);
		return RF_EXIT_FAILED;
	}
	fclose(f);
	rf_line_text(&line, text, strcspn(text, "\n"));
	rf_line_string(&line, "\n");
	return rf_agent_print(verb, &line);
}

int rf_verb_web(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_client_answer answer;
	int status, operands = rf_operands(verb, argc, argv, NULL, NULL, &status);

	if (operands < 0)
		return status;
	if (operands)
		return rf_usage_error(verb, "takes no arguments");
	/* Of an agent that is not there, the address would be no help. */
	status = rf_agent_ask(verb, &(struct rf_client_request){.method = "GET", .path = "/healthz"}, &answer);
	rf_client_answer_free(&answer);
	return status ? status : print_address(verb);
}
