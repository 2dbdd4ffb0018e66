#ifndef HAVOC_CSYSTEMD_H
#define HAVOC_CSYSTEMD_H

// libsystemd, loaded when there is a service manager to talk to: no other command needs its
// libraries.

/// As sd_notify(3): 0 where nobody listens, or the library isn't installed.
int havoc_sd_notify(const char *state);

#endif
