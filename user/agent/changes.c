// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The store's changes, as the API tells them. */
#include <string.h>

#include "agent/agent.h"

_Static_assert(RF_API_NAME_MAX == RF_STORE_NAME_MAX, "names are of one size");

struct teller {
	rf_api_changed *changed;
	void *data;
};

static int tell(void *context, const struct rf_change *change)
{
	const struct teller *teller = context;
	struct rf_api_change out = {
		.revision = change->revision,
		.kind = change->kind == RF_CHANGE_ADDED	     ? RF_API_ADDED
			: change->kind == RF_CHANGE_MODIFIED ? RF_API_MODIFIED
							     : RF_API_DELETED,
	};

	memcpy(out.name, change->name, sizeof(out.name));
	return teller->changed(teller->data, &out);
}

void agent_changed(struct agent *agent)
{
	if (agent->server)
		rf_api_server_changed(agent->server);
	rf_web_changed(agent->web);
}

int agent_changes(void *context, uint64_t revision, rf_api_changed *changed, void *data)
{
	const struct agent *agent = context;
	struct teller teller = {changed, data};

	return rf_store_watch_from(agent->store, revision, tell, &teller);
}
