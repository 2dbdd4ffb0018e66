#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <time.h>

// AES-256-GCM in one call, since the cipher's set-up is macros, which Swift doesn't see: it seals, or
// opens where `seals` is 0. The key has 32 bytes, the nonce 12, the tag 16, which sealing writes and
// opening checks. Returns 1 when it is done.
static inline int havoc_gcm(
    int seals, const unsigned char *key, const unsigned char *nonce, const unsigned char *label,
    size_t label_length, const unsigned char *value, size_t length, unsigned char *output,
    unsigned char *tag) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int count = 0;
  int done = context != NULL
      && EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce, seals) == 1
      && EVP_CipherUpdate(context, NULL, &count, label, (int)label_length) == 1
      && EVP_CipherUpdate(context, output, &count, value, (int)length) == 1
      && (seals || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, tag) == 1)
      && EVP_CipherFinal_ex(context, output + count, &count) == 1
      && (!seals || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, tag) == 1);
  EVP_CIPHER_CTX_free(context);
  return done;
}

// Answers that there is no passphrase, where OpenSSL would ask on the terminal.
static inline int havoc_no_passphrase(char *buffer, int size, int writes, void *context) {
  (void)buffer, (void)size, (void)writes, (void)context;
  return -1;
}

// Whether reading PEM ended because nothing more of it came, and not in the middle of something.
static inline int havoc_pem_is_at_end(void) {
  unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// Seconds since 1970 of a time in a certificate; 0 where it can't be read.
static inline long long havoc_asn1_seconds(const ASN1_TIME *moment) {
  struct tm parts;
  return ASN1_TIME_to_tm(moment, &parts) == 1 ? (long long)timegm(&parts) : 0;
}
