/* Sends every datagram back to where it came from: what answering can't be faster than.
 *
 * usage: echo PORT THREADS
 *
 * Each thread has a socket of its own on the same port of 127.0.0.1.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { MAX_THREADS = 64, BATCH = 64, LARGEST = 2048, BUFFER = 4 << 20 };

struct batch {
  unsigned char bytes[BATCH][LARGEST];
  struct sockaddr_in senders[BATCH];
  struct iovec parts[BATCH];
  struct mmsghdr datagrams[BATCH];
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int open_socket(int port) {
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons((uint16_t)port),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  int one = 1, size = BUFFER, fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) ||
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) ||
      bind(fd, (void *)&address, sizeof address))
    fail("bind");
  return fd;
}

static void *echo(void *argument) {
  int fd = *(int *)argument;
  struct batch *batch = calloc(1, sizeof *batch);
  if (!batch) fail("calloc");
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      batch->parts[i] = (struct iovec){batch->bytes[i], LARGEST};
      batch->datagrams[i].msg_hdr = (struct msghdr){
        .msg_name = &batch->senders[i],
        .msg_namelen = sizeof batch->senders[i],
        .msg_iov = &batch->parts[i],
        .msg_iovlen = 1,
      };
    }
    int count = recvmmsg(fd, batch->datagrams, BATCH, MSG_WAITFORONE, NULL);
    if (count < 0) continue;
    for (int i = 0; i < count; i++) batch->parts[i].iov_len = batch->datagrams[i].msg_len;
    for (int begun = 0; begun < count;) {
      int sent = sendmmsg(fd, batch->datagrams + begun, (unsigned int)(count - begun), 0);
      /* One that can't go out doesn't keep the others. */
      begun += sent > 0 ? sent : 1;
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int threads = atoi(argv[2]), fds[MAX_THREADS];
  pthread_t ids[MAX_THREADS];
  if (threads < 1 || threads > MAX_THREADS) return 2;
  /* All are there before the first datagram, or the kernel would choose among fewer. */
  for (int i = 0; i < threads; i++) fds[i] = open_socket(atoi(argv[1]));
  for (int i = 0; i < threads; i++) {
    if (pthread_create(&ids[i], NULL, echo, &fds[i]) != 0) fail("pthread_create");
  }
  pthread_join(ids[0], NULL);
  return 0;
}
