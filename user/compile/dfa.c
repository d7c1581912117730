/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Subsets of the patterns' trie become states. What keeps their number down is that a state remembers no more than
 * can still make a difference: the highest level that has matched for good (in a tail, whatever follows), and only
 * those threads that can still come to a higher one in some lane.
 *
 * Only paths that can occur are looked at: absolute ones without "//" and without a '/' at their end (the root apart).
 * What a state does on inputs that can't occur is chosen so that it never keeps two states apart: a second '/' goes
 * where any other byte goes, and a state right behind a '/' has the verdict of the state that follows on "any other
 * byte". So such states are equal exactly if everything beneath has equal rights, and that is what the kernel compares
 * for a rename. Names that don't begin with '/' (abstract sockets, memfd) may be any bytes; nothing is assumed there.
 */
#include <string.h>

#include "compile/automaton.h"

/* What the input so far looks like. */
enum mode {
	MODE_START, /* nothing read */
	MODE_ROOT,  /* "/" */
	MODE_SLASH, /* "/…/": no path ends here */
	MODE_NAME,  /* "/…/n" */
	MODE_FREE,  /* a name that is no path */
};

/* A state while it is built. Its key stands in `pool`: the levels that hold for good, then its nodes, ascending. */
struct state {
	uint32_t key;
	uint32_t nodes;
	uint32_t hash;
	uint32_t mode;
};

struct target {
	uint32_t node, next;
};

struct wide {
	uint32_t node, set;
};

/* A successor that was found before, by what it was made of. */
enum { RAW_MAX = 4, RECENT = 256, DEAD = 32 };
struct recent {
	uint32_t count; /* of nodes, + 1; 0: nothing is remembered here */
	uint32_t mode, state;
	struct levels good;
	uint32_t raw[RAW_MAX];
};

/* The same where no thread is left. */
struct dead {
	bool known;
	uint32_t state;
	struct levels good;
};

enum { FEW_STATES = 4000 }; /* even with a slot of their own for each byte they fit an image */

struct builder {
	const struct nfa *nfa;
	struct budget *budget;
	struct dfa *dfa;
	struct dfa_options *options;
	struct vec state; /* struct state */
	struct vec pool;  /* uint32_t */
	uint32_t *table;  /* state + 1, by hash */
	uint32_t table_size;
	uint32_t *stamp; /* by node: the last subset it was added to */
	uint32_t stamps;
	struct vec subset; /* uint32_t: the subset being made */
	/* Of the state whose row is made: where its nodes go. */
	struct vec loop;   /* uint32_t: on every byte but '/' */
	struct vec slash;  /* uint32_t */
	struct vec wide;   /* struct wide: on the bytes of a set */
	struct vec target; /* struct target: on one byte, linked from `first`; 0 is no target */
	struct vec raw;	   /* uint32_t: where they go on one byte */
	struct recent *recent;
	struct dead dead[DEAD];
	uint32_t first[256];
	uint64_t named[4]; /* bytes that need a look of their own */
};

static const struct node *node_at(const struct builder *b, uint32_t i)
{
	return VEC_AT(&b->nfa->node, struct node, i);
}

static inline int push(struct builder *b, struct vec *vec, uint32_t value)
{
	int err = vec_reserve(b->budget, vec, 1);
	if (!err)
		*VEC_AT(vec, uint32_t, vec->count++) = value;
	return err;
}

/* ------------------------------------------------------------------ subsets */

/* Adds a node and what is reached from it without a byte. */
static int subset_add(struct builder *b, uint32_t node, struct levels *good)
{
	if (b->stamp[node] == b->stamps)
		return 0;
	b->stamp[node] = b->stamps;
	const struct node *n = node_at(b, node);
	if (n->tail)
		levels_raise(good, VEC_AT(&b->nfa->label, struct levels, n->tail));
	int err = push(b, &b->subset, node);
	if (n->epsilon)
		for (uint32_t i = 0; i < n->sibling && !err; i++) {
			uint32_t c = *VEC_AT(&b->nfa->kid, uint32_t, n->child + i);
			if (node_at(b, c)->kind >= NODE_EPSILON)
				err = subset_add(b, c, good);
		}
	return err;
}

