/* shard_command.c - `lede shard`: the server of one shard, which is Xapian's own. */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/common/command.h"

static const char help[] = "Usage: lede shard serve [OPTIONS] DIR --port N\n"
                           "Serves the Xapian database in folder DIR as one shard of an index, with Xapian's\n"
                           "own server (Debian package xapian-tools), until it is stopped:\n"
                           "\n"
                           "  lede index  -i xapian://HOST:PORT,HOST:PORT,... PATH...\n"
                           "  lede search -i xapian://HOST:PORT,HOST:PORT,... QUERY...\n"
                           "\n"
                           "The server asks for no password and encrypts nothing: whoever reaches its port\n"
                           "can read what is in it, and change it if it is writable. So it listens on this\n"
                           "host alone, unless told otherwise. Reach it from others by a tunnel:\n"
                           "ssh -N -L 7001:localhost:7000 HOST\n"
                           "\n"
                           "      --port N          where to listen\n"
                           "      --listen ADDRESS  of this host, for others (default 127.0.0.1)\n"
                           "      --writable        let clients index; makes the database if there is none\n"
                           "  -q, --quiet   --color WHEN   --json   -i, --index INDEX   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede shard serve /srv/news-1 --port 7000 --writable\n"
                           "  lede index -i xapian://localhost:7000 ~/articles\n"
                           "\n"
                           "Exit status: that of the server; 2 if it cannot be started.\n";

/* What the command line asks for. */
struct request {
    const char *folder, *address;
    size_t port;
    bool writable;
};

enum { LONGEST_FOLDER = 4000 };

static bool is_loopback(const char *address) {
    return !strncmp(address, "127.", 4) || !strcmp(address, "localhost") || !strcmp(address, "::1");
}

/* A database has the first of these files; a copy that xapian-replicate keeps up, the other. */
static bool is_database(const char *folder) {
    static const char *const files[] = {"iamglass", "XAPIANDB"};
    struct stat info;
    char file[4096];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (snprintf(file, sizeof file, "%s/%s", folder, files[i]) < (int)sizeof file && !stat(file, &info))
            return true;
    return false;
}

static bool is_file(const char *path) {
    struct stat info;
    return !stat(path, &info) && S_ISREG(info.st_mode);
}

/* Whether that works, with errno. */
static bool can_listen_at(const struct addrinfo *address) {
    const int on = 1;
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
    bool can = fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) &&
               !bind(fd, address->ai_addr, address->ai_addrlen) && !listen(fd, 1);
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return can;
}

/* The server itself would say less. */
static lede_status check_address(const struct request *r, lede_error *err) {
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    char port[8];
    snprintf(port, sizeof port, "%zu", r->port);
    int code = getaddrinfo(r->address, port, &hints, &found);
    if (code)
        return error_write(err, LEDE_INVALID, "shard: --listen %.200s: %s; name an address of this host, of IPv4",
                           r->address, code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
    bool can = can_listen_at(found);
    int why = errno;
    freeaddrinfo(found);
    if (can)
        return LEDE_OK;
    return error_write(err, LEDE_IO, "shard: cannot listen at %.200s:%zu: %s; name another %s", r->address, r->port,
                       strerror(why), why == EADDRNOTAVAIL ? "--listen" : "--port");
}

static lede_status check(const struct request *r, lede_error *err) {
    if (r->port == 0 || r->port > 65535)
        return error_write(err, LEDE_INVALID, "shard: --port needs a number from 1 to 65535, such as 7000");
    if (strlen(r->folder) > LONGEST_FOLDER)
        return error_write(err, LEDE_INVALID, "shard: %.200s...: too long a path", r->folder);
    if (!r->writable && !is_database(r->folder))
        return error_write(err, LEDE_NOT_FOUND,
                           "shard: %.700s: no database of Xapian's; name its folder, or let clients make it with "
                           "--writable",
                           r->folder);
    if (is_file(r->folder))
        return error_write(err, LEDE_INVALID, "shard: %.700s: a file; name a folder for the database", r->folder);
    return check_address(r, err);
}

static void announce(const struct request *r, const struct globals *globals) {
    char message[512];
    if (!is_loopback(r->address)) {
        snprintf(message, sizeof message,
                 "whoever reaches %.100s:%zu can read%s this shard: there is no password and no encryption; "
                 "a tunnel is safer (lede shard --help)",
                 r->address, r->port, r->writable ? " and change" : "");
        remark("warning", message);
    }
    if (!globals->quiet) {
        snprintf(message, sizeof message, "serving %.200s at %.100s:%zu%s", r->folder, r->address, r->port,
                 r->writable ? ", writable" : "");
        remark("note", message);
    }
}

/* Becomes the server. */
static lede_status serve(const struct request *r, lede_error *err) {
    char port[8];
    /* A client whose host is lost keeps others from writing until it was idle for so long: one that lives says
     * something more often. */
    const char *const args[] = {"xapian-tcpsrv",
                                "--quiet",
                                "--port",
                                port,
                                "--interface",
                                r->address,
                                "--idle-timeout",
                                "60000",
                                "--active-timeout",
                                "60000",
                                r->folder,
                                r->writable ? "--writable" : NULL,
                                NULL};
    snprintf(port, sizeof port, "%zu", r->port);
    /* Passages until it commits by itself: with the usual 10,000 it would mostly be busy with that. */
    setenv("XAPIAN_FLUSH_THRESHOLD", "50000", 0);
    execvp(args[0], (char *const *)(uintptr_t)args);
    if (errno == ENOENT)
        return error_write(err, LEDE_NOT_FOUND,
                           "shard: xapian-tcpsrv is not here; install the Debian package xapian-tools");
    return error_write(err, LEDE_IO, "shard: xapian-tcpsrv cannot be started: %s", strerror(errno));
}

static int run(int argc, char **argv, struct globals *globals) {
    struct request r = {.address = "127.0.0.1"};
    const struct option_spec specs[] = {
        GLOBAL_OPTIONS(globals),
        {"port", 0, OPTION_COUNT, &r.port, NULL},
        {"listen", 0, OPTION_STRING, &r.address, NULL},
        {"writable", 0, OPTION_FLAG, &r.writable, NULL},
    };
    struct arguments rest;
    lede_error err;
    int settled = command_options(&rest, &shard_command, (struct arguments){argv, argc}, specs,
                                  sizeof specs / sizeof *specs, OPTIONS_ANYWHERE);
    if (settled >= 0)
        return settled;
    if (rest.count != 2 || strcmp(rest.values[0], "serve") != 0) {
        (void)error_write(&err, LEDE_INVALID, "shard: say 'lede shard serve DIR --port N'; see 'lede shard --help'");
        return complain(&err);
    }
    r.folder = rest.values[1];
    if (check(&r, &err))
        return complain(&err);
    announce(&r, globals);
    (void)!serve(&r, &err);
    return complain(&err);
}

const struct command shard_command = {"shard", "serve one shard of an index to other hosts", help, run};
