// The number of words, which is how a failed lookup is told, stands in a structure that the header
// shows only to cracklib itself.
#define IN_CRACKLIB
#include <stdio.h>
#include <packer.h>

static inline PWDICT *havoc_dictionary_open(const char *path) {
  return PWOpen(path, (char *)"r");
}

/// 1 when the word, at most MAXWORDLEN - 1 bytes and in lower case, is in the dictionary.
static inline int havoc_dictionary_contains(PWDICT *dictionary, const char *word) {
  return FindPW(dictionary, (char *)word) != PW_WORDS(dictionary);
}
