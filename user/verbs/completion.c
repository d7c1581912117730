// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints what makes a shell complete ringfence's words. All of it follows from the table of verbs and options: an
 * option's argument and a synopsis name their kinds (FILE, DIR, PRESET, VERB, COMMAND), and words in lower case between
 * bars
 * ("bash|zsh|fish") are offered as they are. A kind that no shell knows (NAME, a number) is offered nothing.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "verbs/verbs.h"

const struct rf_option rf_options_completion[] = {{NULL, 0, NULL, NULL}};

/* What may stand in a place. */
struct offer {
	bool files, folders, presets, verbs;
	bool command;	 /* behind "--": a command line of its own */
	char words[256]; /* fixed ones, each with a space after it */
};

static void offer_word(struct offer *offer, const char *word, size_t len)
{
	static const struct {
		const char *name;
		size_t member;
	} kinds[] = {
		{"FILE", offsetof(struct offer, files)},  {"PATH", offsetof(struct offer, files)},
		{"DIR", offsetof(struct offer, folders)}, {"PRESET", offsetof(struct offer, presets)},
		{"VERB", offsetof(struct offer, verbs)},
	};
	size_t used = strlen(offer->words);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == len && strncmp(word, kinds[i].name, len) == 0)
			*(bool *)((char *)offer + kinds[i].member) = true;
	/* A word in lower case is itself; one that goes on with a value ("jsonpath=...") ends at its "=". */
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '=' && i > 0) {
			len = i + 1;
			break;
		}
		if (!islower((unsigned char)word[i]) && word[i] != '-')
			return;
	}
	if (len > 0 && word[0] != '-' && used + len + 2 <= sizeof(offer->words))
		snprintf(offer->words + used, sizeof(offer->words) - used, "%.*s ", (int)len, word);
}

/* Adds what an argument's name stands for: "FILE|PRESET", "[VERB]", "table|wide|name". */
static void offer_argument(struct offer *offer, const char *argument, size_t len)
{
	for (const char *end = argument + len; argument < end;) {
		size_t part;

		argument += strspn(argument, "[|");
		part = strcspn(argument, "[]|. ");
		if (part > 0 && argument + part <= end)
			offer_word(offer, argument, part);
		argument += part;
		argument += strcspn(argument, "| ");
	}
}

static const struct rf_option *option_in(const struct rf_verb *verb, const char *word)
{
	for (const struct rf_option *option = verb->options; option->name; option++) {
		size_t len = strlen(option->name);

		if (word[1] == '-' ? strncmp(word + 2, option->name, len) == 0 && !islower((unsigned char)word[2 + len])
				   : option->letter && word[1] == option->letter)
			return option;
	}
	return NULL;
}

/* What a verb's operands are, by its synopsis: options and their arguments stand there as well, and are passed over. */
static struct offer offer_operands(const struct rf_verb *verb)
{
	struct offer offer = {.words = ""};

	for (const char *word = verb->synopsis; *word;) {
		size_t len = strcspn(word, " ");
		const char *bare = word + strspn(word, "[");

		if (len == 2 && strncmp(word, "--", 2) == 0) {
			offer.command = true;
			break;
		}
		if (bare[0] == '-') {
			const struct rf_option *option = option_in(verb, bare);

			if (option && option->argument && word[len] == ' ' && !strchr("]|", word[len - 1])) {
				word += len + 1;
				len = strcspn(word, " ");
			}
		} else {
			offer_argument(&offer, word, len);
		}
		word += len;
		word += strspn(word, " ");
	}
	return offer;
}

static struct offer offer_value(const struct rf_option *option)
{
	struct offer offer = {.words = ""};

	offer_argument(&offer, option->argument, strlen(option->argument));
	return offer;
}

/* The words that the scripts' own function `take` understands: kinds first, then fixed words. */
static void print_offer(const struct offer *offer, const struct rf_verb *table)
{
	printf("%s%s%s", offer->files ? " @files" : "", offer->folders ? " @folders" : "",
	       offer->presets ? " @presets" : "");
	if (offer->words[0])
		printf(" %.*s", (int)strlen(offer->words) - 1, offer->words);
	for (const struct rf_verb *verb = table; offer->verbs && verb->name; verb++)
		printf(" %s", verb->name);
}

