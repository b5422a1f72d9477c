/*
 * manual_completion.c - completion for bash: the words of the command table, nothing asked of a
 * database.
 */
#include <stdio.h>

#include "cli/frame/command.h"
#include "docs/manual.h"

static void put_option_words(const struct command_option *options)
{
    for (; options && options->name; options++)
        printf(" --%s", options->name);
}

static void put_group_case(const struct command_group *group)
{
    printf("    %s)\n        words=\"", group->name);
    for (const struct command *command = group->commands; command->run; command++)
        if (command->name)
            printf("%s ", command->name);
    printf("\"\n        case $command in\n");
    for (const struct command *command = group->commands; command->run; command++) {
        printf("        %s) options=\"", command->name ? command->name : "*");
        put_option_words(command->options);
        printf("\" ;;\n");
    }
    printf("        esac\n        ;;\n");
}

void manual_put_completion(void)
{
    printf("# bash completion for nightbell; made from its command table.\n"
           "_nightbell()\n{\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} group='' command='' words='' options='' word\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case $word in -*) ;; *)\n"
           "            if [ -z \"$group\" ]; then group=$word; elif [ -z \"$command\" ]; then "
           "command=$word; fi ;;\n"
           "        esac\n"
           "    done\n"
           "    case $group in\n"
           "    '' | help)\n        words=\"help");
    for (size_t i = 0; command_groups[i]; i++)
        printf(" %s", command_groups[i]->name);
    printf("\" options=\"");
    put_option_words(command_console_options);
    printf("\"\n        ;;\n");
    for (size_t i = 0; command_groups[i]; i++)
        put_group_case(command_groups[i]);
    printf("    esac\n    options=\"$options");
    put_option_words(command_global_options);
    printf("\"\n"
           "    [ -z \"$command\" ] || words=\n"
           "    case $current in\n"
           "    -*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\") ;;\n"
           "    *) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\") ;;\n"
           "    esac\n"
           "}\n"
           "complete -o default -F _nightbell nightbell\n");
}
