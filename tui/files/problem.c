/* problem.c - the list of problems in a person's files. */
#include "config.h"

#include "tui/files/problem.h"

#include "base/strbuf.h"

/* so that a file of garbage does not give a million problems */
#define PROBLEMS_MAX 300

static void problems_add_text(struct problems *problems, const char *file, unsigned line, const char *message)
{
    struct problem problem = {NULL};

    if (problems->list.count >= PROBLEMS_MAX)
        return;
    if (!file)
        problem.text = nb_strdup(message);
    else if (line > 0)
        problem.text = nb_asprintf("%s:%u: %s", file, line, message);
    else
        problem.text = nb_asprintf("%s: %s", file, message);
    nb_vec_push(&problems->list, problem);
}

void problems_add(struct problems *problems, const char *file, unsigned line, const char *format, ...)
{
    va_list args;
    char *message;

    if (!problems)
        return;
    va_start(args, format);
    message = nb_vasprintf(format, args);
    va_end(args);
    problems_add_text(problems, file, line, message);
    nb_free(&message);
}

void problems_clear(struct problems *problems)
{
    for (size_t i = 0; i < problems->list.count; i++)
        nb_free(&problems->list.data[i].text);
    nb_vec_clear(&problems->list);
}

void problems_complaint(void *arg, const char *file, unsigned line, const char *message)
{
    struct problems *problems = arg;

    if (problems)
        problems_add_text(problems, file, line, message);
}
