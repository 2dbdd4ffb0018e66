#ifndef HAVOC_CMICROHTTPD_H
#define HAVOC_CMICROHTTPD_H

#include <microhttpd.h>

// libmicrohttpd, loaded when a server starts: with its own libraries, of which the largest is for TLS,
// it takes a quarter of what any other command takes from its start to its end. The functions in use
// keep their names; each calls the library's own.

/// Loads the library, once; 0 where it isn't installed. Everything else needs it.
int havoc_mhd_load(void);

// libmicrohttpd's enums reach Swift without their case names, and its variadic functions not at
// all. Here stand the constants in use and one function for each shape of call.

static const unsigned int HAVOC_MHD_FLAGS =
    MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE
    | MHD_USE_TURBO;

static const enum MHD_Result HAVOC_MHD_YES = MHD_YES;
static const enum MHD_Result HAVOC_MHD_NO = MHD_NO;

/// What a daemon is started with; the callbacks all receive `context`.
struct havoc_mhd_options {
  void *context;
  MHD_AccessHandlerCallback handler;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  void *(*uri)(void *context, const char *uri, struct MHD_Connection *connection);
  size_t (*unescape)(void *context, struct MHD_Connection *connection, char *text);
  size_t connection_memory;
  unsigned int connection_timeout;
  unsigned int connection_limit;
};

struct MHD_Daemon *havoc_mhd_start(const struct havoc_mhd_options *options);

int havoc_mhd_epoll_fd(struct MHD_Daemon *daemon);

/// The context that the connection callback set for this connection.
void *havoc_mhd_connection_context(struct MHD_Connection *connection);

int havoc_mhd_connection_fd(struct MHD_Connection *connection);

const struct sockaddr *havoc_mhd_client_address(struct MHD_Connection *connection);

/// Calls `visit` for each header, with lengths, so that one holding NUL can't pass for shorter.
int havoc_mhd_headers(
    struct MHD_Connection *connection, MHD_KeyValueIteratorN visit, void *context);

struct MHD_Response *havoc_mhd_copying_response(const void *bytes, size_t count);

void havoc_mhd_release_upgraded(struct MHD_UpgradeResponseHandle *handle);

static inline int havoc_mhd_is_connection_started(enum MHD_ConnectionNotificationCode code) {
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}

static const ssize_t HAVOC_MHD_END_OF_STREAM = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t HAVOC_MHD_END_WITH_ERROR = MHD_CONTENT_READER_END_WITH_ERROR;
static const uint64_t HAVOC_MHD_SIZE_UNKNOWN = MHD_SIZE_UNKNOWN;

#endif
