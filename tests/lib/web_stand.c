/*
 * web_stand.c - tests/lib/web_server.c as a program, for shell tests: answers every request as a file says.
 *
 *   web_stand DIRECTORY    writes its port to DIRECTORY/port and each request to DIRECTORY/requests (head, body, a line's end); answers with
 *                          DIRECTORY/answer, whose first line is the status, whose further lines up to an empty one are headers, and whose
 *                          rest is the body. Ends with its standard input.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/web_server.h"

#define ANSWER_MAX 65536

static const char *directory;

static FILE *open_file(const char *name, const char *mode)
{
    char *path = nb_asprintf("%s/%s", directory, name);
    FILE *file = fopen(path, mode);

    if (!file) {
        perror(path);
        exit(1);
    }
    free(path);
    return file;
}

static void write_port(int port)
{
    FILE *file = open_file("port.new", "w");
    char *from = nb_asprintf("%s/port.new", directory), *to = nb_asprintf("%s/port", directory);

    fprintf(file, "%d\n", port);
    if (fclose(file) != 0 || rename(from, to) != 0) {
        perror(to);
        exit(1);
    }
    free(from);
    free(to);
}

static void set_answer(struct web_server *server)
{
    static char text[ANSWER_MAX];
    FILE *file = open_file("answer", "r");
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    struct nb_strbuf headers;
    char *body, *line;
    int status;

    fclose(file);
    text[length] = '\0';
    status = atoi(text);
    body = strstr(text, "\n\n");
    if (body) {
        *body = '\0';
        body += 2;
    }
    nb_strbuf_init(&headers, ANSWER_MAX);
    line = strchr(text, '\n');
    for (line = line ? strtok(line, "\n") : NULL; line; line = strtok(NULL, "\n"))
        nb_strbuf_appendf(&headers, "%s\r\n", line);
    web_server_reply(server, status, headers.data, body ? body : "");
    nb_strbuf_clear(&headers);
}

static void asked(void *arg, struct web_server *server)
{
    FILE *file = open_file("requests", "a");
    size_t length;
    const char *body = web_server_body(server, &length);

    (void)arg;
    fputs(web_server_head(server), file);
    fwrite(body, 1, length, file);
    fputc('\n', file);
    fclose(file);
    set_answer(server);
}

static bool has_ended(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char ignored[256];

    return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0;
}

int main(int argc, char **argv)
{
    struct web_server *server;
    struct nb_loop *loop;
    struct nb_error err;

    if (argc != 2) {
        fprintf(stderr, "usage: web_stand DIRECTORY\n");
        return 2;
    }
    directory = argv[1];
    if (nb_loop_new(&loop, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    server = web_server_new(loop);
    web_server_ask(server, asked, NULL);
    write_port(web_server_port(server));
    while (!has_ended())
        if (nb_loop_turn(loop, 200, &err) < 0)
            break;
    web_server_free(&server);
    nb_loop_free(&loop);
    return 0;
}