/* A sentence between single quotes. `escaped`: characters that get a backslash; `quote`: what stands for a quote. */
static void print_text(const char *text, const char *escaped, const char *quote)
{
	for (; *text; text++) {
		if (*text == '\'') {
			fputs(quote, stdout);
			continue;
		}
		if (strchr(escaped, *text))
			putchar('\\');
		putchar(*text);
	}
}

static void print_options_bash(const struct rf_verb *verb)
{
	for (const struct rf_option *option = verb->options; option->name; option++) {
		if (option->letter)
			printf(" -%c", option->letter);
		printf(" --%s", option->name);
	}
	printf(" -h --help");
}

static const char bash_head[] =
	"# bash completion for ringfence; made by \"ringfence completion bash\"\n"
	"_ringfence_take() {\n"
	"\tlocal each file\n"
	"\tfor each; do\n"
	"\t\tcase $each in\n"
	"\t\t@files) mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$cur\"); compopt -o filenames "
	"2>/dev/null ;;\n"
	"\t\t@folders) mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -d -- \"$cur\"); compopt -o filenames "
	"2>/dev/null ;;\n"
	"\t\t@presets)\n"
	"\t\t\tfor file in \"${RINGFENCE_POLICIES:-" RF_PREFIX "/share/ringfence/policies}\"/*.yaml; do\n"
	"\t\t\t\t[[ -e $file ]] || continue\n"
	"\t\t\t\tfile=${file##*/} file=${file%.yaml}\n"
	"\t\t\t\t[[ $file != \"$cur\"* ]] || COMPREPLY+=(\"$file\")\n"
	"\t\t\tdone ;;\n"
	"\t\t*) [[ $each != \"$cur\"* ]] || COMPREPLY+=(\"$each\") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"}\n"
	"_ringfence_command() {\t# WORD: where the command line behind \"--\" begins\n"
	"\tif declare -F _command_offset >/dev/null; then _command_offset \"$1\"\n"
	"\telif ((COMP_CWORD == $1)); then mapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
	"\telse _ringfence_take @files; fi\n"
	"}\n"
	"_ringfence() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} i\n"
	"\tCOMPREPLY=()\n";

static const char bash_middle[] = "\t\treturn\n"
				  "\tfi\n"
				  "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
				  "\t\t[[ ${COMP_WORDS[i]} == -- ]] || continue\n"
				  "\t\tcase $verb in\n";

static const char bash_values[] = "\t\tesac\n"
				  "\t\tbefore=--\n"
				  "\t\tbreak\n"
				  "\tdone\n"
				  "\t# \"--name=value\" arrives as three words.\n"
				  "\tif [[ $cur == = ]]; then cur=''\n"
				  "\telif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
				  "\tcase \"$verb $before\" in\n";

static void print_bash(const struct rf_verb *table)
{
	const struct offer verbs = {.verbs = true};

	fputs(bash_head, stdout);
	printf("\tif ((COMP_CWORD < 2)); then\n\t\t_ringfence_take");
	print_offer(&verbs, table);
	printf(" --help --version\n%s", bash_middle);
	for (const struct rf_verb *verb = table; verb->name; verb++)
		if (offer_operands(verb).command)
			printf("\t\t%s) _ringfence_command $((i + 1)); return ;;\n", verb->name);
	fputs(bash_values, stdout);
	for (const struct rf_verb *verb = table; verb->name; verb++) {
		for (const struct rf_option *option = verb->options; option->name; option++) {
			struct offer offer;

			if (!option->argument)
				continue;
			offer = offer_value(option);
			printf("\t\"%s --%s\"", verb->name, option->name);
			if (option->letter)
				printf(" | \"%s -%c\"", verb->name, option->letter);
			printf(") _ringfence_take");
			print_offer(&offer, table);
			printf("; return ;;\n");
		}
	}
	printf("\tesac\n\tcase $verb in\n");
	for (const struct rf_verb *verb = table; verb->name; verb++) {
		struct offer offer = offer_operands(verb);

		printf("\t%s)\n\t\tif [[ $cur == -* && $before != -- ]]; then _ringfence_take", verb->name);
		print_options_bash(verb);
		if (offer.command)
			printf(" --");
		printf("\n\t\telse _ringfence_take");
		print_offer(&offer, table);
		printf("; fi ;;\n");
	}
	printf("\tesac\n}\ncomplete -F _ringfence ringfence\n");
}