static bool reaches_above(const struct levels *reach, const struct levels *good)
{
	for (int l = 0; l < LANES; l++)
		if (reach->at[l] > good->at[l])
			return true;
	return false;
}

/* The lowest level above `good` that a node can still come to in a lane. */
static uint32_t next_above(const struct builder *b, const struct node *n, int lane, uint32_t good)
{
	if (n->list.at[lane] == LIST_LONG)
		return good + 1;
	const uint32_t *list = VEC_AT(&b->nfa->list, uint32_t, n->list.at[lane]);
	uint32_t low = 1, high = list[0] + 1;
	while (low < high) {
		uint32_t mid = (low + high) / 2;
		if (list[mid] <= good)
			low = mid + 1;
		else
			high = mid;
	}
	return list[low];
}

/*
 * Of the level that holds for good in a lane only its effect counts, and which levels of the live threads are above
 * it. So it can stand for all levels of that effect up to the first that a thread can come to: the highest is taken.
 */
static uint32_t representative(const struct builder *b, int lane, uint32_t good)
{
	const struct lane *l = &b->nfa->lane[lane];
	uint32_t next = (uint32_t)l->effect.count;
	for (uint32_t i = 0; i < b->subset.count && next > good + 1; i++) {
		const struct node *n = node_at(b, *VEC_AT(&b->subset, uint32_t, i));
		if (n->reach.at[lane] <= good)
			continue;
		uint32_t above = next_above(b, n, lane, good);
		if (next > above)
			next = above;
	}
	return VEC_AT(&l->below, struct below, next - 1)->level[*VEC_AT(&l->effect, uint8_t, good)];
}

