#include "CMicrohttpd.h"

#include <dlfcn.h>
#include <pthread.h>

// What calls the library's own function: RESULT NAME PARAMETERS, then how the arguments are passed on.
#define FUNCTIONS(FUNCTION) \
  FUNCTION(enum MHD_Result, MHD_add_connection, \
           (struct MHD_Daemon *daemon, MHD_socket socket, const struct sockaddr *address, \
            socklen_t length), \
           (daemon, socket, address, length)) \
  FUNCTION(enum MHD_Result, MHD_add_response_header, \
           (struct MHD_Response *response, const char *name, const char *value), \
           (response, name, value)) \
  FUNCTION(struct MHD_Response *, MHD_create_response_for_upgrade, \
           (MHD_UpgradeHandler handler, void *context), (handler, context)) \
  FUNCTION(struct MHD_Response *, MHD_create_response_from_buffer, \
           (size_t size, void *buffer, enum MHD_ResponseMemoryMode mode), (size, buffer, mode)) \
  FUNCTION(struct MHD_Response *, MHD_create_response_from_buffer_with_free_callback_cls, \
           (size_t size, void *buffer, MHD_ContentReaderFreeCallback release, void *context), \
           (size, buffer, release, context)) \
  FUNCTION(struct MHD_Response *, MHD_create_response_from_callback, \
           (uint64_t size, size_t block, MHD_ContentReaderCallback read, void *context, \
            MHD_ContentReaderFreeCallback release), \
           (size, block, read, context, release)) \
  FUNCTION(int, MHD_get_connection_values_n, \
           (struct MHD_Connection *connection, enum MHD_ValueKind kind, \
            MHD_KeyValueIteratorN visit, void *context), \
           (connection, kind, visit, context)) \
  FUNCTION(enum MHD_Result, MHD_get_timeout, \
           (struct MHD_Daemon *daemon, MHD_UNSIGNED_LONG_LONG *timeout), (daemon, timeout)) \
  FUNCTION(enum MHD_Result, MHD_queue_response, \
           (struct MHD_Connection *connection, unsigned int status, \
            struct MHD_Response *response), \
           (connection, status, response)) \
  FUNCTION(enum MHD_Result, MHD_run, (struct MHD_Daemon *daemon), (daemon)) \
  FUNCTION(void, MHD_destroy_response, (struct MHD_Response *response), (response)) \
  FUNCTION(void, MHD_resume_connection, (struct MHD_Connection *connection), (connection)) \
  FUNCTION(void, MHD_stop_daemon, (struct MHD_Daemon *daemon), (daemon)) \
  FUNCTION(void, MHD_suspend_connection, (struct MHD_Connection *connection), (connection))

// The library's functions by their names, filled in by `load`.
static struct {
#define MEMBER(result, name, parameters, arguments) result(*name) parameters;
  FUNCTIONS(MEMBER)
#undef MEMBER
  struct MHD_Daemon *(*start_daemon)(
      unsigned int, uint16_t, MHD_AcceptPolicyCallback, void *, MHD_AccessHandlerCallback, void *,
      ...);
  const union MHD_DaemonInfo *(*get_daemon_info)(
      struct MHD_Daemon *, enum MHD_DaemonInfoType, ...);
  const union MHD_ConnectionInfo *(*get_connection_info)(
      struct MHD_Connection *, enum MHD_ConnectionInfoType, ...);
  enum MHD_Result (*upgrade_action)(
      struct MHD_UpgradeResponseHandle *, enum MHD_UpgradeAction, ...);
} mhd;

static int is_loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  const struct {
    void **function;
    const char *name;
  } names[] = {
#define NAME(result, name, parameters, arguments) {(void **)&mhd.name, #name},
      FUNCTIONS(NAME)
#undef NAME
      {(void **)&mhd.start_daemon, "MHD_start_daemon"},
      {(void **)&mhd.get_daemon_info, "MHD_get_daemon_info"},
      {(void **)&mhd.get_connection_info, "MHD_get_connection_info"},
      {(void **)&mhd.upgrade_action, "MHD_upgrade_action"},
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    *names[i].function = dlsym(library, names[i].name);
    if (*names[i].function == NULL) return;
  }
  is_loaded = 1;
}

int havoc_mhd_load(void) {
  pthread_once(&once, load);
  return is_loaded;
}

#define FORWARD(result, name, parameters, arguments) \
  result name parameters { return mhd.name arguments; }
FUNCTIONS(FORWARD)
#undef FORWARD

struct MHD_Daemon *havoc_mhd_start(const struct havoc_mhd_options *options) {
  return mhd.start_daemon(
      HAVOC_MHD_FLAGS, 0, NULL, NULL, options->handler, options->context,
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

int havoc_mhd_epoll_fd(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = mhd.get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info == NULL ? -1 : info->epoll_fd;
}

void *havoc_mhd_connection_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      mhd.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

int havoc_mhd_connection_fd(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

const struct sockaddr *havoc_mhd_client_address(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

int havoc_mhd_headers(
    struct MHD_Connection *connection, MHD_KeyValueIteratorN visit, void *context) {
  return MHD_get_connection_values_n(connection, MHD_HEADER_KIND, visit, context);
}

struct MHD_Response *havoc_mhd_copying_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

void havoc_mhd_release_upgraded(struct MHD_UpgradeResponseHandle *handle) {
  mhd.upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}
