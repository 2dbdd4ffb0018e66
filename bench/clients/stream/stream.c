/* How fast frames of 1 MiB get through a server, from one publisher to many watchers.
 *
 * usage: stream SECONDS WATCHERS PORT ID TOKEN
 * prints: frames-delivered seconds
 *
 * ID is a session that nobody has opened, TOKEN its owner's device token. The publisher is never
 * more than AHEAD frames before the slowest watcher: nobody loses any.
 */
#include "frames.h"

#include <netinet/in.h>
#include <poll.h>

enum { AHEAD = 3 };

/* A socket that has been upgraded. */
static int open_socket(int port, const char *path, const char *token) {
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons((uint16_t)port),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (void *)&address, sizeof address)) fail("connect");
  char text[1024] = "";
  int length = snprintf(
    text, sizeof text,
    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n%s%s%s\r\n",
    path, port, token ? "Authorization: Token " : "", token ? token : "", token ? "\r\n" : "");
  if (send(fd, text, (size_t)length, 0) != length) fail("send");
  /* Byte by byte: a frame may follow at once. */
  memset(text, 0, sizeof text);
  for (size_t at = 0; at < sizeof text - 1 && !strstr(text, "\r\n\r\n"); at++) {
    if (recv(fd, text + at, 1, 0) != 1) fail("handshake");
  }
  if (!strstr(text, " 101 ")) {
    fprintf(stderr, "stream: %s: %s\n", path, text);
    exit(1);
  }
  return fd;
}

static struct watcher watchers[MAX_WATCHERS];
static int fds[MAX_WATCHERS + 1], count;

static long slowest(void) {
  long least = watchers[0].frames;
  for (int i = 1; i < count; i++) {
    if (watchers[i].frames < least) least = watchers[i].frames;
  }
  return least;
}

/* Publishes, where allowed, and watches, until the time is up and every frame has arrived. */
static void run(double seconds) {
  struct pollfd ready[MAX_WATCHERS + 1];
  int publisher = fds[count];
  size_t at = 0;
  long sent = 0;
  double start = now(), heard = start;
  while (now() - start < seconds || at > 0 || slowest() < sent) {
    int may = at > 0 || (now() - start < seconds && sent - slowest() < AHEAD);
    for (int i = 0; i < count; i++) ready[i] = (struct pollfd){fds[i], POLLIN, 0};
    ready[count] = (struct pollfd){publisher, may ? POLLOUT : 0, 0};
    if (poll(ready, (nfds_t)count + 1, 1000) < 0) fail("poll");
    if (ready[count].revents & (POLLERR | POLLHUP)) fail("the publisher was closed");
    if (ready[count].revents & POLLOUT) {
      ssize_t put = send(publisher, masked + at, sizeof masked - at, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (put < 0 && errno != EAGAIN) fail("send");
      if (put > 0) at += (size_t)put;
      if (at == sizeof masked) {
        at = 0;
        sent++;
      }
    }
    for (int i = 0; i < count; i++) {
      if (!ready[i].revents) continue;
      if (!take(fds[i], &watchers[i])) fail("a watcher was closed");
      heard = now();
    }
    if (now() - heard > 5) {
      fprintf(stderr, "stream: %ld of %ld frames came to the slowest\n", slowest(), sent);
      exit(1);
    }
  }
  long delivered = 0;
  for (int i = 0; i < count; i++) delivered += watchers[i].frames;
  if (delivered != sent * count) fail("frames that were never published");
  printf("%ld %.6f\n", delivered, heard - start);
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  double seconds = atof(argv[1]);
  int port = atoi(argv[3]);
  count = atoi(argv[2]);
  if (seconds <= 0 || count < 1 || count > MAX_WATCHERS) return 2;
  make_frames();
  char path[256];
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "/ws/stream/%s/watch/", argv[4]);
    fds[i] = open_socket(port, path, argv[5]);
  }
  snprintf(path, sizeof path, "/ws/stream/%s/", argv[4]);
  fds[count] = open_socket(port, path, NULL);
  run(seconds);
  return 0;
}
