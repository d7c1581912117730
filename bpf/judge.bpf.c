// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verdicts: what the images of a chain of policies say of a path or a destination. */
#include "judge.h"
#include "seal.h"

#define FEED_FIRST 48
#define FEED_NEXT  16

/* abi.h describes the table. A slot's bits below the successor are 0 after the exclusive or with the byte exactly where
 * the slot is the state's own. */
static __always_inline u32 slot_of(const u32 *tab, u32 mask, u32 state, u32 byte)
{
	return tab[(state + byte) & mask] ^ byte;
}

static __always_inline u32 step(const u32 *tab, u32 mask, u32 state, u32 byte)
{
	u32 slot = slot_of(tab, mask, state, byte);

	if (slot & RF_DFA_TAG_MASK)
		slot = tab[state & mask];
	return slot >> RF_DFA_SHIFT;
}

/* Feeds a text of `left` bytes, FEED_FIRST or FEED_NEXT of them. A state that is final stays what it is. Written out,
 * since a loop costs a fifth more for each byte; not more than most paths need, since the verifier looks at each byte
 * of each size of image for each program. */
#define FEED_BYTE(k)                               \
	slot = slot_of(tab, mask, state, text[k]); \
	if (slot & RF_DFA_TAG_MASK) {              \
		slot = tab[state & mask];          \
		if (slot & RF_DFA_FINAL)           \
			return state;              \
	}                                          \
	state = slot >> RF_DFA_SHIFT;
#define FEED_LAST(k)          \
	if ((k) >= left)      \
		return state; \
	FEED_BYTE(k)
#define FEED_4(feed, k)	 feed(k) feed((k) + 1) feed((k) + 2) feed((k) + 3)
#define FEED_16(feed, k) FEED_4(feed, k) FEED_4(feed, (k) + 4) FEED_4(feed, (k) + 8) FEED_4(feed, (k) + 12)

/* Most paths have 32 bytes, and need not be asked at each of them. */
static __always_inline u32 feed_first(const u32 *tab, u32 mask, u32 state, const u8 *text, u32 left)
{
	u32 slot;

	if (likely(left >= 32)) {
		FEED_16(FEED_BYTE, 0)
		FEED_16(FEED_BYTE, 16)
	} else {
		FEED_16(FEED_LAST, 0)
		FEED_16(FEED_LAST, 16)
	}
	FEED_16(FEED_LAST, 32)
	return state;
}

static __always_inline u32 feed_next(const u32 *tab, u32 mask, u32 state, const u8 *text, u32 left)
{
	u32 slot;

	FEED_16(FEED_LAST, 0)
	return state;
}

/*
 * The rest of a long path, a chunk at a time. The image is carried, never looked up again: it may be swapped meanwhile,
 * and a question sees one generation. What changes lies in the scratch (see path.h).
 */
struct rest {
	const u32 *tab;
	struct scratch *s;
};

static __always_inline long feed_chunk(struct rest *rest, u32 mask)
{
	struct scratch *s = rest->s;
	struct pathbuf *p = pathbuf_at(s, s->feed.which & 1);

	s->feed.state =
		feed_next(rest->tab, mask, s->feed.state, &p->data[s->feed.off & (RF_PATH_MAX - 1)], s->feed.left);
	if (s->feed.left <= FEED_NEXT)
		return 1;
	s->feed.left -= FEED_NEXT;
	s->feed.off += FEED_NEXT;
	return 0;
}

/* Looks an image up and feeds it the path s->feed.which; one for each size. Returns its head, or NULL: there is none.
 * The length is read anew behind the loop, else the verifier looks at all that follows once for each length. */
