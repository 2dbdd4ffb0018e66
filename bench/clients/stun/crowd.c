/* Binding requests from very many addresses through one socket.
 *
 * usage: crowd sweep REQUESTS ADDRESSES PORT  the addresses in turns, each answer looked at
 *        crowd flood SECONDS ADDRESSES PORT   as many as can be sent, whatever becomes of them,
 *                                             for so long or until SIGTERM
 * prints: sent answered seconds cpu-seconds
 *
 * The sweep has at most AHEAD requests under way, so that none is lost on the way; one without an
 * answer after PATIENCE seconds is given up.
 */
#include "binding.h"

#include <linux/filter.h>
#include <poll.h>
#include <signal.h>

enum { AHEAD = 512, BUFFER = 1 << 20 };

static const double PATIENCE = 1;

struct outgoing {
  unsigned char bytes[HEADER];
  struct iovec part;
  /* Names the address that it comes from; see ip(7). */
  _Alignas(struct cmsghdr) unsigned char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static unsigned char in[BATCH][LARGEST];
static struct iovec in_parts[BATCH];
static struct outgoing outgoing[BATCH];
static struct mmsghdr received[BATCH], sent[BATCH];
static struct sockaddr_in server, client;
static long addresses;
static uint32_t key;
static int fd;
static volatile sig_atomic_t is_over;

static void prepare(int port) {
  socklen_t length = sizeof client;
  int size = BUFFER;
  server = loopback(port);
  client = (struct sockaddr_in){.sin_family = AF_INET};
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) ||
      bind(fd, (void *)&client, length) || getsockname(fd, (void *)&client, &length))
    fail("socket");
  for (int i = 0; i < BATCH; i++) {
    struct outgoing *one = &outgoing[i];
    one->part = (struct iovec){one->bytes, HEADER};
    sent[i].msg_hdr = (struct msghdr){
      .msg_name = &server,
      .msg_namelen = sizeof server,
      .msg_iov = &one->part,
      .msg_iovlen = 1,
      .msg_control = one->control,
      .msg_controllen = sizeof one->control,
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&sent[i].msg_hdr);
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    in_parts[i] = (struct iovec){in[i], LARGEST};
    received[i].msg_hdr = (struct msghdr){.msg_iov = &in_parts[i], .msg_iovlen = 1};
  }
}

/* Sends so many, a batch at the most, of which this is the first one's number. */
static void ask(long number, int count) {
  for (int i = 0; i < count; i++, number++) {
    struct transaction id = {{(uint32_t)number, (uint32_t)(number >> 32), key}};
    struct in_pktinfo from = {.ipi_spec_dst = address_of((uint32_t)(number % addresses))};
    write_request(outgoing[i].bytes, &id, 0);
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&sent[i].msg_hdr)), &from, sizeof from);
  }
  for (int begun = 0; begun < count;) {
    int gone = sendmmsg(fd, sent + begun, (unsigned int)(count - begun), 0);
    if (gone < 0) fail("send");
    begun += gone;
  }
}

/* Receives what is there, and returns how many answers were among it. */
static int hear(unsigned char *seen, long asked) {
  int count = recvmmsg(fd, received, BATCH, MSG_DONTWAIT, NULL);
  if (count < 0 && errno != EAGAIN) fail("receive");
  errno = 0;
  for (int i = 0; i < count; i++) {
    struct transaction id = transaction_of(in[i]);
    long number = (long)id.parts[1] << 32 | id.parts[0];
    struct sockaddr_in from = client;
    from.sin_addr = address_of((uint32_t)(number % addresses));
    if (id.parts[2] != key || number >= asked ||
        !is_answer(in[i], received[i].msg_len, &from, 0))
      fail("an answer isn't right");
    if (seen[number / 8] & 1 << number % 8) fail("an answer that came twice");
    seen[number / 8] |= (unsigned char)(1 << number % 8);
  }
  return count < 0 ? 0 : count;
}

static void sweep(long requests) {
  unsigned char *seen = calloc((size_t)requests / 8 + 1, 1);
  if (!seen) fail("calloc");
  long asked = 0, answered = 0, lost = 0;
  double start = now(), heard = start;
  while (answered + lost < requests) {
    long room = AHEAD - (asked - answered - lost);
    int count = (int)(requests - asked < BATCH ? requests - asked : BATCH);
    if (count > 0 && room >= count) {
      ask(asked, count);
      asked += count;
    }
    int got = hear(seen, asked);
    answered += got;
    if (got > 0) {
      heard = now();
    } else if (now() - heard > PATIENCE) {
      lost = asked - answered;
      heard = now();
    } else if (asked - answered - lost > AHEAD - BATCH || asked == requests) {
      struct pollfd ready = {fd, POLLIN, 0};
      if (poll(&ready, 1, 100) < 0) fail("poll");
    }
  }
  printf("%ld %ld %.6f %.6f\n", asked, answered, now() - start, cpu_seconds());
}

static void end(int number) {
  (void)number;
  is_over = 1;
}

static void flood(double seconds) {
  signal(SIGTERM, end);
  /* Nobody wants to hear the answers. */
  struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
  struct sock_fprog program = {1, &nothing};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)) fail("filter");
  long asked = 0;
  double start = now();
  while (!is_over && now() - start < seconds) {
    ask(asked, BATCH);
    asked += BATCH;
  }
  printf("%ld 0 %.6f %.6f\n", asked, now() - start, cpu_seconds());
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  addresses = atol(argv[3]);
  if (addresses < 1 || addresses > MOST_ADDRESSES || atof(argv[2]) <= 0) return 2;
  key = (uint32_t)getpid() * 2654435761u;
  prepare(atoi(argv[4]));
  if (strcmp(argv[1], "sweep") == 0) {
    sweep(atol(argv[2]));
  } else if (strcmp(argv[1], "flood") == 0) {
    flood(atof(argv[2]));
  } else {
    return 2;
  }
  return 0;
}
