#include <yajl/yajl_parse.h>

// The cases of yajl's enums, as plain numbers.
static const unsigned int HAVOC_YAJL_OK = yajl_status_ok;
static const unsigned int HAVOC_YAJL_CANCELED = yajl_status_client_canceled;
