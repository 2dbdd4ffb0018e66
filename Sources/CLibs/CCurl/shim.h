#include <curl/curl.h>

// libcurl's functions that set and get are variadic, which Swift can't call. Here stands one for
// each kind of value.

static inline CURLcode havoc_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode havoc_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode havoc_curl_set_list(
    CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

typedef size_t (*havoc_curl_data)(char *bytes, size_t size, size_t count, void *context);

static inline void havoc_curl_set_writer(CURL *easy, havoc_curl_data function, void *context) {
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline void havoc_curl_set_reader(CURL *easy, havoc_curl_data function, void *context) {
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, function);
  curl_easy_setopt(easy, CURLOPT_READDATA, context);
}

static inline long havoc_curl_response_code(CURL *easy) {
  long code = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
  return code;
}

typedef int (*havoc_curl_socket)(
    CURL *easy, curl_socket_t descriptor, int what, void *context, void *socket_context);
typedef int (*havoc_curl_timer)(CURLM *multi, long milliseconds, void *context);

static inline void havoc_curl_set_callbacks(
    CURLM *multi, havoc_curl_socket socket, havoc_curl_timer timer, void *context) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

/// The next transfer that has ended, with its result; NULL where there is none.
static inline CURL *havoc_curl_next_done(CURLM *multi, CURLcode *result) {
  int left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
  return NULL;
}