/* Drops the nodes that can't make a difference any more. */
static void subset_prune(struct builder *b, struct levels *good)
{
	uint32_t *node = b->subset.at, kept = 0;
	for (uint32_t i = 0; i < b->subset.count; i++)
		if (reaches_above(&node_at(b, node[i])->reach, good))
			node[kept++] = node[i];
	b->subset.count = kept;
	for (int i = 0; i < LANES && !b->options->visit; i++)
		if (good->at[i] || !kept)
			good->at[i] = representative(b, i, good->at[i]);
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void sort(uint32_t *at, size_t count)
{
	if (count > 24) {
		qsort(at, count, sizeof(*at), ascending);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		uint32_t value = at[i];
		size_t j = i;
		for (; j > 0 && at[j - 1] > value; j--)
			at[j] = at[j - 1];
		at[j] = value;
	}
}

/* ---------------------------------------------------------------- interning */

static int table_grow(struct builder *b)
{
	uint32_t size = b->table_size ? 2 * b->table_size : 1024;
	uint32_t *table = budget_calloc(b->budget, size, sizeof(*table));
	if (!table)
		return -errno;
	for (uint32_t s = 0; s < b->state.count; s++) {
		uint32_t h = VEC_AT(&b->state, struct state, s)->hash;
		while (table[h & (size - 1)])
			h++;
		table[h & (size - 1)] = s + 1;
	}
	budget_free(b->budget, b->table, b->table_size, sizeof(*table));
	b->table = table;
	b->table_size = size;
	return 0;
}

static uint32_t key_hash(const uint32_t *key, size_t words, uint32_t mode)
{
	uint64_t h = mode + 1;
	for (size_t i = 0; i < words; i++) {
		h = (h ^ key[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	return (uint32_t)h;
}

/* The state of the key that stands at the end of the pool; where it is new the key stays. */
static int state_intern(struct builder *b, uint32_t key, uint32_t mode, uint32_t *index)
{
	uint32_t words = (uint32_t)b->pool.count - key;
	const uint32_t *pool = b->pool.at;
	uint32_t hash = key_hash(pool + key, words, mode);
	if (2 * (b->state.count + 1) > b->table_size) {
		int err = table_grow(b);
		if (err)
			return err;
	}
	uint32_t h = hash;
	for (; b->table[h & (b->table_size - 1)]; h++) {
		*index = b->table[h & (b->table_size - 1)] - 1;
		const struct state *s = VEC_AT(&b->state, struct state, *index);
		if (s->hash == hash && s->mode == mode && s->nodes + LANES == words &&
		    !memcmp(pool + s->key, pool + key, words * sizeof(*pool))) {
			b->pool.count = key;
			return 0;
		}
	}
	if (b->state.count >= b->options->states_max)
		return -E2BIG;
	int err = vec_reserve(b->budget, &b->state, 1);
	if (err)
		return err;
	*index = (uint32_t)b->state.count++;
	*VEC_AT(&b->state, struct state, *index) = (struct state){key, words - LANES, hash, mode};
	b->table[h & (b->table_size - 1)] = *index + 1;
	return 0;
}

/* Closes the subset that has been added and gives its state. */
static int subset_close(struct builder *b, struct levels *good, uint32_t mode, uint32_t *index)
{
	subset_prune(b, good);
	sort(b->subset.at, b->subset.count);
	int err = vec_reserve(b->budget, &b->pool, LANES + b->subset.count);
	if (err)
		return err;
	uint32_t key = (uint32_t)b->pool.count;
	memcpy(VEC_AT(&b->pool, uint32_t, key), good->at, sizeof(good->at));
	memcpy(VEC_AT(&b->pool, uint32_t, key + LANES), b->subset.at, b->subset.count * sizeof(uint32_t));
	b->pool.count += LANES + b->subset.count;
	/* Where no thread is left, nothing that follows matters, what it looks like included. */
	return state_intern(b, key, b->subset.count ? mode : MODE_FREE, index);
}

/* --------------------------------------------------------------------- rows */

static int add_target(struct builder *b, unsigned byte, uint32_t node)
{
	int err = vec_reserve(b->budget, &b->target, 1);
	if (err)
		return err;
	*VEC_AT(&b->target, struct target, b->target.count) = (struct target){node, b->first[byte]};
	b->first[byte] = (uint32_t)b->target.count++;
	b->named[byte >> 6] |= UINT64_C(1) << (byte & 63);
	return 0;
}

static int add_wide(struct builder *b, uint32_t node, uint32_t set)
{
	const struct glob_set *bytes = VEC_AT(&b->nfa->set, struct glob_set, set);
	/* The bytes on which a set differs from what it does with a byte that no pattern names. */
	uint64_t flip = glob_set_has(bytes, 0) ? ~UINT64_C(0) : 0;
	for (int i = 0; i < 4; i++)
		b->named[i] |= bytes->bits[i] ^ flip;
	int err = vec_reserve(b->budget, &b->wide, 1);
	if (!err)
		*VEC_AT(&b->wide, struct wide, b->wide.count++) = (struct wide){node, set};
	return err;
}

/* Sorts out where the threads of one node go. */
static int spread_node(struct builder *b, uint32_t index)
{
	const struct node *n = node_at(b, index);
	int err = 0;
	if (n->kind == NODE_STAR || n->kind == NODE_RUN || n->kind == NODE_INSIDE)
		err = push(b, &b->loop, index);
	else if (n->kind == NODE_COMPS)
		err = push(b, &b->loop, index + 1);
	if (!err && (n->kind == NODE_RUN || n->kind == NODE_COMPS || n->kind == NODE_INSIDE))
		err = push(b, &b->slash, n->kind == NODE_INSIDE ? index - 1 : index);
	for (uint32_t i = 0; i < n->sibling && !err; i++) {
		uint32_t c = *VEC_AT(&b->nfa->kid, uint32_t, n->child + i);
		const struct node *child = node_at(b, c);
		if (child->kind == NODE_BYTE && child->byte == '/')
			err = push(b, &b->slash, c);
		else if (child->kind == NODE_BYTE)
			err = add_target(b, child->byte, c);
		else if (child->kind == NODE_SET)
			err = add_wide(b, c, child->set);
	}
	return err;
}

/* The state of what the collected nodes make, together with what is reached from them without a byte. */
static int make_successor(struct builder *b, const struct levels *good, uint32_t mode, uint32_t *index)
{
	struct levels now = *good;
	int err = 0;
	b->subset.count = 0;
	b->stamps++;
	for (size_t i = 0; i < b->raw.count && !err; i++)
		err = subset_add(b, *VEC_AT(&b->raw, uint32_t, i), &now);
	return err ? err : subset_close(b, &now, mode, index);
}

static bool same_levels(const struct levels *a, const struct levels *b)
{
	return !memcmp(a->at, b->at, sizeof(a->at));
}

/* Where no thread goes on: then what holds for good is all there is. */
static int dead_successor(struct builder *b, const struct levels *good, uint32_t *index)
{
	struct dead *dead = &b->dead[(good->at[0] * 7 + good->at[1] * 3 + good->at[2] + good->at[3] * 5) % DEAD];
	if (!dead->known || !same_levels(&dead->good, good)) {
		int err = make_successor(b, good, MODE_FREE, &dead->state);
		dead->known = !err;
		if (err)
			return err;
		dead->good = *good;
	}
	*index = dead->state;
	return 0;
}

/* The same, remembered: most states of a component go to the same few on '/' and on most bytes. */
static int find_successor(struct builder *b, const struct levels *good, uint32_t mode, uint32_t *index)
{
	uint32_t count = (uint32_t)b->raw.count, hash = mode;
	const uint32_t *raw = b->raw.at;
	if (!count)
		return dead_successor(b, good, index);
	/* Without wildcards nearly every successor is new. */
	if (count > RAW_MAX || (!b->loop.count && !b->wide.count))
		return make_successor(b, good, mode, index);
	for (int l = 0; l < LANES; l++)
		hash = (hash ^ good->at[l]) * 0x9e3779b1u;
	for (uint32_t i = 0; i < count; i++)
		hash = (hash ^ raw[i]) * 0x85ebca6bu;
	struct recent *recent = &b->recent[hash >> 24];
	if (recent->count == count + 1 && recent->mode == mode && same_levels(&recent->good, good) &&
	    !memcmp(recent->raw, raw, count * sizeof(*raw))) {
		*index = recent->state;
		return 0;
	}
	recent->count = 0;
	int err = make_successor(b, good, mode, index);
	if (err)
		return err;
	recent->count = count + 1;
	recent->mode = mode;
	recent->good = *good;
	recent->state = *index;
	memcpy(recent->raw, b->raw.at, count * sizeof(*raw));
	return 0;
}

/* The successor on a byte other than '/'. */
static int successor(struct builder *b, unsigned byte, const struct levels *good, uint32_t mode, uint32_t *index)
{
	uint32_t *raw = b->raw.at, count = 0; /* there is room: see make_edges */
	for (size_t i = 0; i < b->loop.count; i++)
		raw[count++] = *VEC_AT(&b->loop, uint32_t, i);
	for (size_t i = 0; i < b->wide.count; i++) {
		const struct wide *w = VEC_AT(&b->wide, struct wide, i);
		if (glob_set_has(VEC_AT(&b->nfa->set, struct glob_set, w->set), byte))
			raw[count++] = w->node;
	}
	for (uint32_t t = b->first[byte]; t; t = VEC_AT(&b->target, struct target, t)->next)
		raw[count++] = VEC_AT(&b->target, struct target, t)->node;
	b->raw.count = count;
	return find_successor(b, good, mode, index);
}

static int slash_successor(struct builder *b, const struct levels *good, uint32_t mode, uint32_t *index)
{
	if (b->slash.count)
		memcpy(b->raw.at, b->slash.at, b->slash.count * sizeof(uint32_t));
	b->raw.count = b->slash.count;
	return find_successor(b, good, mode, index);
}

static int add_edge(struct builder *b, uint32_t target, uint32_t byte, uint32_t other)
{
	return target == other ? 0 : push(b, &b->dfa->edge, EDGE(target, byte));
}

/* All successors of a state, into the dfa's row for it. */
static int make_edges(struct builder *b, const struct levels *good, enum mode mode)
{
	static const uint8_t after_slash[] = {
		[MODE_START] = MODE_ROOT, [MODE_NAME] = MODE_SLASH, [MODE_FREE] = MODE_FREE};
	static const uint8_t after_other[] = {[MODE_START] = MODE_FREE,
					      [MODE_ROOT] = MODE_NAME,
					      [MODE_SLASH] = MODE_NAME,
					      [MODE_NAME] = MODE_NAME,
					      [MODE_FREE] = MODE_FREE};
	uint32_t other, target;
	b->raw.count = 0;
	int err = vec_reserve(b->budget, &b->raw, b->loop.count + b->wide.count + b->target.count + b->slash.count);
	if (!err)
		err = successor(b, 0, good, after_other[mode], &other);
	if (!err)
		err = push(b, &b->dfa->def, other);
	b->named['/' >> 6] &= ~(UINT64_C(1) << ('/' & 63));
	b->named[0] &= ~UINT64_C(1);
	if (mode != MODE_ROOT && mode != MODE_SLASH)
		b->named['/' >> 6] |= UINT64_C(1) << ('/' & 63);
	for (unsigned w = 0; w < 4; w++)
		for (uint64_t rest = b->named[w]; rest && !err; rest &= rest - 1) {
			unsigned byte = 64 * w + (unsigned)__builtin_ctzll(rest);
			if (byte == '/')
				err = slash_successor(b, good, after_slash[mode], &target);
			else
				err = successor(b, byte, good, after_other[mode], &target);
			if (!err)
				err = add_edge(b, target, byte, other);
			b->first[byte] = 0;
		}
	memset(b->named, 0, sizeof(b->named));
	return err;
}

/* The verdict where a path ends, from the levels that match there. */
static uint16_t verdict_of(const struct builder *b, const struct levels *levels)
{
	unsigned verdict = 0;
	for (int i = 0; i < LANES; i++)
		verdict |= VERDICT_LANE(*VEC_AT(&b->nfa->lane[i].effect, uint8_t, levels->at[i]), i);
	return (uint16_t)verdict;
}

static int make_row(struct builder *b, uint32_t index)
{
	struct state s = *VEC_AT(&b->state, struct state, index);
	struct levels good, now;
	memcpy(good.at, VEC_AT(&b->pool, uint32_t, s.key), sizeof(good.at));
	now = good;
	int err = vec_reserve(b->budget, &b->dfa->verdict, 1);
	if (!err)
		err = push(b, &b->dfa->row, (uint32_t)b->dfa->edge.count);
	b->loop.count = b->slash.count = b->wide.count = 0;
	b->target.count = 1;
	for (uint32_t i = 0; i < s.nodes && !err; i++) {
		uint32_t node = *VEC_AT(&b->pool, uint32_t, s.key + LANES + i);
		levels_raise(&now, VEC_AT(&b->nfa->label, struct levels, node_at(b, node)->accept));
		err = spread_node(b, node);
	}
	if (err)
		return err;
	if (b->options->visit && s.mode != MODE_SLASH && s.mode != MODE_START)
		b->options->visit(b->options->data, &now);
	*VEC_AT(&b->dfa->verdict, uint16_t, b->dfa->verdict.count++) =
		verdict_of(b, &now) | (s.mode == MODE_NAME ? VERDICT_NAME : 0);
	if (!s.nodes) /* decided for good */
		return push(b, &b->dfa->def, index);
	return make_edges(b, &good, (enum mode)s.mode);
}

/* ------------------------------------------------------------------- whole */

/* Most automata have about as many states as the trie has nodes: that saves most of the growing. */
static int reserve(struct builder *b)
{
	size_t states = b->nfa->node.count < FEW_STATES ? b->nfa->node.count : FEW_STATES;
	struct {
		struct vec *vec;
		size_t each;
	} all[] = {{&b->state, 1},    {&b->pool, LANES + 1}, {&b->dfa->def, 1},
		   {&b->dfa->row, 1}, {&b->dfa->edge, 2},    {&b->dfa->verdict, 1}};
	int err = 0;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all) && !err; i++)
		err = vec_reserve(b->budget, all[i].vec, all[i].each * states);
	return err;
}

static int build(struct builder *b)
{
	struct levels good = {{0}};
	uint32_t start;
	b->stamp = budget_calloc(b->budget, b->nfa->node.count, sizeof(*b->stamp));
	b->recent = budget_calloc(b->budget, RECENT, sizeof(*b->recent));
	if (!b->stamp || !b->recent)
		return -errno;
	int err = reserve(b);
	if (!err)
		err = vec_reserve(b->budget, &b->target, 1);
	b->stamps = 1;
	if (!err)
		err = subset_add(b, 0, &good);
	if (!err)
		err = subset_close(b, &good, MODE_START, &start);
	for (uint32_t s = 0; s < b->state.count && !err; s++)
		err = make_row(b, s);
	if (!err)
		err = push(b, &b->dfa->row, (uint32_t)b->dfa->edge.count);
	return err;
}

/* States right behind a '/' take the verdict of what follows; see above. */
static void finish_slashes(struct builder *b)
{
	uint16_t *verdict = b->dfa->verdict.at;
	const uint32_t *def = b->dfa->def.at;
	for (uint32_t s = 0; s < b->state.count; s++)
		if (VEC_AT(&b->state, struct state, s)->mode == MODE_SLASH)
			verdict[s] = verdict[def[s]] & ~VERDICT_NAME;
}

static void count_rule(const struct dfa_options *options, uint32_t rule)
{
	if (rule < options->owners)
		options->load[rule]++;
}

/* Counts in how many states each rule's own nodes take part, or what it says for good: what a limit is blamed on. */
static void count_load(struct builder *b)
{
	if (!b->options->load)
		return;
	memset(b->options->load, 0, b->options->owners * sizeof(*b->options->load));
	for (uint32_t s = 0; s < b->state.count; s++) {
		const struct state *state = VEC_AT(&b->state, struct state, s);
		const uint32_t *key = VEC_AT(&b->pool, uint32_t, state->key);
		for (int l = 0; l < LANES; l++)
			count_rule(b->options, VEC_AT(&b->nfa->lane[l].below, struct below, key[l])->rule);
		for (uint32_t i = 0; i < state->nodes; i++)
			count_rule(b->options, node_at(b, key[LANES + i])->owner);
	}
}

int dfa_build(const struct nfa *nfa, struct dfa *dfa, struct dfa_options *options)
{
	struct builder b = {.nfa = nfa, .budget = nfa->budget, .dfa = dfa, .options = options};
	*dfa = (struct dfa){0};
	dfa->def = dfa->row = dfa->edge = VEC(uint32_t);
	dfa->verdict = VEC(uint16_t);
	b.state = VEC(struct state);
	b.pool = b.subset = b.loop = b.slash = b.raw = VEC(uint32_t);
	b.wide = VEC(struct wide);
	b.target = VEC(struct target);
	int err = build(&b);
	if (!err) {
		dfa->states = (uint32_t)b.state.count;
		finish_slashes(&b);
	}
	options->states = (uint32_t)b.state.count;
	/* With so few states no limit is hit any more. */
	if (err || b.state.count > FEW_STATES)
		count_load(&b);
	budget_free(b.budget, b.stamp, nfa->node.count, sizeof(*b.stamp));
	budget_free(b.budget, b.recent, RECENT, sizeof(*b.recent));
	budget_free(b.budget, b.table, b.table_size, sizeof(*b.table));
	struct vec *scratch[] = {&b.state, &b.pool, &b.subset, &b.loop, &b.slash, &b.raw, &b.wide, &b.target};
	for (size_t i = 0; i < sizeof(scratch) / sizeof(*scratch); i++)
		vec_free(b.budget, scratch[i]);
	return err;
}

void dfa_free(struct budget *budget, struct dfa *dfa)
{
	vec_free(budget, &dfa->def);
	vec_free(budget, &dfa->row);
	vec_free(budget, &dfa->edge);
	vec_free(budget, &dfa->verdict);
}
