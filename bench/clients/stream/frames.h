/* Frames of 1 MiB, as RFC 6455 has them, and whoever receives them. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FRAME = 1 << 20, HEADER = 10, MASKED_HEADER = 14, MAX_WATCHERS = 64 };

/* A frame as a server sends it, and as the publisher does. */
static unsigned char plain[HEADER + FRAME], masked[MASKED_HEADER + FRAME];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "rate: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
  exit(1);
}

static void make_frames(void) {
  static const unsigned char head[HEADER] = {0x82, 127, 0, 0, 0, 0, 0, FRAME >> 16, 0, 0};
  static const unsigned char mask[4] = {0x5a, 0xc3, 0x17, 0x8e};
  memcpy(plain, head, HEADER);
  memcpy(masked, head, HEADER);
  masked[1] |= 0x80;
  memcpy(masked + HEADER, mask, 4);
  for (int i = 0; i < FRAME; i++) {
    plain[HEADER + i] = (unsigned char)(i * 31 + (i >> 8));
    masked[MASKED_HEADER + i] = plain[HEADER + i] ^ mask[i & 3];
  }
}

/* Someone who receives frames: how much of one has come, and how many did. */
struct watcher {
  size_t at;
  long frames;
  unsigned char head[HEADER];
};

/* Takes in what is there; 0 at the end of the connection.
 *
 * A payload is thrown away unread (MSG_TRUNC), so that writing is what is measured. */
static int take(int fd, struct watcher *watcher) {
  for (;;) {
    ssize_t got;
    if (watcher->at < HEADER) {
      got = recv(fd, watcher->head + watcher->at, HEADER - watcher->at, MSG_DONTWAIT);
    } else {
      got = recv(fd, NULL, HEADER + FRAME - watcher->at, MSG_DONTWAIT | MSG_TRUNC);
    }
    if (got == 0) return 0;
    if (got < 0) {
      if (errno == EAGAIN) return 1;
      fail("recv");
    }
    watcher->at += (size_t)got;
    if (watcher->at == HEADER && memcmp(watcher->head, plain, HEADER) != 0) {
      errno = 0;
      fail("a watcher's frame isn't the publisher's");
    }
    if (watcher->at == HEADER + FRAME) {
      watcher->at = 0;
      watcher->frames++;
    }
  }
}
