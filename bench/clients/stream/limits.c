/* What delivering frames of 1 MiB to many watchers can't beat.
 *
 * usage: limits memcpy SECONDS WATCHERS    copies a frame into so many buffers
 *        limits loopback SECONDS WATCHERS  writes frames into so many loopback connections
 * prints: frames-delivered seconds
 */
#include "frames.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void rate_memcpy(double seconds, int watchers) {
  static unsigned char *buffers[MAX_WATCHERS];
  for (int i = 0; i < watchers; i++) {
    if (!(buffers[i] = malloc(FRAME))) fail("malloc");
    memset(buffers[i], i, FRAME);
  }
  long frames = 0;
  double start = now(), end = start;
  while (end - start < seconds) {
    for (int i = 0; i < watchers; i++) {
      memcpy(buffers[i], plain + HEADER, FRAME);
      __asm__ volatile("" : : "r"(buffers[i]) : "memory");
    }
    frames += watchers;
    end = now();
  }
  printf("%ld %.6f\n", frames, end - start);
}

/* Writes the same frames into all of them, as much as each takes, until nobody listens. */
static void write_to_all(int *fds, int count) {
  size_t at[MAX_WATCHERS] = {0};
  struct pollfd ready[MAX_WATCHERS];
  for (;;) {
    for (int i = 0; i < count; i++) ready[i] = (struct pollfd){fds[i], POLLOUT, 0};
    if (poll(ready, (nfds_t)count, -1) < 0) fail("poll");
    for (int i = 0; i < count; i++) {
      if (!ready[i].revents) continue;
      ssize_t sent = send(fds[i], plain + at[i], sizeof plain - at[i], MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) _exit(0);
      if (sent > 0) at[i] = (at[i] + (size_t)sent) % sizeof plain;
    }
  }
}

static long total(struct watcher *watchers, int count) {
  long sum = 0;
  for (int i = 0; i < count; i++) sum += watchers[i].frames;
  return sum;
}

static void rate_loopback(double seconds, int count) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0), ours[MAX_WATCHERS], theirs[MAX_WATCHERS];
  if (bind(listener, (void *)&address, length) || listen(listener, count) ||
      getsockname(listener, (void *)&address, &length)) fail("listen");
  for (int i = 0; i < count; i++) {
    ours[i] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(ours[i], (void *)&address, length)) fail("connect");
    if ((theirs[i] = accept(listener, NULL, NULL)) < 0) fail("accept");
  }
  pid_t writer = fork();
  if (writer < 0) fail("fork");
  if (writer == 0) write_to_all(theirs, count);
  struct watcher watchers[MAX_WATCHERS] = {0};
  struct pollfd ready[MAX_WATCHERS];
  double start = now(), end = start;
  while (end - start < seconds) {
    for (int i = 0; i < count; i++) ready[i] = (struct pollfd){ours[i], POLLIN, 0};
    if (poll(ready, (nfds_t)count, 1000) < 0) fail("poll");
    for (int i = 0; i < count; i++) {
      if (ready[i].revents && !take(ours[i], &watchers[i])) fail("the writer has gone");
    }
    end = now();
  }
  kill(writer, SIGKILL);
  waitpid(writer, NULL, 0);
  printf("%ld %.6f\n", total(watchers, count), end - start);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  double seconds = atof(argv[2]);
  int watchers = atoi(argv[3]);
  if (seconds <= 0 || watchers < 1 || watchers > MAX_WATCHERS) return 2;
  make_frames();
  if (strcmp(argv[1], "memcpy") == 0) {
    rate_memcpy(seconds, watchers);
  } else if (strcmp(argv[1], "loopback") == 0) {
    rate_loopback(seconds, watchers);
  } else {
    return 2;
  }
  return 0;
}
