#include "CSystemd.h"

#include <dlfcn.h>
#include <stdlib.h>

int havoc_sd_notify(const char *state) {
  if (getenv("NOTIFY_SOCKET") == NULL) return 0;
  static int (*notify)(int, const char *);
  if (notify == NULL) {
    void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return 0;
    *(void **)&notify = dlsym(library, "sd_notify");
    if (notify == NULL) return 0;
  }
  return notify(0, state);
}
