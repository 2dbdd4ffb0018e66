#include <jansson.h>

// json_decref is a macro-laden inline function over atomics; Swift sees this one.
static inline void havoc_json_release(json_t *value) { json_decref(value); }