#define RUN(name, slots)                                                                      \
	static long rest_##name(u32 i, void *ctx)                                             \
	{                                                                                     \
		return feed_chunk(ctx, (slots)-1);                                            \
	}                                                                                     \
	static __always_inline struct rf_image_head *run_##name(struct scratch *s, u32 index) \
	{                                                                                     \
		void *inner = bpf_map_lookup_elem(&images_##name, &index);                    \
		struct pathbuf *p = pathbuf_at(s, s->feed.which & 1);                         \
		struct image_##name *image;                                                   \
		u32 zero = 0, off = p->off & (RF_PATH_MAX - 1), state, left;                  \
                                                                                              \
		if (!inner)                                                                   \
			return NULL;                                                          \
		image = bpf_map_lookup_elem(inner, &zero);                                    \
		if (!image)                                                                   \
			return NULL;                                                          \
		state = ((struct rf_image_head *)image->tab)->start;                          \
		state = feed_first(image->tab, (slots)-1, state, &p->data[off], p->fed);      \
		left = *(volatile u32 *)&p->fed;                                              \
		if (unlikely(left > FEED_FIRST)) {                                            \
			struct rest rest = {image->tab, s};                                   \
                                                                                              \
			s->feed.state = state;                                                \
			s->feed.off = off + FEED_FIRST;                                       \
			s->feed.left = left - FEED_FIRST;                                     \
			bpf_loop(RF_PATH_MAX / FEED_NEXT, rest_##name, &rest, 0);             \
			state = s->feed.state;                                                \
		}                                                                             \
		s->feed.state = state;                                                        \
		s->feed.header = image->tab[state & ((slots)-1)];                             \
		if (unlikely(s->below)) {                                                     \
			state = step(image->tab, (slots)-1, state, '/');                      \
			s->feed.beneath = image->tab[state & ((slots)-1)];                    \
		}                                                                             \
		s->feed.state = state;                                                        \
		return (struct rf_image_head *)image->tab;                                    \
	}

RUN(small, RF_SMALL_SLOTS)
RUN(medium, RF_MEDIUM_SLOTS)
RUN(large, RF_LARGE_SLOTS)

/* The smallest size counts: a swap to another size sets the smaller image first or deletes it last, so that there is
 * always exactly one answer. */
static __always_inline struct rf_image_head *run(struct scratch *s, u32 index)
{
	struct rf_image_head *head = run_small(s, index);

	if (likely(head))
		return head;
	head = run_medium(s, index);
	return head ? head : run_large(s, index);
}

static __always_inline void note(struct scratch *s, u32 link, u32 policy, u64 generation, u32 mode, u32 refused,
				 u32 reason, u32 error)
{
	struct rf_sandbox *box = sandbox_at(s->sandbox);
	u32 audit = mode == RF_MODE_AUDIT || (box && box->audit);

	if (s->out.refused && (audit || !s->out.audit))
		return;
	s->out.refused = 1;
	s->out.audit = audit;
	s->out.link = link;
	s->out.policy = policy;
	s->out.generation = generation;
	s->out.access = refused;
	s->out.reason = reason;
	s->out.error = error;
}

/* Asks one policy of the chain. Returns 0; not 0 where there was no image to ask. */
int judge_link(struct scratch *s, u32 i, u32 policy)
{
	struct rf_image_head *head;
	u32 word, allow, which;

	if (!s)
		return 1;
	head = run(s, RF_IMAGE_INDEX(policy, s->feed.kind & 1));
	if (!head)
		return 1;
	which = s->feed.which & 1;
	word = head->verdict[s->feed.header & RF_DFA_VERDICT_MASK];
	allow = pathbuf_at(s, which)->aliased ? word >> RF_VERDICT_SETTLED_SHIFT : word;
	if (unlikely(s->below)) {
		s->word[which][i & (RF_CHAIN_MAX - 1)] = (word & ~RF_VERDICT_ALLOWED) | (allow & RF_VERDICT_ALLOWED);
		s->state[which][i & (RF_CHAIN_MAX - 1)] = s->feed.state;
		s->generation[which][i & (RF_CHAIN_MAX - 1)] = head->generation;
		s->beneath[i & (RF_CHAIN_MAX - 1)] = head->verdict[s->feed.beneath & RF_DFA_VERDICT_MASK];
	}
	if (unlikely(!RF_VERDICT_ALLOW(allow, s->access))) {
		u32 refused = s->access & ~allow;

		note(s, i, policy, head->generation, head->mode, refused,
		     pathbuf_at(s, which)->aliased ? RF_REASON_ALIASES : RF_REASON_RULE,
		     (word >> RF_VERDICT_HIDE_SHIFT) & refused ? ENOENT : EACCES);
	}
	return 0;
}

/* Feeds a tail from its state on. Returns 0; 1: the image is another generation's; -1: there is none of this size. */
#define TAIL(name, slots)                                                                          \
	static __always_inline int tail_##name(struct tail *tail, u32 index)                       \
	{                                                                                          \
		void *inner = bpf_map_lookup_elem(&images_##name, &index);                         \
		struct rf_image_head *head;                                                        \
		struct image_##name *image;                                                        \
		u32 zero = 0, state;                                                               \
                                                                                                   \
		if (!inner)                                                                        \
			return -1;                                                                 \
		image = bpf_map_lookup_elem(inner, &zero);                                         \
		if (!image)                                                                        \
			return -1;                                                                 \
		head = (struct rf_image_head *)image->tab;                                         \
		if (head->generation != tail->generation)                                          \
			return 1;                                                                  \
		state = feed_tail(image->tab, (slots)-1, tail->state, tail->text, tail->len);      \
		tail->state = state;                                                               \
		tail->word = head->verdict[image->tab[state & ((slots)-1)] & RF_DFA_VERDICT_MASK]; \
		return 0;                                                                          \
	}

static __always_inline u32 feed_tail(const u32 *tab, u32 mask, u32 state, const u8 *text, u32 left)
{
	u32 slot;

	FEED_16(FEED_LAST, 0)
	FEED_16(FEED_LAST, 16)
	FEED_16(FEED_LAST, 32)
	return state;
}

TAIL(small, RF_SMALL_SLOTS)
TAIL(medium, RF_MEDIUM_SLOTS)
TAIL(large, RF_LARGE_SLOTS)

int judge_tail(struct tail *tail, u32 policy)
{
	u32 index = RF_IMAGE_INDEX(policy, RF_IMAGE_FILES);
	int result;

	if (!tail)
		return 1;
	result = tail_small(tail, index);
	if (likely(result >= 0))
		return result;
	result = tail_medium(tail, index);
	if (result >= 0)
		return result;
	return tail_large(tail, index) ? 1 : 0;
}

u32 judge_selected(struct scratch *s, u32 slot)
{
	struct rf_image_head *head;

	if (!s)
		return RF_UNSELECTABLE;
	s->below = 0;
	s->feed.which = 0;
	head = run(s, RF_IMAGE_INDEX(slot, RF_IMAGE_FILES));
	return head ? head->verdict[s->feed.header & RF_DFA_VERDICT_MASK] : RF_UNSELECTABLE;
}

int judge_path(struct scratch *s, u32 which, u32 kind, u32 access)
{
	struct rf_chain *chain;
	u32 links;

	if (!s)
		return 1;
	chain = chain_at(s->chain);
	if (!chain || !chain->links || chain->links > RF_CHAIN_MAX)
		return judge_refuse(s, RF_REASON_CHAIN, EACCES);
	s->access = access;
	s->seals = chain->seals;
	s->feed.which = which;
	s->feed.kind = kind;
	links = chain->links;
	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		if (i >= links)
			break;
		if (unlikely(judge_link(s, i, chain->link[i].policy)))
			note(s, i, chain->link[i].policy, 0, RF_MODE_ENFORCE, s->access, RF_REASON_NO_IMAGE, EACCES);
	}
	return 0;
}

/* Mode of a policy's files image, which every policy has. */
static __always_inline u32 policy_mode(u32 policy)
{
	u32 index = RF_IMAGE_INDEX(policy, RF_IMAGE_FILES), zero = 0;
	struct rf_image_head *head = NULL;
	void *inner = bpf_map_lookup_elem(&images_small, &index);

	if (inner)
		head = bpf_map_lookup_elem(inner, &zero);
	if (!head && (inner = bpf_map_lookup_elem(&images_medium, &index)))
		head = bpf_map_lookup_elem(inner, &zero);
	if (!head && (inner = bpf_map_lookup_elem(&images_large, &index)))
		head = bpf_map_lookup_elem(inner, &zero);
	return head ? head->mode : RF_MODE_ENFORCE;
}

/* Sections that an access may be of. */
static __always_inline u32 sections_of(u32 access)
{
	return access & RF_FILE_ACCESSES ? 1u << RF_FILES : 1u << RF_NETWORK | 1u << RF_UNIX;
}

int judge_refuse(struct scratch *s, u32 reason, u32 error)
{
	struct rf_chain *chain;
	u32 sections;

	if (!s)
		return 1;
	chain = chain_at(s->chain);
	if (!chain || !chain->links) {
		note(s, 0, 0, 0, RF_MODE_ENFORCE, s->access, reason, error);
		return 0;
	}
	/* What can't be decided is refused by those that would decide it: else a policy that leaves files to another
	 * one would refuse where that one only audits. */
	sections = sections_of(s->access);
	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		if (i >= chain->links)
			break;
		if ((chain->link[i].left & sections) == sections)
			continue;
		note(s, i, chain->link[i].policy, 0, policy_mode(chain->link[i].policy), s->access, reason, error);
	}
	if (!s->out.refused)
		note(s, 0, chain->link[0].policy, 0, RF_MODE_ENFORCE, s->access, reason, error);
	return 0;
}

int judge_guard(struct scratch *s, u32 guard)
{
	struct rf_chain *chain;

	if (!s)
		return 1;
	chain = chain_at(s->chain);
	if (!chain || !chain->links) {
		note(s, 0, 0, 0, RF_MODE_ENFORCE, s->access, RF_REASON_CHAIN, EPERM);
		return 0;
	}
	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		if (i >= chain->links)
			break;
		if (!(chain->link[i].guards & RF_GUARD_BIT(guard & 31)))
			continue;
		s->guard = guard;
		note(s, i, chain->link[i].policy, 0, policy_mode(chain->link[i].policy), s->access, RF_REASON_GUARD,
		     EPERM);
	}
	return 0;
}

