/* shard_server.h - servers of Xapian's, started on free ports of this host. */
#ifndef LEDE_TESTS_SUPPORT_SHARD_SERVER_H
#define LEDE_TESTS_SUPPORT_SHARD_SERVER_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct shard_server {
    pid_t pid;
    uint16_t port;
};

static inline bool shard_server_is_installed(void) {
    return system("command -v xapian-tcpsrv >/dev/null") == 0;
}

static inline struct sockaddr_in loopback(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* A socket that is bound to a port of the system's choice; *port tells which. */
static inline int bound_socket(uint16_t *port) {
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* A port that nothing listens at. */
static inline uint16_t free_port(void) {
    uint16_t port;
    close(bound_socket(&port));
    return port;
}

/* Waits until the server says that it listens; false if it ends before. That something listens at its port would not
 * tell: another program may have taken it. */
static inline bool shard_server_is_up(struct shard_server *s, int said) {
    char text[1024] = "";
    while (waitpid(s->pid, NULL, WNOHANG) == 0) {
        if (pread(said, text, sizeof text - 1, 0) > 0 && strstr(text, "Listening"))
            return true;
        usleep(2000);
    }
    s->pid = 0;
    return false;
}

static inline bool shard_server_start_at(struct shard_server *s, const char *path, uint16_t port, bool writable) {
    char number[8];
    int said = memfd_create("said", MFD_CLOEXEC);
    assert_true(said >= 0);
    snprintf(number, sizeof number, "%u", port);
    s->port = port;
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        /* Connections are answered by children of it: they are stopped with it. */
        setpgid(0, 0);
        /* Its errors are about what the tests do to it. */
        int null = open("/dev/null", O_WRONLY);
        dup2(said, 1);
        dup2(null, 2);
        execlp("xapian-tcpsrv", "xapian-tcpsrv", "--interface", "127.0.0.1", "--port", number, path,
               writable ? "--writable" : (char *)NULL, (char *)NULL);
        _exit(127);
    }
    setpgid(s->pid, s->pid);
    bool up = shard_server_is_up(s, said);
    close(said);
    return up;
}

/* Another program may take the port before the server does: then another is tried. */
static inline void shard_server_start(struct shard_server *s, const char *path, bool writable) {
    for (int tries = 0; tries < 10; tries++)
        if (shard_server_start_at(s, path, free_port(), writable))
            return;
    fail_msg("no server could be started for %s", path);
}

static inline void shard_server_stop(struct shard_server *s) {
    if (s->pid > 0) {
        kill(-s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    s->pid = 0;
}

#endif
