/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the patterns of a section to its minimised automaton. Private to the compiler. */
#ifndef RINGFENCE_AUTOMATON_H
#define RINGFENCE_AUTOMATON_H

#include "compile/budget.h"
#include "compile/compile.h"
#include "compile/glob.h"

/* Accesses of one section, side by side. */
#define LANES 4

enum effect { EFFECT_DENY, EFFECT_ALLOW, EFFECT_HIDE, EFFECTS };

/*
 * What a rule means in one lane. Rules that follow one another and have the same effect there need not be told
 * apart, so each lane counts levels: the effect changes from one level to the next, and the highest level that
 * matches decides. Level 0 is what holds where nothing matches: denied.
 */
struct lane {
	unsigned access;   /* enum rf_access bit; 0: the lane is not used */
	struct vec effect; /* uint8_t of each level */
	struct vec below;  /* struct below of each level */
};

/* The highest level of each effect, up to a level; and the first rule of the level itself. */
struct below {
	uint32_t level[EFFECTS];
	uint32_t rule;
};

struct levels {
	uint32_t at[LANES];
};

static inline void levels_raise(struct levels *levels, const struct levels *by)
{
	for (int i = 0; i < LANES; i++)
		if (levels->at[i] < by->at[i])
			levels->at[i] = by->at[i];
}

/* ---------------------------------------------------------------------- nfa */

#define NODE_EPSILON 7 /* kinds from here on are entered without a byte */
enum node_kind {
	NODE_BYTE,
	NODE_SET,
	NODE_INSIDE, /* within a component that NODE_COMPS takes; always the node after it */
	NODE_STAR = NODE_EPSILON,
	NODE_RUN,
	NODE_COMPS,
};

#define OWNER_SHARED UINT32_MAX
#define LIST_LONG    UINT32_MAX /* too long to be kept */

/* A node of the patterns' trie; node 0 is its root. nfa_finish turns the trie into a graph. */
struct node {
	uint32_t child, sibling; /* 0: none. Finished: kid[child] is the first of `sibling` children */
	uint32_t accept;	 /* index in nfa.label of what a path that ends here matches; 0: nothing */
	uint32_t tail;		 /* the same for any path that comes by here */
	struct levels reach;	 /* the highest levels that a path can still come to from here */
	struct levels list;	 /* all of them: in each lane a place in nfa.list, or LIST_LONG */
	uint32_t owner;		 /* the rule whose patterns alone lead here, or OWNER_SHARED */
	uint32_t set;
	uint8_t kind, byte;
	bool epsilon; /* some children are entered without a byte */
};

struct nfa {
	struct budget *budget;
	struct vec node;  /* struct node */
	struct vec label; /* struct levels */
	struct vec set;	  /* struct glob_set */
	struct vec sets;  /* uint32_t: hash table over `set`, index + 1 */
	struct vec kid;	  /* uint32_t */
	struct vec list;  /* uint32_t: lists of levels, ascending, each after its length; place 0 is the empty one */
	struct lane lane[LANES];
};

int nfa_init(struct nfa *nfa, struct budget *budget);
void nfa_free(struct nfa *nfa);
/* Adds a pattern of rule `owner` with its levels. */
int nfa_add(struct nfa *nfa, const char *glob, const struct levels *levels, uint32_t owner);
/* To be called when all are added: makes nodes one from which the same patterns follow, and fills in `reach`. */
int nfa_finish(struct nfa *nfa);
/* Names the accesses of a section's lanes, before all else. */
int nfa_lanes(struct nfa *nfa, const struct rf_policy *policy, enum rf_section section);
/* What holds where no rule matches, for a section that is left to other policies: all is allowed. To be called before
 * any rule. */
int nfa_allow_all(struct nfa *nfa);
/* The levels of the next rule in order, number `number` of its section. `exact`: levels of its own, even if its effect
 * is that of the one before. */
int nfa_levels(struct nfa *nfa, const struct rf_rule *rule, size_t number, bool exact, struct levels *levels);

/* ---------------------------------------------------------------------- dfa */

/*
 * A deterministic automaton in sparse rows. def[s] is the successor on byte 0, which stands for all bytes that no
 * pattern names; edge[row[s]] to edge[row[s + 1] - 1] are the others, ascending by byte.
 */
struct dfa {
	uint32_t states, start;
	struct vec def;	    /* uint32_t */
	struct vec row;	    /* uint32_t; one more than there are states */
	struct vec edge;    /* uint32_t: EDGE(target, byte) */
	struct vec verdict; /* uint16_t: VERDICT_LANE of each lane; VERDICT_NAME, then VERDICT_GUARDED */
};
/* A verdict while automata are built: for each lane an effect, or that all is allowed here and beneath. */
#define VERDICT_SETTLED		  3u
#define VERDICT_LANE(value, lane) ((value) << 2 * (lane))
#define VERDICT_OF(verdict, lane) ((verdict) >> 2 * (lane)&3u)
#define VERDICT_NAME		  0x100u /* the state is within the name of a component; until it is settled */
#define VERDICT_GUARDED		  0x100u /* no link may stand for a folder of this name (standin.c); once it is minimised */
#define VERDICT_COUNT		  0x200u
#define EDGE(target, byte)	  ((uint32_t)(target) << 8 | (byte))
#define EDGE_TARGET(edge)	  ((edge) >> 8)
#define EDGE_BYTE(edge)		  ((edge)&0xff)