/* What an image's relation says of the states after two names: those beneath the new one are contained in those
 * beneath the old one, or the other way round. */
enum { NEW_IN_OLD = 1, OLD_IN_NEW = 2, SWAPPED = 4, NO_IMAGE = 8 };

static __always_inline u32 relation_bit(const u32 *tab, u32 mask, u32 relation, u32 old, u32 new)
{
	u32 bit = (old >> RF_DFA_SHIFT) * tab[relation & mask] + (new >> RF_DFA_SHIFT);

	return tab[(relation + 1 + bit / 32) & mask] >> bit % 32 & 1;
}

/* The image is looked up anew: it must be the one that both names were judged by. */
static __always_inline u32 related(const u32 *tab, u32 mask, const struct scratch *s, u32 i)
{
	const struct rf_image_head *head = (const struct rf_image_head *)tab;
	u32 old = s->state[0][i], new = s->state[1][i], a, b;

	if (head->generation != s->generation[0][i] || head->generation != s->generation[1][i])
		return SWAPPED;
	if (old == new)
		return NEW_IN_OLD | OLD_IN_NEW;
	a = tab[(old + RF_DFA_FOLDER) & mask];
	b = tab[(new + RF_DFA_FOLDER) & mask];
	if ((a & RF_DFA_TAG_MASK) != RF_DFA_CLASS || (b & RF_DFA_TAG_MASK) != RF_DFA_CLASS)
		return 0;
	return (relation_bit(tab, mask, head->relation, a, b) ? NEW_IN_OLD : 0) |
	       (relation_bit(tab, mask, head->relation, b, a) ? OLD_IN_NEW : 0);
}

