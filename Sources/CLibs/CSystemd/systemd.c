#include "CSystemd.h"

#include <dlfcn.h>
#include <stdlib.h>

// A function of the library; NULL where the variable that it reads isn't set, or there is none.
static void *function(const char *variable, const char *name) {
  if (getenv(variable) == NULL) return NULL;
  void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
  return library == NULL ? NULL : dlsym(library, name);
}

int havoc_sd_notify(const char *state) {
  int (*notify)(int, const char *);
  *(void **)&notify = function("NOTIFY_SOCKET", "sd_notify");
  return notify == NULL ? 0 : notify(0, state);
}

int havoc_sd_listen_fds(char ***names) {
  int (*listen_fds)(int, char ***);
  *(void **)&listen_fds = function("LISTEN_FDS", "sd_listen_fds_with_names");
  return listen_fds == NULL ? 0 : listen_fds(1, names);
}

int havoc_sd_watchdog_enabled(uint64_t *microseconds) {
  int (*watchdog_enabled)(int, uint64_t *);
  *(void **)&watchdog_enabled = function("WATCHDOG_USEC", "sd_watchdog_enabled");
  return watchdog_enabled == NULL ? 0 : watchdog_enabled(0, microseconds);
}
