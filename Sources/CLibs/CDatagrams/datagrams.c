#define _GNU_SOURCE
#include "CDatagrams.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct slot {
  uint8_t bytes[HAVOC_DATAGRAM_SIZE];
  uint8_t answer[HAVOC_DATAGRAM_SIZE];
  struct sockaddr_storage sender;
  uint8_t control[64];
  struct iovec in, out;
};

struct havoc_batch {
  unsigned int capacity, outgoing;
  struct mmsghdr *received, *sent;
  struct slot *slots;
};

havoc_batch *havoc_batch_create(unsigned int capacity) {
  havoc_batch *batch = calloc(1, sizeof *batch);
  if (!batch) return NULL;
  batch->capacity = capacity;
  batch->received = calloc(capacity, sizeof *batch->received);
  batch->sent = calloc(capacity, sizeof *batch->sent);
  batch->slots = calloc(capacity, sizeof *batch->slots);
  if (batch->received && batch->sent && batch->slots) return batch;
  havoc_batch_destroy(batch);
  return NULL;
}

void havoc_batch_destroy(havoc_batch *batch) {
  if (!batch) return;
  free(batch->received);
  free(batch->sent);
  free(batch->slots);
  free(batch);
}

int havoc_batch_receive(havoc_batch *batch, int socket) {
  for (unsigned int i = 0; i < batch->capacity; i++) {
    struct slot *slot = &batch->slots[i];
    struct msghdr *header = &batch->received[i].msg_hdr;
    slot->in = (struct iovec){slot->bytes, sizeof slot->bytes};
    header->msg_name = &slot->sender;
    header->msg_namelen = sizeof slot->sender;
    header->msg_iov = &slot->in;
    header->msg_iovlen = 1;
    header->msg_control = slot->control;
    header->msg_controllen = sizeof slot->control;
  }
  return recvmmsg(socket, batch->received, batch->capacity, MSG_DONTWAIT, NULL);
}

const uint8_t *havoc_batch_bytes(const havoc_batch *batch, unsigned int index, int *length) {
  const struct mmsghdr *datagram = &batch->received[index];
  *length = datagram->msg_hdr.msg_flags & MSG_TRUNC ? -1 : (int)datagram->msg_len;
  return batch->slots[index].bytes;
}

const struct sockaddr_storage *havoc_batch_sender(const havoc_batch *batch, unsigned int index) {
  return &batch->slots[index].sender;
}

uint8_t *havoc_batch_answer(havoc_batch *batch, unsigned int index) {
  return batch->slots[index].answer;
}

// What tells where a datagram came tells where an answer leaves, once it names no interface: the
// way back may be another than the way here.
static void answer_from_there(struct msghdr *header) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(c), sizeof info);
      info.ipi_ifindex = 0;
      info.ipi_spec_dst = info.ipi_addr;
      memcpy(CMSG_DATA(c), &info, sizeof info);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(c), sizeof info);
      // A link-local address means nothing without its interface.
      if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
      memcpy(CMSG_DATA(c), &info, sizeof info);
    }
  }
}

void havoc_batch_add(havoc_batch *batch, unsigned int index, unsigned int size, uint16_t port) {
  struct slot *slot = &batch->slots[index];
  const struct msghdr *received = &batch->received[index].msg_hdr;
  struct msghdr *header = &batch->sent[batch->outgoing++].msg_hdr;
  if (port) {
    // The port stands at the same place in both families.
    ((struct sockaddr_in *)&slot->sender)->sin_port = htons(port);
  }
  slot->out = (struct iovec){slot->answer, size};
  *header = (struct msghdr){
      .msg_name = &slot->sender,
      .msg_namelen = received->msg_namelen,
      .msg_iov = &slot->out,
      .msg_iovlen = 1,
      .msg_control = received->msg_controllen ? slot->control : NULL,
      .msg_controllen = received->msg_controllen,
  };
  if (header->msg_control) answer_from_there(header);
}

unsigned int havoc_batch_send(havoc_batch *batch, int socket) {
  unsigned int begun = 0, sent = 0;
  while (begun < batch->outgoing) {
    int count = sendmmsg(socket, batch->sent + begun, batch->outgoing - begun, MSG_DONTWAIT);
    // The first of them can't go out, for a reason of its own; the others may.
    if (count <= 0) {
      begun++;
      continue;
    }
    begun += count;
    sent += count;
  }
  batch->outgoing = 0;
  return sent;
}

int havoc_ask_for_address(int socket, int family) {
  int one = 1;
  return family == AF_INET
             ? setsockopt(socket, IPPROTO_IP, IP_PKTINFO, &one, sizeof one)
             : setsockopt(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one);
}

int havoc_steer_by_address(int socket, int family, unsigned int count) {
  // The sender's address in the network header (RFC 791, section 3.1; RFC 8200, section 3): all of
  // it, or the 64 bits that one subscriber has.
  struct sock_filter ipv4[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_NET_OFF + 12)),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 2654435761u),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  struct sock_filter ipv6[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_NET_OFF + 8)),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 2654435761u),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_NET_OFF + 12)),
      BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 2654435761u),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  struct sock_fprog program =
      family == AF_INET
          ? (struct sock_fprog){sizeof ipv4 / sizeof *ipv4, ipv4}
          : (struct sock_fprog){sizeof ipv6 / sizeof *ipv6, ipv6};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}
