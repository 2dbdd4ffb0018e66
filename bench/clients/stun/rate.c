/* How fast a STUN server answers, and whether it answers everything.
 *
 * usage: rate SECONDS THREADS SOCKETS WINDOW PORT plain|fingerprint|echo
 * prints: answered lost seconds p50-us p99-us cpu-seconds
 *
 * Each socket has an address of its own and keeps WINDOW requests under way. None is sent twice:
 * one without an answer after PATIENCE seconds is lost, and another takes its place. Each answer
 * must have the request's transaction and tell its socket's address; an echo's is the request.
 */
#include "binding.h"

#include <pthread.h>
#include <sys/epoll.h>

enum { MAX_THREADS = 64, MAX_SOCKETS = 4096, MAX_WINDOW = BATCH };
/* A histogram's columns: STEPS to a power of two of nanoseconds. */
enum { STEPS = 32, POWERS = 40 };

static const double PATIENCE = 0.5;

/* A place for a request under way. */
struct slot {
  uint32_t sequence;
  int is_taken;
  double sent;
};

struct client {
  int fd;
  struct sockaddr_in address;
  struct slot slots[MAX_WINDOW];
  int free[MAX_WINDOW], free_count;
};

struct worker {
  pthread_t id;
  struct client *clients;
  int count, epoll;
  long answered, lost, late, under_way;
  long histogram[STEPS * POWERS];
  /* Memory of system calls. */
  unsigned char in[BATCH][LARGEST], out[BATCH][HEADER + FINGERPRINT_SIZE];
  struct iovec in_parts[BATCH], out_parts[BATCH];
  struct mmsghdr received[BATCH], sent[BATCH];
};

static int window, is_signed, is_echo;
static double seconds, start;
static uint32_t key;
static pthread_barrier_t ready;

static int column(double latency) {
  uint64_t value = latency > 0 ? (uint64_t)(latency * 1e9) : 0;
  if (value < STEPS) return (int)value;
  int power = 63 - __builtin_clzll(value) - 5;
  int at = (power + 1) * STEPS + (int)(value >> power) - STEPS;
  return at < STEPS * POWERS ? at : STEPS * POWERS - 1;
}

/* The middle of a column, in microseconds. */
static double latency_of(int at) {
  int power = at / STEPS - 1;
  if (power < 0) return at / 1e3;
  return ((double)(STEPS + at % STEPS) + 0.5) * (double)(1ull << power) / 1e3;
}

static void open_client(struct client *client, uint32_t number, int port) {
  struct sockaddr_in server = loopback(port);
  socklen_t length = sizeof client->address;
  client->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = address_of(number)};
  client->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (client->fd < 0 || bind(client->fd, (void *)&client->address, length) ||
      connect(client->fd, (void *)&server, sizeof server) ||
      getsockname(client->fd, (void *)&client->address, &length))
    fail("socket");
  for (int i = 0; i < window; i++) client->free[client->free_count++] = i;
}

/* Has as many requests under way as there may be. */
static void ask(struct worker *worker, struct client *client, double when) {
  unsigned int count = (unsigned int)client->free_count;
  for (unsigned int i = 0; i < count; i++) {
    int place = client->free[client->free_count - 1 - (int)i];
    struct slot *slot = &client->slots[place];
    struct transaction id = {{(uint32_t)place, ++slot->sequence, key}};
    slot->is_taken = 1;
    slot->sent = when;
    worker->out_parts[i].iov_len = write_request(worker->out[i], &id, is_signed);
  }
  int sent = count ? sendmmsg(client->fd, worker->sent, count, 0) : 0;
  if (sent < 0) {
    if (errno != EAGAIN && errno != ENOBUFS) fail("send");
    sent = 0;
  }
  for (int i = sent; i < (int)count; i++) {
    client->slots[client->free[client->free_count - 1 - i]].is_taken = 0;
  }
  /* Those that went are the last ones of the list; what didn't go stands before them. */
  client->free_count -= sent;
  worker->under_way += sent;
}

static void take(
    struct worker *worker, struct client *client, const unsigned char *message, size_t length,
    double when) {
  errno = 0;
  struct transaction id = transaction_of(message);
  int is_right = length >= HEADER && id.parts[0] < (uint32_t)window && id.parts[2] == key;
  if (is_right && is_echo) {
    is_right = length == HEADER && word(message) == REQUEST;
  } else if (is_right) {
    is_right = is_answer(message, length, &client->address, is_signed);
  }
  if (!is_right) fail("an answer isn't right");
  struct slot *slot = &client->slots[id.parts[0]];
  if (!slot->is_taken || slot->sequence != id.parts[1]) {
    if (++worker->late > worker->lost) fail("an answer that nobody waits for");
    return;
  }
  slot->is_taken = 0;
  client->free[client->free_count++] = (int)id.parts[0];
  worker->under_way--;
  if (when > start + seconds) return;
  worker->answered++;
  worker->histogram[column(when - slot->sent)]++;
}

