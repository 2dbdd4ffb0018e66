// Tells ThreadSanitizer what the Swift runtime does, which is compiled without it.
//
// Two orders between threads are made inside the runtime where the sanitizer sees nothing of them, and
// what they protect would be reported as racing:
//
// - A Mutex that is contended is locked and unlocked by its slow path; the fast one is compiled into
//   whoever uses it, and seen.
// - A continuation that is resumed before its task waits for it lets the task go on at once. One that
//   is resumed later is enqueued, which the runtime tells by itself.
//
// Preloaded, this stands before the runtime's own functions, says what they are about to do, and calls
// them. Nothing is suppressed: what holds no lock, or resumes nothing, is reported as ever.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// There in a program that is compiled with the sanitizer, and missing in what it starts.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

extern void *swift_task_getCurrent(void) __attribute__((swiftcall, weak));

static void acquire(void *address) {
  if (__tsan_acquire) __tsan_acquire(address);
}

static void release(void *address) {
  if (__tsan_release) __tsan_release(address);
}

static void *original(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (function == NULL) abort();
  return function;
}

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SWIFT_ASYNC __attribute__((swiftasynccall))
#define SELF __attribute__((swift_context))

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK_SLOW);
SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
  SWIFT void (*function)(uint32_t, SELF void *) = original(LOCK_SLOW);
  function(thread, mutex);
  acquire(mutex);
}

SWIFT void unlock_slow(SELF void *mutex) __asm__(UNLOCK_SLOW);
SWIFT void unlock_slow(SELF void *mutex) {
  SWIFT void (*function)(SELF void *) = original(UNLOCK_SLOW);
  release(mutex);
  function(mutex);
}

#define RESUME(name)                                        \
  SWIFT void name(void *task) {                             \
    SWIFT void (*function)(void *) = original(#name);       \
    release(task);                                          \
    function(task);                                         \
  }
RESUME(swift_continuation_resume)
RESUME(swift_continuation_throwingResume)

SWIFT void swift_continuation_throwingResumeWithError(void *task, void *error) {
  SWIFT void (*function)(void *, void *) = original("swift_continuation_throwingResumeWithError");
  release(task);
  function(task, error);
}

SWIFT_ASYNC void swift_continuation_await(void *context) {
  SWIFT_ASYNC void (*function)(void *) = original("swift_continuation_await");
  acquire(swift_task_getCurrent());
  __attribute__((musttail)) return function(context);
}
