/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The service, started by a test, without systemd. */
#ifndef RINGFENCE_TESTS_VM_SERVICE_H
#define RINGFENCE_TESTS_VM_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The last one that was started. */
extern pid_t service;

/* It ends with the test; what it says goes to /tmp/agent-log. */
void service_start(void);
/* Waits a minute for it at most. */
bool service_ready(void);
/* head: "GET /readyz". Returns the status, -1 where nobody answers; the answer is cut off where it does not fit. */
int service_ask(const char *head, const char *body, char *answer, size_t size);
/* A process that is born in a cgroup: fork(2)'s answer. */
long service_start_in(const char *cgroup);

#endif