static inline uint32_t dfa_def_of(const struct dfa *dfa, uint32_t s)
{
	return *VEC_AT(&dfa->def, uint32_t, s);
}

/* Edges of a state, and how many. */
static inline const uint32_t *dfa_row_of(const struct dfa *dfa, uint32_t s, uint32_t *edges)
{
	const uint32_t *row = dfa->row.at;
	*edges = row[s + 1] - row[s];
	/* An automaton without any edge has no memory for them. */
	return *edges ? VEC_AT(&dfa->edge, uint32_t, row[s]) : NULL;
}

/* The successor on '/'. */
static inline uint32_t dfa_on_slash(const struct dfa *dfa, uint32_t s)
{
	uint32_t edges;
	const uint32_t *edge = dfa_row_of(dfa, s, &edges);
	for (uint32_t i = 0; i < edges; i++)
		if (EDGE_BYTE(edge[i]) == '/')
			return EDGE_TARGET(edge[i]);
	return dfa_def_of(dfa, s);
}

/* Told of every state that a path can end in: the highest levels that match there. */
typedef void dfa_visit(void *data, const struct levels *levels);

struct dfa_options {
	uint32_t states_max;
	dfa_visit *visit;
	void *data;
	uint32_t *load; /* or NULL: for each rule, in how many states it makes a difference */
	uint32_t owners;
	uint32_t states; /* out: how many there were */
};

/* Builds the subsets. Returns 0, -E2BIG or -ENOMEM. The caller frees `dfa` in each case. */
int dfa_build(const struct nfa *nfa, struct dfa *dfa, struct dfa_options *options);
void dfa_free(struct budget *budget, struct dfa *dfa);
/*
 * Turns EFFECT_ALLOW into VERDICT_SETTLED where all continuations of the path are allowed too. pred[pred_row[s]] to
 * pred[pred_row[s + 1] - 1] are the states with an edge to s; `work` and `bad` are scratch memory for each state.
 */
void dfa_settle(struct dfa *dfa, const uint32_t *pred_row, const uint32_t *pred, uint32_t *work, uint8_t *bad);
/* Settles verdicts and makes equivalent states one. */
int dfa_minimise(struct budget *budget, struct dfa *dfa);

/* ----------------------------------------------------------------- relation */

/* Which folders' rights are contained in which others' (contain.c). A folder's state is the one behind its path and a
 * '/'; those of one class contain one another. Class 0 is the nearest to the root. */
struct relation {
	uint32_t states;
	uint16_t *class; /* by state: its class + 1; 0: it is no folder's, or too far from the root */
	uint32_t classes;
	uint32_t *bits; /* bit old * classes + new: the rights of `new` are contained in those of `old` */
	uint32_t words;
};

struct outlook; /* pairs.h: of the same automaton, and of these lanes at least */

/* The relation of a minimised automaton, for these lanes (a bit each). Bounded: what is not decided is not contained.
 * Returns 0, -E2BIG where the budget is spent, or -ENOMEM; then nothing is left in `out`. */
int dfa_contain(struct budget *budget, const struct dfa *dfa, const struct outlook *outlook, unsigned lanes,
		struct relation *out);
void relation_free(struct budget *budget, struct relation *relation);

/*
 * Marks the names of a minimised automaton (VERDICT_GUARDED) at which no link may stand for a folder. lane: of writing.
 * Bounded: where it is not decided, a name beneath which some writing is denied counts as one. Returns 0, -E2BIG where
 * the budget is spent, or -ENOMEM.
 */
int dfa_guard_names(struct budget *budget, struct dfa *dfa, const struct outlook *outlook, unsigned lane);

/* -------------------------------------------------------------------- image */

/* The word that stands in an image for a verdict (below VERDICT_COUNT). */
typedef uint32_t image_word_of(const void *data, uint32_t verdict);
/* Of an automaton whose lanes are the accesses at `data`. */
image_word_of image_word;

/* Packs an automaton with as much of its relation as there is room for in an image of the size that the automaton alone
 * needs. Returns 0, -E2BIG where it does not fit RF_LARGE_SLOTS or has too many words, -ENOMEM. */
int image_pack(struct budget *budget, const struct dfa *dfa, const struct relation *relation, image_word_of *word,
	       const void *data, struct rf_image *image);

#endif
