/* How many argon2id verifications all cores do in a second, with nothing around them.
 *
 * usage: rate PHC-HASH PASSWORD THREADS SECONDS
 * prints: verifications seconds
 */
#include <argon2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_THREADS = 256 };

static const char *hash, *password;
static atomic_int stop;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct count {
  long done;
  /* When the last verification ended: a rate over whole ones has no edge. */
  double end;
};

static void *verify(void *argument) {
  struct count *count = argument;
  while (!atomic_load(&stop)) {
    if (argon2id_verify(hash, password, strlen(password)) != ARGON2_OK) {
      fputs("rate: the password doesn't match the hash\n", stderr);
      exit(1);
    }
    count->done++;
    count->end = now();
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fputs("usage: rate PHC-HASH PASSWORD THREADS SECONDS\n", stderr);
    return 2;
  }
  hash = argv[1];
  password = argv[2];
  int threads = atoi(argv[3]);
  double seconds = atof(argv[4]);
  if (threads < 1 || threads > MAX_THREADS || seconds <= 0) return 2;

  pthread_t ids[MAX_THREADS];
  struct count counts[MAX_THREADS] = {{0}};
  double start = now();
  for (int i = 0; i < threads; i++) {
    if (pthread_create(&ids[i], NULL, verify, &counts[i]) != 0) return 1;
  }
  struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&pause, NULL);
  atomic_store(&stop, 1);
  long done = 0;
  double rate = 0;
  for (int i = 0; i < threads; i++) {
    pthread_join(ids[i], NULL);
    done += counts[i].done;
    if (counts[i].done > 0) rate += (double)counts[i].done / (counts[i].end - start);
  }
  printf("%ld %.6f\n", done, rate > 0 ? (double)done / rate : seconds);
  return 0;
}