static void hear(struct worker *worker, struct client *client) {
  int count = recvmmsg(client->fd, worker->received, (unsigned int)window, 0, NULL);
  if (count < 0 && errno != EAGAIN) fail("receive");
  double when = now();
  for (int i = 0; i < count; i++) {
    take(worker, client, worker->in[i], worker->received[i].msg_len, when);
  }
  if (when < start + seconds) ask(worker, client, when);
}

/* Gives up on what has been under way for too long. */
static void give_up(struct worker *worker, double when) {
  for (int i = 0; i < worker->count; i++) {
    struct client *client = &worker->clients[i];
    for (int place = 0; place < window; place++) {
      struct slot *slot = &client->slots[place];
      if (!slot->is_taken || when - slot->sent < PATIENCE) continue;
      slot->is_taken = 0;
      client->free[client->free_count++] = place;
      worker->under_way--;
      worker->lost++;
    }
    if (when < start + seconds) ask(worker, client, when);
  }
}

static void *work(void *argument) {
  struct worker *worker = argument;
  struct epoll_event events[BATCH];
  pthread_barrier_wait(&ready);
  double swept = now();
  for (int i = 0; i < worker->count; i++) ask(worker, &worker->clients[i], now());
  for (;;) {
    int count = epoll_wait(worker->epoll, events, BATCH, 20);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; i++) hear(worker, events[i].data.ptr);
    double when = now();
    if (when >= start + seconds && worker->under_way == 0) return NULL;
    if (when - swept > 0.05) {
      swept = when;
      give_up(worker, when);
    }
  }
}

static void prepare(struct worker *worker, int number, int count, int port) {
  worker->count = count;
  worker->clients = calloc((size_t)count, sizeof *worker->clients);
  worker->epoll = epoll_create1(0);
  if (!worker->clients || worker->epoll < 0) fail("prepare");
  for (int i = 0; i < count; i++) {
    struct client *client = &worker->clients[i];
    open_client(client, (uint32_t)(number * MAX_SOCKETS + i + 1), port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, client->fd, &event)) fail("epoll_ctl");
  }
  for (int i = 0; i < BATCH; i++) {
    worker->in_parts[i] = (struct iovec){worker->in[i], LARGEST};
    worker->out_parts[i] = (struct iovec){worker->out[i], 0};
    worker->received[i].msg_hdr = (struct msghdr){.msg_iov = &worker->in_parts[i], .msg_iovlen = 1};
    worker->sent[i].msg_hdr = (struct msghdr){.msg_iov = &worker->out_parts[i], .msg_iovlen = 1};
  }
}

/* The latency that this share of the answers didn't exceed. */
static double percentile(const long *histogram, long total, double share) {
  long rest = (long)((double)total * share);
  for (int at = 0; at < STEPS * POWERS; at++) {
    if ((rest -= histogram[at]) < 0) return latency_of(at);
  }
  return 0;
}

static void tell(struct worker *workers, int threads) {
  static long histogram[STEPS * POWERS];
  long answered = 0, lost = 0;
  for (int i = 0; i < threads; i++) {
    answered += workers[i].answered;
    lost += workers[i].lost;
    for (int at = 0; at < STEPS * POWERS; at++) histogram[at] += workers[i].histogram[at];
  }
  printf(
      "%ld %ld %.6f %.1f %.1f %.6f\n", answered, lost, seconds,
      percentile(histogram, answered, 0.5), percentile(histogram, answered, 0.99), cpu_seconds());
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  seconds = atof(argv[1]);
  int threads = atoi(argv[2]), sockets = atoi(argv[3]), port = atoi(argv[5]);
  window = atoi(argv[4]);
  is_signed = strcmp(argv[6], "fingerprint") == 0;
  is_echo = strcmp(argv[6], "echo") == 0;
  if (seconds <= 0 || threads < 1 || threads > MAX_THREADS || sockets < threads ||
      sockets > MAX_SOCKETS || window < 1 || window > MAX_WINDOW)
    return 2;
  key = (uint32_t)getpid() * 2654435761u;
  struct worker *workers = calloc((size_t)threads, sizeof *workers);
  if (!workers || pthread_barrier_init(&ready, NULL, (unsigned int)threads)) fail("threads");
  for (int i = 0; i < threads; i++) {
    prepare(&workers[i], i, sockets * (i + 1) / threads - sockets * i / threads, port);
  }
  start = now();
  for (int i = 0; i < threads; i++) {
    if (pthread_create(&workers[i].id, NULL, work, &workers[i]) != 0) fail("pthread_create");
  }
  for (int i = 0; i < threads; i++) pthread_join(workers[i].id, NULL);
  tell(workers, threads);
  return 0;
}