static const char zsh_head[] =
	"#compdef ringfence\n"
	"# zsh completion for ringfence; made by \"ringfence completion zsh\"\n"
	"_ringfence_take() {\n"
	"\tlocal each found=1\n"
	"\tlocal -a words presets\n"
	"\tfor each; do\n"
	"\t\tcase $each in\n"
	"\t\t@files) _files && found=0 ;;\n"
	"\t\t@folders) _files -/ && found=0 ;;\n"
	"\t\t@presets)\n"
	"\t\t\tpresets=(\"${RINGFENCE_POLICIES:-" RF_PREFIX "/share/ringfence/policies}\"/*.yaml(N:t:r))\n"
	"\t\t\tcompadd -a presets && found=0 ;;\n"
	"\t\t*) words+=(\"$each\") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t(($#words)) && compadd -a words && found=0\n"
	"\treturn found\n"
	"}\n"
	"_ringfence() {\n"
	"\tlocal -a verbs\n"
	"\tverbs=(\n";

static const char zsh_middle[] = "\t)\n"
				 "\tif ((CURRENT == 2)); then\n"
				 "\t\t_describe verb verbs\n"
				 "\t\treturn\n"
				 "\tfi\n"
				 "\tshift words\n"
				 "\t((CURRENT--))\n"
				 "\tcase $words[1] in\n";

/* Loaded by its name from a folder of functions, the file is the function's body; sourced, it says what it completes.
 */
static const char zsh_tail[] =
	"\tesac\n"
	"}\n"
	"if [[ $funcstack[1] == _ringfence ]]; then _ringfence \"$@\"; else compdef _ringfence ringfence; fi\n";

static void print_value_zsh(const struct rf_option *option, const struct rf_verb *table)
{
	struct offer offer = offer_value(option);

	putchar(':');
	print_text(option->argument, ":\\", "'\\''");
	printf(": _ringfence_take");
	print_offer(&offer, table);
}

static void print_option_zsh(const struct rf_option *option, const struct rf_verb *table)
{
	for (int form = option->letter ? 0 : 1; form < 2; form++) {
		if (form == 0)
			printf(" \\\n\t\t\t'*-%c%s[", option->letter, option->argument ? "+" : "");
		else
			printf(" \\\n\t\t\t'*--%s%s[", option->name, option->argument ? "=" : "");
		print_text(option->help, "[]\\", "'\\''");
		putchar(']');
		if (option->argument)
			print_value_zsh(option, table);
		putchar('\'');
	}
}

static void print_zsh(const struct rf_verb *table)
{
	fputs(zsh_head, stdout);
	for (const struct rf_verb *verb = table; verb->name; verb++) {
		printf("\t\t'%s:", verb->name);
		print_text(verb->help, "\\", "'\\''");
		printf("'\n");
	}
	fputs(zsh_middle, stdout);
	for (const struct rf_verb *verb = table; verb->name; verb++) {
		struct offer offer = offer_operands(verb);

		printf("\t%s)\n\t\t_arguments -S", verb->name);
		for (const struct rf_option *option = verb->options; option->name; option++)
			print_option_zsh(option, table);
		print_option_zsh(&rf_option_help, table);
		if (offer.command) {
			printf(" \\\n\t\t\t'*:::command:_normal' ;;\n");
			continue;
		}
		printf(" \\\n\t\t\t'*:operand: _ringfence_take");
		print_offer(&offer, table);
		printf("' ;;\n");
	}
	fputs(zsh_tail, stdout);
}

