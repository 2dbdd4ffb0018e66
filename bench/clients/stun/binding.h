/* Binding requests and their answers, as RFC 8489 has them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  REQUEST = 0x0001,
  ANSWER = 0x0101,
  COOKIE = 0x2112A442,
  XOR_MAPPED_ADDRESS = 0x0020,
  FINGERPRINT = 0x8028,
  HEADER = 20,
  FINGERPRINT_SIZE = 8,
  LARGEST = 512,
  MOST_ADDRESSES = 1 << 22,
  /* Datagrams to a system call. */
  BATCH = 64,
};

/* What a request is told from all others by. */
struct transaction {
  uint32_t parts[3];
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "stun: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
  exit(1);
}

/* Processor time of this process, the kernel's on its behalf included. */
static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static uint32_t word(const unsigned char *at) { return (uint32_t)at[0] << 8 | at[1]; }

static uint32_t double_word(const unsigned char *at) { return word(at) << 16 | word(at + 2); }

static void put(unsigned char *at, uint32_t value, int bytes) {
  while (bytes-- > 0) {
    at[bytes] = (unsigned char)value;
    value >>= 8;
  }
}

/* The CRC-32 of ISO 3309, XORed as section 14.7 has it. */
static uint32_t fingerprint(const unsigned char *bytes, size_t count) {
  static _Thread_local uint32_t table[256];
  if (!table[1]) {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xEDB88320 : 0);
      table[i] = value;
    }
  }
  uint32_t sum = UINT32_MAX;
  for (size_t i = 0; i < count; i++) sum = sum >> 8 ^ table[(sum ^ bytes[i]) & 0xff];
  return ~sum ^ 0x5354554e;
}

/* Returns its length. */
static size_t write_request(unsigned char *at, const struct transaction *id, int is_signed) {
  size_t length = HEADER + (is_signed ? FINGERPRINT_SIZE : 0);
  put(at, REQUEST, 2);
  put(at + 2, (uint32_t)length - HEADER, 2);
  put(at + 4, COOKIE, 4);
  memcpy(at + 8, id, sizeof *id);
  if (is_signed) {
    put(at + HEADER, FINGERPRINT, 2);
    put(at + HEADER + 2, 4, 2);
    put(at + HEADER + 4, fingerprint(at, HEADER), 4);
  }
  return length;
}

static struct transaction transaction_of(const unsigned char *message) {
  struct transaction id;
  memcpy(&id, message + 8, sizeof id);
  return id;
}

/* Whether a message says success, and that its client is at that address. A FINGERPRINT must be
 * right, and must be there where it was asked with one. */
static int is_answer(
    const unsigned char *message, size_t length, const struct sockaddr_in *client, int is_signed) {
  if (length < HEADER || word(message) != ANSWER || word(message + 2) != length - HEADER ||
      double_word(message + 4) != COOKIE)
    return 0;
  int is_mapped = 0, has_fingerprint = 0;
  for (size_t at = HEADER; at + 4 <= length;) {
    const unsigned char *value = message + at + 4;
    size_t size = word(message + at + 2);
    if (at + 4 + size > length) return 0;
    switch (word(message + at)) {
      case XOR_MAPPED_ADDRESS:
        is_mapped = size == 8 && value[1] == 1 &&
                    (word(value + 2) ^ COOKIE >> 16) == ntohs(client->sin_port) &&
                    (double_word(value + 4) ^ COOKIE) == ntohl(client->sin_addr.s_addr);
        break;
      case FINGERPRINT:
        if (size != 4 || at + FINGERPRINT_SIZE != length ||
            double_word(value) != fingerprint(message, at))
          return 0;
        has_fingerprint = 1;
        break;
    }
    at += 4 + ((size + 3) & ~(size_t)3);
  }
  return is_mapped && has_fingerprint >= is_signed;
}

static struct sockaddr_in loopback(int port) {
  return (struct sockaddr_in){
    .sin_family = AF_INET,
    .sin_port = htons((uint16_t)port),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
}

/* An address of the loopback network, from 127.64.0.0 on, that no other number has. */
static struct in_addr address_of(uint32_t number) {
  return (struct in_addr){htonl(0x7f400000u | (number * 2654435761u & (MOST_ADDRESSES - 1)))};
}
