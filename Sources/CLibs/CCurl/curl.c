#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>

// The functions of libcurl by their names, filled in by `load`.
static struct {
  CURLcode (*global_init)(long);
  CURLM *(*multi_init)(void);
  CURLMcode (*multi_cleanup)(CURLM *);
  CURLMcode (*multi_add_handle)(CURLM *, CURL *);
  CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
  CURLMcode (*multi_socket_action)(CURLM *, curl_socket_t, int, int *);
  CURLMsg *(*multi_info_read)(CURLM *, int *);
  CURLMcode (*multi_setopt)(CURLM *, CURLMoption, ...);
  CURL *(*easy_init)(void);
  void (*easy_cleanup)(CURL *);
  CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
  CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
  const char *(*easy_strerror)(CURLcode);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free_all)(struct curl_slist *);
} curl;

static int is_loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  const struct {
    void **function;
    const char *name;
  } names[] = {
      {(void **)&curl.global_init, "curl_global_init"},
      {(void **)&curl.multi_init, "curl_multi_init"},
      {(void **)&curl.multi_cleanup, "curl_multi_cleanup"},
      {(void **)&curl.multi_add_handle, "curl_multi_add_handle"},
      {(void **)&curl.multi_remove_handle, "curl_multi_remove_handle"},
      {(void **)&curl.multi_socket_action, "curl_multi_socket_action"},
      {(void **)&curl.multi_info_read, "curl_multi_info_read"},
      {(void **)&curl.multi_setopt, "curl_multi_setopt"},
      {(void **)&curl.easy_init, "curl_easy_init"},
      {(void **)&curl.easy_cleanup, "curl_easy_cleanup"},
      {(void **)&curl.easy_setopt, "curl_easy_setopt"},
      {(void **)&curl.easy_getinfo, "curl_easy_getinfo"},
      {(void **)&curl.easy_strerror, "curl_easy_strerror"},
      {(void **)&curl.slist_append, "curl_slist_append"},
      {(void **)&curl.slist_free_all, "curl_slist_free_all"},
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    *names[i].function = dlsym(library, names[i].name);
    if (*names[i].function == NULL) return;
  }
  is_loaded = curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

int havoc_curl_load(void) {
  pthread_once(&once, load);
  return is_loaded;
}

CURLM *havoc_curl_multi_init(void) { return curl.multi_init(); }
void havoc_curl_multi_cleanup(CURLM *multi) { curl.multi_cleanup(multi); }
void havoc_curl_add(CURLM *multi, CURL *easy) { curl.multi_add_handle(multi, easy); }
void havoc_curl_remove(CURLM *multi, CURL *easy) { curl.multi_remove_handle(multi, easy); }

void havoc_curl_act(CURLM *multi, curl_socket_t descriptor, int what) {
  int running;
  curl.multi_socket_action(multi, descriptor, what, &running);
}

CURL *havoc_curl_next_done(CURLM *multi, CURLcode *result) {
  int left;
  CURLMsg *message;
  while ((message = curl.multi_info_read(multi, &left)) != NULL) {
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
  return NULL;
}

void havoc_curl_set_callbacks(
    CURLM *multi, havoc_curl_socket socket, havoc_curl_timer timer, void *context) {
  curl.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  curl.multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  curl.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  curl.multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

CURL *havoc_curl_easy_init(void) { return curl.easy_init(); }
void havoc_curl_easy_cleanup(CURL *easy) { curl.easy_cleanup(easy); }

void havoc_curl_set_long(CURL *easy, CURLoption option, long value) {
  curl.easy_setopt(easy, option, value);
}

void havoc_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  curl.easy_setopt(easy, option, value);
}

void havoc_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  curl.easy_setopt(easy, option, value);
}

void havoc_curl_set_writer(CURL *easy, havoc_curl_data function, void *context) {
  curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
  curl.easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

void havoc_curl_set_reader(CURL *easy, havoc_curl_data function, void *context) {
  curl.easy_setopt(easy, CURLOPT_READFUNCTION, function);
  curl.easy_setopt(easy, CURLOPT_READDATA, context);
}

long havoc_curl_response_code(CURL *easy) {
  long code = 0;
  curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
  return code;
}

const char *havoc_curl_error(CURLcode code) { return curl.easy_strerror(code); }

struct curl_slist *havoc_curl_append(struct curl_slist *list, const char *text) {
  return curl.slist_append(list, text);
}

void havoc_curl_free_list(struct curl_slist *list) { curl.slist_free_all(list); }
