#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// EPOLLIN and its siblings are cases of an anonymous C enum, which Swift imports with a type of
// its own; these are the plain numbers.
static const uint32_t HAVOC_EPOLLIN = EPOLLIN;
static const uint32_t HAVOC_EPOLLOUT = EPOLLOUT;
static const uint32_t HAVOC_EPOLLERR = EPOLLERR;
static const uint32_t HAVOC_EPOLLHUP = EPOLLHUP;
static const uint32_t HAVOC_EPOLLRDHUP = EPOLLRDHUP;
static const int HAVOC_EPOLL_CLOEXEC = EPOLL_CLOEXEC;
static const int HAVOC_EVENTFD_FLAGS = EFD_CLOEXEC | EFD_NONBLOCK;
static const int HAVOC_SIGNALFD_FLAGS = SFD_CLOEXEC | SFD_NONBLOCK;
static const int HAVOC_SOCK_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK;
static const int HAVOC_SOCK_STREAM = SOCK_STREAM;
static const int HAVOC_SOCK_DGRAM = SOCK_DGRAM;
static const int HAVOC_MSG_NOSIGNAL = MSG_NOSIGNAL;
static const int HAVOC_SHUT_RDWR = SHUT_RDWR;

// Extensions of GNU's libc, which the headers hide without _GNU_SOURCE.
int pthread_setname_np(pthread_t thread, const char *name);
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int pipe2(int ends[2], int flags);

/// Columns of the terminal behind a descriptor, 0 where it isn't one.
static inline int havoc_terminal_width(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// Lines of the terminal behind a descriptor, 0 where it isn't one.
static inline int havoc_terminal_height(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}
