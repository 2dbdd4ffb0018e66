#include <yajl/yajl_parse.h>

// A case of yajl's enum, as a plain number.
static const unsigned int HAVOC_YAJL_OK = yajl_status_ok;
