#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

// AES-256-GCM in one call each: its contexts are set up by macros, which Swift doesn't see. The key
// has 32 bytes, the nonce 12, the tag 16; both return 1 when it is done.

static inline int havoc_gcm_seal(
    const unsigned char *key, const unsigned char *nonce, const unsigned char *label,
    size_t label_length, const unsigned char *value, size_t length, unsigned char *output,
    unsigned char *tag) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int count = 0;
  int done = context != NULL
      && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1
      && EVP_EncryptUpdate(context, NULL, &count, label, (int)label_length) == 1
      && EVP_EncryptUpdate(context, output, &count, value, (int)length) == 1
      && EVP_EncryptFinal_ex(context, output + count, &count) == 1
      && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, tag) == 1;
  EVP_CIPHER_CTX_free(context);
  return done;
}

static inline int havoc_gcm_open(
    const unsigned char *key, const unsigned char *nonce, const unsigned char *label,
    size_t label_length, const unsigned char *value, size_t length, unsigned char *output,
    unsigned char *tag) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int count = 0;
  int done = context != NULL
      && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1
      && EVP_DecryptUpdate(context, NULL, &count, label, (int)label_length) == 1
      && EVP_DecryptUpdate(context, output, &count, value, (int)length) == 1
      && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, tag) == 1
      && EVP_DecryptFinal_ex(context, output + count, &count) == 1;
  EVP_CIPHER_CTX_free(context);
  return done;
}
