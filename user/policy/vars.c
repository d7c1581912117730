/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Variables: their values, and how patterns take them in. A value is literal text, never glob syntax. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile/compile.h"
#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/schema.h"
#include "policy/vars.h"

/* ------------------------------------------------------------------ values */

const char *rf_vars_get(const struct rf_vars *vars, const char *name)
{
	for (size_t i = 0; i < vars->count; i++) {
		if (!strcmp(vars->pair[i].key, name))
			return vars->pair[i].value;
	}
	return NULL;
}

int rf_vars_set(struct rf_vars *vars, const char *name, const char *value)
{
	RF_AUTO_FREE char *key = NULL;
	RF_AUTO_FREE char *copy = NULL;

	if (!rf_is_name(name, strlen(name)))
		return -EINVAL;
	key = strdup(name);
	copy = strdup(value);
	if (!key || !copy)
		return -ENOMEM;
	struct rf_pair *grown = rf_grow(vars->pair, vars->count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	vars->pair = grown;
	vars->pair[vars->count++] = (struct rf_pair){key, copy};
	key = copy = NULL;
	return 0;
}

int rf_vars_replace(struct rf_vars *vars, const char *name, const char *value)
{
	for (size_t i = 0; i < vars->count; i++) {
		char *copy;

		if (strcmp(vars->pair[i].key, name) != 0)
			continue;
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
		free(vars->pair[i].value);
		vars->pair[i].value = copy;
		return 0;
	}
	return rf_vars_set(vars, name, value);
}

bool rf_vars_given(const char *name)
{
	static const char *const names[] = {RF_VARS_GIVEN};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

/* A home folder without "//" and "/./", which mean nothing; one with ".." is what that leads to. */
static char *tidy_home(const char *home)
{
	char *tidy = malloc(strlen(home) + 2), *real;
	size_t len = 0;
	bool up = false;

	for (const char *c = home; tidy && *c;) {
		size_t name = strcspn(c += strspn(c, "/"), "/");

		if (name && !(name == 1 && *c == '.')) {
			up |= name == 2 && !strncmp(c, "..", 2);
			tidy[len++] = '/';
			memcpy(tidy + len, c, name);
			len += name;
		}
		c += name;
	}
	if (!tidy)
		return NULL;
	strcpy(tidy + len, len ? "" : "/");
	real = up ? realpath(home, NULL) : NULL;
	if (!real)
		return tidy;
	free(tidy);
	return real;
}

int rf_vars_defaults(struct rf_vars *vars, uid_t uid, const char *workspace)
{
	RF_AUTO_FREE char *real = realpath(workspace ? workspace : ".", NULL);
	int error = real ? 0 : -errno;
	const struct passwd *user = getpwuid(uid);
	const char *home = uid == geteuid() ? getenv("HOME") : NULL;
	char number[16];

	if (error)
		return error;
	/* Tools take $HOME at its word, so for the own user it is the one that counts. */
	if (!home || home[0] != '/')
		home = user ? user->pw_dir : NULL;
	snprintf(number, sizeof(number), "%u", uid);
	RF_AUTO_FREE char *tidy = home ? tidy_home(home) : NULL;
	if (home)
		error = tidy ? rf_vars_set(vars, "HOME", tidy) : -ENOMEM;
	if (user && !error)
		error = rf_vars_set(vars, "USER", user->pw_name);
	if (!error)
		error = rf_vars_set(vars, "UID", number);
	return error ? error : rf_vars_set(vars, "WORKSPACE", real);
}

/* --------------------------------------------------------------- expansion */

void rf_expanded_free(struct rf_expanded *e)
{
	free(e->glob);
	free(e->piece);
	*e = (struct rf_expanded){0};
}

/* Makes room for `more` bytes and the terminating NUL. */
static int reserve(struct rf_expanded *e, size_t more)
{
	if (e->len + more + 1 <= e->room)
		return 0;
	size_t room = 2 * e->room + more + 1;
	char *glob = realloc(e->glob, room);

	if (!glob)
		return -ENOMEM;
	e->glob = glob;
	e->room = room;
	return 0;
}

/* What is put in next stems from byte `from` on, or all of it from that byte. */
static int begin_piece(struct rf_expanded *e, size_t from, bool value)
{
	struct rf_piece *grown = rf_grow(e->piece, e->pieces, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	e->piece = grown;
	e->piece[e->pieces++] = (struct rf_piece){e->len, from, value};
	return 0;
}

/* Text as written. */
static int put(struct rf_expanded *e, const char *text, size_t len, size_t from)
{
	int error = e->pieces && !e->piece[e->pieces - 1].value ? 0 : begin_piece(e, from, false);

	if (!error)
		error = reserve(e, len);
	if (error)
		return error;
	memcpy(e->glob + e->len, text, len);
	e->len += len;
	e->glob[e->len] = '\0';
	return 0;
}

static int put_literal(struct rf_expanded *e, const char *value, size_t len, size_t from)
{
	int error = begin_piece(e, from, true);

	if (!error)
		error = reserve(e, 2 * len);
	for (size_t i = 0; i < len && !error; i++) {
		if (strchr("*?[]{},\\", value[i]))
			e->glob[e->len++] = '\\';
		e->glob[e->len++] = value[i];
	}
	if (!error)
		e->glob[e->len] = '\0';
	return error;
}

/* The byte of the written pattern that a byte stems from. */
static size_t origin(const struct rf_expanded *e, size_t at)
{
	size_t i = e->pieces;

	while (i > 0 && e->piece[i - 1].at > at)
		i--;
	if (!i)
		return 0;
	return e->piece[i - 1].from + (e->piece[i - 1].value ? 0 : at - e->piece[i - 1].at);
}

/* Whether a value can begin a pattern; *len is then its length without slashes at the end. */
static bool normalised(const char *value, size_t *len)
{
	size_t end = strlen(value);

	while (end && value[end - 1] == '/')
		end--;
	for (size_t i = 0; i < end;) {
		size_t name = 0;

		if (value[i++] != '/')
			return false;
		while (i + name < end && value[i + name] != '/')
			name++;
		if (!name || (value[i] == '.' && (name == 1 || (name == 2 && value[i + 1] == '.'))))
			return false;
		i += name;
	}
	*len = end;
	return value[0] == '/';
}

struct variable {
	char name[80];
	size_t at, end; /* from '$' to behind '}' */
};

/* Reads "${NAME}" or "${ENV:NAME}" at `at`. */
static bool read_variable(const struct rf_text *text, size_t at, struct variable *v, struct rf_diags *diags)
{
	const char *name = text->text + at + 2;
	const char *brace = strchr(name, '}');
	size_t len = brace ? (size_t)(brace - name) : 0;
	size_t scheme = !strncmp(name, "ENV:", 4) ? 4 : 0;

	if (!brace) {
		rf_diag_add(diags, RF_ERROR, rf_text_place(text, at),
			    "\"${\" without \"}\" (\"\\$\" is a dollar sign)");
		return false;
	}
	if (len < scheme || !rf_is_name(name + scheme, len - scheme)) {
		rf_diag_add(diags, RF_ERROR, rf_text_place(text, at), "\"%s\" is no variable name",
			    rf_shown_in((char[RF_SHOWN_SIZE]){0}, name, len));
		return false;
	}
	memcpy(v->name, name, len);
	v->name[len] = '\0';
	v->at = at;
	v->end = at + 2 + len + 1;
	return true;
}

/* Once: one value can spoil every pattern. */
static void tell_value(const struct rf_text *text, const char *name, const char *value, struct rf_diags *diags)
{
	char say[3 * RF_SHOWN_SIZE + 128];

	snprintf(say, sizeof(say),
		 "${%s} is \"%s\": a pattern can begin only with an absolute path without \"//\", \".\" and \"..\"",
		 name, rf_shown(value));
	for (size_t i = 0; i < diags->count; i++) {
		if (!strcmp(diags->diag[i].text, say))
			return;
	}
	rf_diag_add(diags, RF_ERROR, rf_text_place(text, 0), "%s", say);
}

static int put_value(struct rf_expanded *e, const struct rf_text *text, const struct variable *v, const char *value,
		     struct rf_diags *diags)
{
	size_t len = strlen(value);

	if (v->at == 0) {
		if (!normalised(value, &len)) {
			tell_value(text, v->name, value, diags);
			return -EINVAL;
		}
		/* The root itself: its slash stays only where none follows. */
		if (!len && text->text[v->end] != '/')
			len = 1;
	}
	return put_literal(e, value, len, v->at);
}

static int put_variable(struct rf_expanded *e, const struct rf_text *text, const struct variable *v,
			const struct rf_lookup *lookup, struct rf_diags *diags)
{
	const char *value = lookup->value(lookup->context, v->name);

	if (value)
		return put_value(e, text, v, value, diags);
	if (lookup->unbound == RF_UNBOUND_ERROR) {
		const char *near = lookup->near ? lookup->near(lookup->context, v->name) : NULL;

		if (near)
			rf_diag_add(diags, RF_ERROR, rf_text_place(text, v->at),
				    "${%s} has no value; did you mean ${%s}?", v->name, near);
		else
			rf_diag_add(diags, RF_ERROR, rf_text_place(text, v->at), "${%s} has no value%s", v->name,
				    lookup->hint);
		return -EINVAL;
	}
	return put_value(e, text, v, v->at ? "unbound" : "/unbound", diags);
}

static int expand_all(const struct rf_text *text, const struct rf_lookup *lookup, struct rf_diags *diags,
		      struct rf_expanded *out)
{
	const char *t = text->text;
	bool bracket = false;
	int error = 0, told = 0;

	for (size_t i = 0; t[i] && !error;) {
		struct variable v;
		size_t from = i;

		/* Up to the next variable. */
		while (t[i] && !(t[i] == '$' && t[i + 1] == '{')) {
			bracket = t[i] == '[' || (bracket && t[i] != ']');
			i += t[i] == '\\' && t[i + 1] ? 2 : 1;
		}
		if (i > from)
			error = put(out, t + from, i - from, from);
		if (error || !t[i])
			break;
		if (!read_variable(text, i, &v, diags))
			return -EINVAL;
		if (bracket) {
			rf_diag_add(diags, RF_ERROR, rf_text_place(text, i), "${%s} stands inside [...]", v.name);
			return -EINVAL;
		}
		error = put_variable(out, text, &v, lookup, diags);
		/* Every unbound variable of a pattern is told, not only the first. */
		if (error == -EINVAL) {
			told = error;
			error = 0;
		}
		i = v.end;
	}
	return error ? error : told;
}

int rf_expand(const struct rf_text *text, const struct rf_lookup *lookup, struct rf_diags *diags,
	      struct rf_expanded *out)
{
	int error;

	*out = (struct rf_expanded){0};
	error = expand_all(text, lookup, diags, out);
	if (!error && !out->glob)
		error = put(out, "", 0, 0);
	if (error)
		rf_expanded_free(out);
	return error;
}

/* ---------------------------------------------------------------- patterns */

/* Where a pattern of a section may begin; told at its first byte. */
static bool begins_well(const struct rf_rule *rule, const struct rf_text *text, struct rf_diags *diags)
{
	const char *t = text->text;
	bool memfd = rule->section == RF_FILES && !strncmp(t, "memfd:", 6);

	if (memfd && rule->access && rule->access != RF_EXEC) {
		rf_diag_add(diags, RF_ERROR, rf_text_place(text, 0),
			    "\"memfd:\" is for exec alone: give it a rule of its own");
		return false;
	}
	if (memfd || t[0] == '/' || !strncmp(t, "${", 2) || (rule->section == RF_UNIX && t[0] == '@'))
		return true;
	rf_diag_add(diags, RF_ERROR, rf_text_place(text, 0),
		    "\"%s\" is relative: a pattern begins with \"/\"%s or \"${\"", rf_shown(t),
		    rule->section == RF_UNIX ? ", \"@\"" : "");
	return false;
}

int rf_path_expand(const struct rf_rule *rule, const struct rf_text *text, const struct rf_lookup *lookup,
		   struct rf_diags *diags, struct rf_expanded *out)
{
	struct rf_expanded expanded;
	const char *why = NULL;
	size_t at = 0;
	int error;

	if (strlen(text->text) > RF_PATH_MAX) {
		rf_diag_add(diags, RF_ERROR, text->where, "the pattern is longer than %d bytes", RF_PATH_MAX);
		return -EINVAL;
	}
	if (!begins_well(rule, text, diags))
		return -EINVAL;
	error = rf_expand(text, lookup, diags, &expanded);
	if (error)
		return error;
	if (rf_glob_check(expanded.glob, &why, &at)) {
		if (at > expanded.len)
			at = expanded.len;
		rf_diag_add(diags, RF_ERROR, rf_text_place(text, origin(&expanded, at)), "bad pattern \"%s\": %s",
			    rf_shown(text->text), why ? why : "it cannot be read");
		error = -EINVAL;
	}
	if (error || !out)
		rf_expanded_free(&expanded);
	else
		*out = expanded;
	return error;
}
