#include <curl/curl.h>

// libcurl, loaded when it is first used: with its own libraries it takes nearly as long to load as
// the whole rest of the program, and only a server that sends mail or asks another service needs it.
// Its variadic functions, which Swift can't call, are here one for each kind of value.

/// Loads the library, once; 0 where it isn't installed. Everything else needs it.
int havoc_curl_load(void);

CURLM *havoc_curl_multi_init(void);
void havoc_curl_multi_cleanup(CURLM *multi);
void havoc_curl_add(CURLM *multi, CURL *easy);
void havoc_curl_remove(CURLM *multi, CURL *easy);
void havoc_curl_act(CURLM *multi, curl_socket_t descriptor, int what);
/// The next transfer that has ended, with its result; NULL where there is none.
CURL *havoc_curl_next_done(CURLM *multi, CURLcode *result);

typedef int (*havoc_curl_socket)(
    CURL *easy, curl_socket_t descriptor, int what, void *context, void *socket_context);
typedef int (*havoc_curl_timer)(CURLM *multi, long milliseconds, void *context);
void havoc_curl_set_callbacks(
    CURLM *multi, havoc_curl_socket socket, havoc_curl_timer timer, void *context);

CURL *havoc_curl_easy_init(void);
void havoc_curl_easy_cleanup(CURL *easy);
void havoc_curl_set_long(CURL *easy, CURLoption option, long value);
void havoc_curl_set_text(CURL *easy, CURLoption option, const char *value);
void havoc_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value);

typedef size_t (*havoc_curl_data)(char *bytes, size_t size, size_t count, void *context);
void havoc_curl_set_writer(CURL *easy, havoc_curl_data function, void *context);
void havoc_curl_set_reader(CURL *easy, havoc_curl_data function, void *context);

long havoc_curl_response_code(CURL *easy);
const char *havoc_curl_error(CURLcode code);

struct curl_slist *havoc_curl_append(struct curl_slist *list, const char *text);
void havoc_curl_free_list(struct curl_slist *list);
