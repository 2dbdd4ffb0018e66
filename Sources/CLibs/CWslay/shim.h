#include <wslay/wslay.h>

// The cases of wslay's anonymous enums, as the plain numbers that its functions take.
static const int HAVOC_WSLAY_WOULDBLOCK = WSLAY_ERR_WOULDBLOCK;
static const uint8_t HAVOC_WSLAY_TEXT = WSLAY_TEXT_FRAME;
static const uint8_t HAVOC_WSLAY_BINARY = WSLAY_BINARY_FRAME;
static const uint8_t HAVOC_WSLAY_CLOSE = WSLAY_CONNECTION_CLOSE;
static const uint8_t HAVOC_WSLAY_PING = WSLAY_PING;
static const uint8_t HAVOC_WSLAY_PONG = WSLAY_PONG;
