// Datagrams in batches, for what Swift can't see of the C library without _GNU_SOURCE.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/// Bytes of the largest datagram that is taken whole.
enum { HAVOC_DATAGRAM_SIZE = 2048 };

/// Memory for a batch of datagrams on their way in, and for the answers on their way out.
typedef struct havoc_batch havoc_batch;

/// NULL where there is no memory.
havoc_batch *havoc_batch_create(unsigned int capacity);
void havoc_batch_destroy(havoc_batch *batch);

/// Receives what has come, up to the capacity (recvmmsg(2)); doesn't wait.
/// Returns how many; -1 with errno.
int havoc_batch_receive(havoc_batch *batch, int socket);

/// A datagram that came: its bytes, and whom it is from. A length of -1 is that of one which was
/// longer than is taken.
const uint8_t *havoc_batch_bytes(const havoc_batch *batch, unsigned int index, int *length);
const struct sockaddr_storage *havoc_batch_sender(const havoc_batch *batch, unsigned int index);

/// Where the answer to a datagram is written, HAVOC_DATAGRAM_SIZE bytes.
uint8_t *havoc_batch_answer(havoc_batch *batch, unsigned int index);
/// Adds that answer to what is sent, to the sender, or to another of its ports (0 for its own).
/// From the address that the datagram came to.
void havoc_batch_add(havoc_batch *batch, unsigned int index, unsigned int size, uint16_t port);

/// Sends what was added (sendmmsg(2)) and forgets it; what doesn't go out at once is lost, as
/// datagrams may be. Returns how many went out.
unsigned int havoc_batch_send(havoc_batch *batch, int socket);

/// Asks that each datagram tell on which address it came, for a socket that is bound to all of them.
int havoc_ask_for_address(int socket, int family);

/// Lets the kernel choose among `count` sockets of one port by the client's address alone, so that
/// each client is always answered, and counted, by the same one. 0 where it does.
int havoc_steer_by_address(int socket, int family, unsigned int count);
