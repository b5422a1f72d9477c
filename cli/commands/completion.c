/*
 * completion.c - `nightbell completion`: the scripts that complete nightbell's words in a shell, and the command that
 * they ask.
 *
 * The scripts only talk to their shell: all answers come from `completion words`.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands/completion_values.h"
#include "cli/frame/command.h"
#include "cli/frame/complete.h"
#include "cli/frame/groups.h"

static void put_word(struct output *output, const struct complete_place *place, const char *word, const char *summary)
{
    if (strncmp(word, place->current, strlen(place->current)) == 0)
        output_raw_line(output, summary ? "%s\t%s" : "%s", word, summary);
}

static void put_options(struct output *output, const struct complete_place *place, const struct command_option *options)
{
    for (; options && options->name; options++) {
        char *word = nb_asprintf("--%s", options->name);

        put_word(output, place, word, options->help);
        free(word);
    }
}

static void put_all_options(struct output *output, const struct complete_place *place)
{
    if (!place->group)
        put_options(output, place, command_console_options);
    if (place->command)
        put_options(output, place, place->command->options);
    put_options(output, place, command_global_options);
}

static void put_groups(struct output *output, const struct complete_place *place)
{
    for (size_t i = 0; command_groups[i]; i++)
        put_word(output, place, command_groups[i]->name, command_groups[i]->summary);
    put_word(output, place, "help", "tell about a command");
}

static void put_commands(struct output *output, const struct complete_place *place)
{
    for (const struct command *command = place->group->commands; command->run; command++)
        if (command->name)
            put_word(output, place, command->name, command->summary);
}

static int run_words(struct command_call *call, struct nb_error *err)
{
    struct complete_place place;

    (void)err;
    complete_look(&place, call->arguments, call->argument_count);
    /* a single dash before a word negates a term of a filter, so it begins no option */
    bool option_begun = strncmp(place.current, "--", 2) == 0 || strcmp(place.current, "-") == 0;
    if (place.options && place.kind != COMPLETE_VALUE && option_begun) {
        put_all_options(call->output, &place);
        return NB_OK;
    }
    switch (place.kind) {
    case COMPLETE_GROUP:
        put_groups(call->output, &place);
        break;
    case COMPLETE_COMMAND:
        put_commands(call->output, &place);
        completion_values(call, &place);
        break;
    case COMPLETE_ARGUMENT:
    case COMPLETE_VALUE:
        completion_values(call, &place);
        break;
    case COMPLETE_NOTHING:
        break;
    }
    return NB_OK;
}

/* ---- the scripts ---- */

/* bash also splits words at : and =, so the script splits the line again, at blanks only, and removes from the answers
 * what bash believes to be there already. */
static const char bash_script[] = "# bash completion for nightbell\n"
                                  "_nightbell()\n"
                                  "{\n"
                                  "    local line=${COMP_LINE:0:COMP_POINT} current before word\n"
                                  "    local -a words\n"
                                  "    read -ra words <<<\"$line\"\n"
                                  "    [[ $line != *[[:blank:]] ]] || words+=('')\n"
                                  "    current=${words[-1]} before=\n"
                                  "    case $current in *[:=]*) before=${current%\"${current##*[:=]}\"} ;; esac\n"
                                  "    COMPREPLY=()\n"
                                  "    while IFS=$'\\t' read -r word _; do\n"
                                  "        case $word in\n"
                                  "        ':files') compopt -o default 2>/dev/null; return ;;\n"
                                  "        *[:=]) compopt -o nospace 2>/dev/null ;;\n"
                                  "        esac\n"
                                  "        COMPREPLY+=(\"${word#\"$before\"}\")\n"
                                  "    done < <(\"$1\" --timeout 2 completion words -- \"${words[@]:1}\" 2>/dev/null)\n"
                                  "}\n"
                                  "complete -F _nightbell nightbell\n";

static const char zsh_script[] =
    "#compdef nightbell\n"
    "_nightbell()\n"
    "{\n"
    "    local line word tab=$'\\t'\n"
    "    local -a lines whole shown open open_shown\n"
    "    lines=(\"${(@f)$($words[1] --timeout 2 completion words -- \"${(@Q)words[2,CURRENT-1]}\" \"$PREFIX\" "
    "2>/dev/null)}\")\n"
    "    for line in $lines; do\n"
    "        word=${line%%$tab*}\n"
    "        case $word in\n"
    "        ':files') _files; return ;;\n"
    "        *[:=]) open+=($word) open_shown+=(\"${line/$tab/  -- }\") ;;\n"
    "        *) whole+=($word) shown+=(\"${line/$tab/  -- }\") ;;\n"
    "        esac\n"
    "    done\n"
    "    compadd -l -S '' -d open_shown -a -- open\n"
    "    compadd -l -d shown -a -- whole\n"
    "}\n"
    "if [ \"$funcstack[1]\" = _nightbell ]; then _nightbell \"$@\"; else compdef _nightbell nightbell; fi\n";

static const char fish_script[] =
    "# fish completion for nightbell\n"
    "function __nightbell_words\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l lines ($words[1] --timeout 2 completion words -- $words[2..-1] 2>/dev/null)\n"
    "    if test \"$lines[1]\" = ':files'\n"
    "        __fish_complete_path (commandline -ct)\n"
    "    else\n"
    "        printf '%s\\n' $lines\n"
    "    end\n"
    "end\n"
    "complete -c nightbell -f -a '(__nightbell_words)'\n";

static int run_bash(struct command_call *call, struct nb_error *err)
{
    (void)err;
    output_raw(call->output, bash_script, strlen(bash_script));
    return NB_OK;
}

static int run_zsh(struct command_call *call, struct nb_error *err)
{
    (void)err;
    output_raw(call->output, zsh_script, strlen(zsh_script));
    return NB_OK;
}

static int run_fish(struct command_call *call, struct nb_error *err)
{
    (void)err;
    output_raw(call->output, fish_script, strlen(fish_script));
    return NB_OK;
}

static const struct command commands[] = {
    {"bash", "", .summary = "print the script for bash: eval \"$(nightbell completion bash)\"", .run = run_bash},
    {"zsh", "", .summary = "print the script for zsh: put it into a file _nightbell on your fpath, or eval it",
     .run = run_zsh},
    {"fish", "", .summary = "print the script for fish: nightbell completion fish | source", .run = run_fish},
    {"words", "[WORD...]", .summary = "print what can stand in the place of the last word",
     .description =
         "What the scripts ask: one word a line, and what it means behind a tab; or :files, where a file's name is "
         "meant. Ids, people and types come from the database, if it answers soon.",
     .run = run_words},
    {NULL},
};

const struct command_group completion_group = {
    "completion", "completion of commands, options and values for your shell",
    "Debian's packages of bash, zsh and fish find the installed scripts by themselves.", commands};