#define RELATED(name, slots)                                                                 \
	static __always_inline u32 related_##name(const struct scratch *s, u32 index, u32 i) \
	{                                                                                    \
		void *inner = bpf_map_lookup_elem(&images_##name, &index);                   \
		struct image_##name *image;                                                  \
		u32 zero = 0;                                                                \
                                                                                             \
		if (!inner)                                                                  \
			return NO_IMAGE;                                                     \
		image = bpf_map_lookup_elem(inner, &zero);                                   \
		return image ? related(image->tab, (slots)-1, s, i) : NO_IMAGE;              \
	}

RELATED(small, RF_SMALL_SLOTS)
RELATED(medium, RF_MEDIUM_SLOTS)
RELATED(large, RF_LARGE_SLOTS)

/*
 * Whether what moves from one name (path 0 or 1) to the other has a right there that it lacked. What lies beneath a
 * name with aliases has the same rights throughout: those that the name's word says.
 */
static __always_inline bool gains(struct scratch *s, u32 i, u32 from, bool contained, u32 rights, bool folder)
{
	u32 had = s->word[from][i] & rights;

	if (s->word[!from][i] & rights & ~had)
		return true;
	if (!folder || (pathbuf_at(s, from)->aliased && had == rights))
		return false;
	if (pathbuf_at(s, from)->aliased)
		contained = pathbuf_at(s, !from)->aliased && s->state[0][i] == s->state[1][i];
	return !contained;
}

/*
 * Whether a folder must stay where it is: by its move names beneath both places come to be, change or go, of which each
 * call that names one would be asked for writing. So writing is allowed to all of them, or denied by rules that let
 * what they protect move between places of equal rights.
 */
static __always_inline bool stays(const struct scratch *s, u32 i, u32 relation)
{
	u32 settled = (s->word[0][i] & s->word[1][i]) >> RF_VERDICT_SETTLED_SHIFT;

	if (settled & RF_WRITE)
		return false;
	return !(settled & RF_MOVES) || !(relation & NEW_IN_OLD) || !(relation & OLD_IN_NEW);
}

/* Asks one policy of the chain. Returns not 0 where it was swapped since the names were judged. */
int judge_gain_link(struct scratch *s, u32 i, u32 policy, u32 kind, u32 move)
{
	u32 index = RF_IMAGE_INDEX(policy, kind & 1), rights = kind == RF_IMAGE_UNIX ? RF_CONNECT : RF_FILE_ACCESSES;
	u32 relation, reason;

	if (!s || i >= RF_CHAIN_MAX)
		return 1;
	relation = related_small(s, index, i);
	if (relation == NO_IMAGE)
		relation = related_medium(s, index, i);
	if (relation == NO_IMAGE)
		relation = related_large(s, index, i);
	if (relation & (SWAPPED | NO_IMAGE))
		return 1;
	if (kind == RF_IMAGE_FILES && move & MOVE_FOLDERS && stays(s, i, relation))
		reason = RF_REASON_BENEATH;
	else if (gains(s, i, 0, relation & NEW_IN_OLD, rights, move & MOVE_FOLDER) ||
		 ((move & MOVE_EXCHANGE) &&
		  gains(s, i, 1, relation & OLD_IN_NEW, rights, move >> MOVE_BACK_SHIFT & MOVE_FOLDER)))
		reason = RF_REASON_GAIN;
	else
		return 0;
	note(s, i, policy, 0, policy_mode(policy), s->access, reason,
	     s->word[0][i] >> RF_VERDICT_HIDE_SHIFT & RF_FILE_ACCESSES ? ENOENT : EXDEV);
	return 0;
}

int judge_gain(struct scratch *s, u32 kind, u32 move)
{
	struct rf_chain *chain;

	if (!s)
		return 1;
	chain = chain_at(s->chain);
	if (!chain)
		return judge_refuse(s, RF_REASON_CHAIN, EACCES);
	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		if (i >= chain->links)
			break;
		if (judge_gain_link(s, i, chain->link[i].policy, kind, move))
			return 1;
	}
	return 0;
}

