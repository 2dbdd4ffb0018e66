#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// Of all that a client speaks, HTTP/1.1 is chosen; one that speaks none of it goes on without.
static int havoc_tls_choose(
    SSL *connection, const unsigned char **chosen, unsigned char *length,
    const unsigned char *offered, unsigned int count, void *context) {
  static const unsigned char http[] = "\x08http/1.1";
  (void)connection, (void)context;
  int status = SSL_select_next_proto(
      (unsigned char **)chosen, length, http, sizeof http - 1, offered, count);
  return status == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// The first certificate is the server's own, the others lead to an authority.
static inline int havoc_tls_use_chain(SSL_CTX *context, BIO *source) {
  X509 *certificate = PEM_read_bio_X509(source, NULL, NULL, NULL);
  int done = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1;
  X509_free(certificate);
  while (done && (certificate = PEM_read_bio_X509(source, NULL, NULL, NULL)) != NULL) {
    done = SSL_CTX_add0_chain_cert(context, certificate) == 1;
  }
  return done;
}

/// What connections in TLS 1.2 and 1.3 are made with; NULL where OpenSSL doesn't take it.
/// @param chain PEM, the server's own certificate first.
/// @param key PEM, of that certificate.
static inline SSL_CTX *havoc_tls_context(const char *chain, const char *key) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  BIO *certificates = BIO_new_mem_buf(chain, -1);
  BIO *secret = BIO_new_mem_buf(key, -1);
  EVP_PKEY *parsed = PEM_read_bio_PrivateKey(secret, NULL, NULL, "");
  int done = context != NULL && parsed != NULL
      && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
      && havoc_tls_use_chain(context, certificates)
      && SSL_CTX_use_PrivateKey(context, parsed) == 1;
  EVP_PKEY_free(parsed);
  BIO_free(certificates);
  BIO_free(secret);
  ERR_clear_error();
  if (!done) {
    SSL_CTX_free(context);
    return NULL;
  }
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(
      context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
          | SSL_MODE_RELEASE_BUFFERS);
  // Who comes again brings its session along in a ticket, so none is kept here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, havoc_tls_choose, NULL);
  return context;
}
