#include <microhttpd.h>

// libmicrohttpd's enums reach Swift without their case names, and its variadic functions not at
// all. Here stand the constants in use and one function for each shape of call.

static const unsigned int HAVOC_MHD_FLAGS =
    MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE
    | MHD_USE_TURBO;
static const unsigned int HAVOC_MHD_FLAG_TLS = MHD_USE_TLS;

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

static inline struct MHD_Daemon *havoc_mhd_start(
    unsigned int flags, const struct havoc_mhd_options *options) {
  return MHD_start_daemon(
      flags, 0, NULL, NULL, options->handler, options->context,
      MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
      MHD_OPTION_NOTIFY_CONNECTION, options->connection, options->context,
      MHD_OPTION_URI_LOG_CALLBACK, options->uri, options->context,
      MHD_OPTION_UNESCAPE_CALLBACK, options->unescape, options->context,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
      MHD_OPTION_CONNECTION_TIMEOUT, options->connection_timeout,
      MHD_OPTION_CONNECTION_LIMIT, options->connection_limit,
      MHD_OPTION_STRICT_FOR_CLIENT, 0,
      MHD_OPTION_END);
}

static inline int havoc_mhd_epoll_fd(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info == NULL ? -1 : info->epoll_fd;
}

/// The context that the connection callback set for this connection.
static inline void *havoc_mhd_connection_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

static inline int havoc_mhd_connection_fd(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

static inline const struct sockaddr *havoc_mhd_client_address(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

/// Calls `visit` for each header, with lengths, so that one holding NUL can't pass for shorter.
static inline int havoc_mhd_headers(
    struct MHD_Connection *connection, MHD_KeyValueIteratorN visit, void *context) {
  return MHD_get_connection_values_n(connection, MHD_HEADER_KIND, visit, context);
}

static inline int havoc_mhd_is_connection_started(enum MHD_ConnectionNotificationCode code) {
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}

static inline struct MHD_Response *havoc_mhd_copying_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}
static const ssize_t HAVOC_MHD_END_OF_STREAM = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t HAVOC_MHD_END_WITH_ERROR = MHD_CONTENT_READER_END_WITH_ERROR;
static const uint64_t HAVOC_MHD_SIZE_UNKNOWN = MHD_SIZE_UNKNOWN;

static inline void havoc_mhd_release_upgraded(struct MHD_UpgradeResponseHandle *handle) {
  MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}