int judge_stand_in(struct scratch *s, u32 which)
{
	struct rf_chain *chain;

	if (!s)
		return 1;
	chain = chain_at(s->chain);
	/* Where names have aliases, one that may be written says that all beneath it may. */
	if (!chain || pathbuf_at(s, which & 1)->aliased)
		return 0;
	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		if (i >= chain->links)
			break;
		if (s->word[which & 1][i] & RF_VERDICT_GUARDED)
			note(s, i, chain->link[i].policy, 0, policy_mode(chain->link[i].policy), s->access,
			     RF_REASON_STANDIN, EACCES);
	}
	return 0;
}

/* Whether a destination's entry allows an access on a port; every: on all of them. */
static __always_inline bool dest_allows(struct rf_dest *dest, u32 access, u32 protocol, u32 port, bool every)
{
	for (u32 k = 0; k < RF_PORTS_MAX; k++) {
		struct rf_port_range *r;

		if (k >= dest->ranges)
			break;
		r = &dest->range[k];
		if (!((access == RF_CONNECT ? r->connect : r->bind) & protocol))
			continue;
		if (every ? r->lo <= 1 && r->hi == 65535 : r->lo <= port && port <= r->hi)
			return true;
	}
	return false;
}

/* Asks one policy of the chain for a destination. */
int judge_dest_link(struct scratch *s, u32 i, u32 policy, u32 protocol, u32 every)
{
	struct rf_dest_key key = {.prefix = 128};
	struct rf_dest *dest;
	void *trie;

	if (!s)
		return 1;
	trie = bpf_map_lookup_elem(&dests, &policy);
	if (!trie)
		return 1;
	__builtin_memcpy(key.addr, s->event.head.address.addr, sizeof(key.addr));
	dest = bpf_map_lookup_elem(trie, &key);
	if (!dest)
		return 1;
	if (!dest_allows(dest, s->access, protocol, s->event.head.address.port, every))
		note(s, i, policy, dest->generation, dest->mode, s->access, RF_REASON_RULE, EACCES);
	return 0;
}