static const char fish_head[] =
	"# fish completion for ringfence; made by \"ringfence completion fish\"\n"
	"function __ringfence_verb\n"
	"\tset -l words (commandline -opc)\n"
	"\ttest (count $words) -ge 2; and contains -- $words[2] $argv; and not contains -- -- $words[3..-1]\n"
	"end\n"
	"function __ringfence_no_verb\n"
	"\ttest (count (commandline -opc)) -eq 1\n"
	"end\n"
	"function __ringfence_presets\n"
	"\tset -l folder $RINGFENCE_POLICIES\n"
	"\ttest -n \"$folder\"; or set folder " RF_PREFIX "/share/ringfence/policies\n"
	"\tfor file in $folder/*.yaml\n"
	"\t\tstring replace -r '.*/(.*)\\.yaml$' '$1' -- $file\n"
	"\tend\n"
	"end\n"
	"function __ringfence_in_command\n"
	"\tset -l words (commandline -opc)\n"
	"\ttest (count $words) -ge 3; and contains -- $words[2] $argv; and contains -- -- $words[3..-1]\n"
	"end\n"
	"function __ringfence_command\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l at (contains -i -- -- $words)\n"
	"\tset -l line (string escape -- $words[(math $at + 1)..-1]) (commandline -ct)\n"
	"\tcomplete -C \"$line\"\n"
	"end\n"
	"complete -c ringfence -f\n"
	"complete -c ringfence -n __ringfence_no_verb -l help -d 'print help'\n"
	"complete -c ringfence -n __ringfence_no_verb -l version -d 'print the version'\n";

/* The ends of a line that offers something: what fish itself knows (files), and what is given as words. */
static void print_offer_fish(const struct offer *offer, const struct rf_verb *table)
{
	struct offer words = *offer;

	words.files = words.folders = words.presets = false;
	if (offer->files)
		printf(" -F");
	if (offer->presets || offer->folders || offer->verbs || offer->words[0]) {
		printf(" -a '");
		print_offer(&words, table);
		printf("%s%s'", offer->presets ? " (__ringfence_presets)" : "",
		       offer->folders && !offer->files ? " (__fish_complete_directories)" : "");
	}
}

static void print_option_fish(const struct rf_verb *verb, const struct rf_option *option)
{
	printf("complete -c ringfence -n '__ringfence_verb %s' -l %s", verb->name, option->name);
	if (option->letter)
		printf(" -s %c", option->letter);
	if (option->argument) {
		struct offer offer = offer_value(option);

		printf(offer.files ? " -r" : " -x");
		print_offer_fish(&offer, verb->table);
	}
	printf(" -d '");
	print_text(option->help, "\\", "\\'");
	printf("'\n");
}

static void print_fish(const struct rf_verb *table)
{
	fputs(fish_head, stdout);
	for (const struct rf_verb *verb = table; verb->name; verb++) {
		struct offer offer = offer_operands(verb);

		printf("complete -c ringfence -n __ringfence_no_verb -a %s -d '", verb->name);
		print_text(verb->help, "\\", "\\'");
		printf("'\n");
		for (const struct rf_option *option = verb->options; option->name; option++)
			print_option_fish(verb, option);
		print_option_fish(verb, &rf_option_help);
		if (offer.files || offer.folders || offer.presets || offer.verbs || offer.words[0]) {
			printf("complete -c ringfence -n '__ringfence_verb %s'", verb->name);
			print_offer_fish(&offer, table);
			printf("\n");
		}
		if (offer.command)
			printf("complete -c ringfence -n '__ringfence_in_command %s' -a '(__ringfence_command)'\n",
			       verb->name);
	}
}

int rf_verb_completion(const struct rf_verb *verb, int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(const struct rf_verb *table);
	} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
	int next = 1;

	if (rf_option_next(verb, argc, argv, &next, NULL))
		return RF_EXIT_USAGE;
	if (argc - next != 1)
		return rf_usage_error(verb, "needs the name of one shell");
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(argv[next], shells[i].name) == 0) {
			shells[i].print(verb->table);
			return RF_EXIT_OK;
		}
	}
	return rf_usage_error(verb, "there is none for \"%s\"", argv[next]);
}
