#ifndef HAVOC_CSYSTEMD_H
#define HAVOC_CSYSTEMD_H

#include <stdint.h>

// libsystemd, loaded when there is a service manager to talk to: no other command needs its
// libraries.

/// As sd_notify(3): 0 where nobody listens, or the library isn't installed.
int havoc_sd_notify(const char *state);

/// As sd_listen_fds_with_names(3), which clears the environment of what it has read.
int havoc_sd_listen_fds(char ***names);

/// As sd_watchdog_enabled(3).
int havoc_sd_watchdog_enabled(uint64_t *microseconds);

#endif