int judge_dest(struct scratch *s, u32 access, u32 protocol, u32 every)
{
	struct rf_chain *chain;

	if (!s)
		return 1;
	chain = chain_at(s->chain);
	if (!chain || !chain->links || chain->links > RF_CHAIN_MAX)
		return judge_refuse(s, RF_REASON_CHAIN, EACCES);
	s->access = access;
	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		if (i >= chain->links)
			break;
		if (unlikely(judge_dest_link(s, i, chain->link[i].policy, protocol, every)))
			note(s, i, chain->link[i].policy, 0, RF_MODE_ENFORCE, s->access, RF_REASON_NO_IMAGE, EACCES);
	}
	return 0;
}

int judge_seals(struct scratch *s, u32 access)
{
	struct rf_seal_key key = {};
	struct rf_chain *chain;
	struct inode *inode;

	if (!s || !s->inode)
		return 0;
	chain = chain_at(s->chain);
	if (!chain)
		return judge_refuse(s, RF_REASON_CHAIN, EACCES);
	inode = (void *)s->inode;
	seal_key(inode, &key);
	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		struct rf_seal *seal;
		u32 refused;

		if (i >= chain->links)
			break;
		seal = seal_of(chain, i, &key);
		if (!seal)
			continue;
		refused = seal_refuses(seal, inode, access);
		if (refused)
			note(s, i, key.policy, 0, policy_mode(key.policy), refused, RF_REASON_SEAL,
			     seal->hide & refused ? ENOENT : EACCES);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
