/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory of one compilation: every growing array is counted, so that a blow-up meets a limit and not the host's. */
#ifndef RINGFENCE_BUDGET_H
#define RINGFENCE_BUDGET_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

struct budget {
	size_t used, max; /* bytes */
};

/* An array of elements of `size` bytes that grows. */
struct vec {
	void *at;
	size_t count, room;
	size_t size;
};
#define VEC(type)	     ((struct vec){.size = sizeof(type)})
#define VEC_AT(vec, type, i) (&((type *)(vec)->at)[i])

/* Not inlined, so that what is inlined with vec_reserve is one comparison. */
__attribute__((noinline, unused)) static int vec_grow(struct budget *budget, struct vec *vec, size_t more)
{
	/* What is small doubles. */
	size_t room = vec->room + (vec->room * vec->size < (32u << 10) ? vec->room : vec->room / 2);
	if (room < vec->count + more)
		room = vec->count + more + 1024 / vec->size;
	size_t bytes = (room - vec->room) * vec->size;
	if (bytes > budget->max - budget->used)
		return -E2BIG;
	void *at = realloc(vec->at, room * vec->size);
	if (!at)
		return -ENOMEM;
	budget->used += bytes;
	vec->at = at;
	vec->room = room;
	return 0;
}

/* Makes room for `more` elements behind the last. Returns 0, -E2BIG where the budget is spent, -ENOMEM. */
static inline int vec_reserve(struct budget *budget, struct vec *vec, size_t more)
{
	return vec->count + more <= vec->room ? 0 : vec_grow(budget, vec, more);
}

/* Appends to an array of uint32_t. Errors as above. */
static inline int vec_push(struct budget *budget, struct vec *vec, uint32_t value)
{
	int err = vec_reserve(budget, vec, 1);
	if (!err)
		((uint32_t *)vec->at)[vec->count++] = value;
	return err;
}

static inline void vec_free(struct budget *budget, struct vec *vec)
{
	budget->used -= vec->room * vec->size;
	free(vec->at);
	*vec = (struct vec){.size = vec->size};
}

/* Notes that `count` elements at `at` are in use; `at` is NULL where they were not to be had. */
static inline void *budget_note(struct budget *budget, void *at, size_t count, size_t size)
{
	if (at)
		budget->used += count * size;
	else
		errno = ENOMEM;
	return at;
}

static inline int budget_has(struct budget *budget, size_t count, size_t size)
{
	if (!size || count <= (budget->max - budget->used) / size)
		return 1;
	errno = E2BIG;
	return 0;
}

/* `count` zeroed elements in a budget; NULL where there are none to be had. Freed with budget_free. */
static inline void *budget_calloc(struct budget *budget, size_t count, size_t size)
{
	if (!budget_has(budget, count, size))
		return NULL;
	return budget_note(budget, calloc(count ? count : 1, size), count, size);
}

/* The same, not zeroed: what is large is cleared where it matters. */
static inline void *budget_alloc(struct budget *budget, size_t count, size_t size)
{
	if (!budget_has(budget, count, size))
		return NULL;
	return budget_note(budget, malloc(count && size ? count * size : 1), count, size);
}

static inline void budget_free(struct budget *budget, void *at, size_t count, size_t size)
{
	if (at)
		budget->used -= count * size;
	free(at);
}

#endif
