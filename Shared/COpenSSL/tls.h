#pragma once
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Function-like macros of OpenSSL, which Swift cannot import, under names of their own.

static inline int tls_only_1_3(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1;
}

static inline int tls_1_2_or_1_3(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1;
}

// Tells the server which of its names is meant (RFC 6066 §3).
static inline int tls_set_server_name(SSL *tls, const char *name) {
    return (int)SSL_set_tlsext_host_name(tls, name);
}

static inline int tls_set_groups(SSL_CTX *context, const char *names) {
    return (int)SSL_CTX_set1_groups_list(context, names);
}

static inline int tls_set_signature_algorithms(SSL_CTX *context, const char *names) {
    return (int)SSL_CTX_set1_sigalgs_list(context, names);
}

// Nothing is kept between connections: neither tickets nor sessions, nor early data.
static inline void tls_forget_sessions(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_recv_max_early_data(context, 0);
}

static inline void tls_set_small_memory(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

static inline void tls_set_certificates_max(SSL_CTX *context, long bytes) {
    SSL_CTX_set_max_cert_list(context, bytes);
}

static inline int tls_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline void tls_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void tls_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline SSL *tls_of_verification(X509_STORE_CTX *verification) {
    return (SSL *)X509_STORE_CTX_get_ex_data(
        verification, SSL_get_ex_data_X509_STORE_CTX_idx());
}

static inline int tls_set_owner(SSL *tls, void *owner) { return SSL_set_app_data(tls, owner); }
static inline int tls_has_peer(const SSL *tls) { return SSL_get0_peer_certificate(tls) != NULL; }
static inline void *tls_owner(const SSL *tls) { return SSL_get_app_data(tls); }

static inline int tls_name_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

// The bytes of a name that is a URI, which are not necessarily text, and their number; NULL for a
// name of another kind.
static inline const unsigned char *tls_name_uri(const GENERAL_NAMES *names, int index, int *count) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (name->type != GEN_URI) return NULL;
    *count = ASN1_STRING_length(name->d.uniformResourceIdentifier);
    return ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
}

static inline GENERAL_NAMES *tls_alternative_names(const X509 *certificate) {
    return (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

static inline void tls_free_names(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }

static inline X509_STORE *tls_store(SSL_CTX *context) { return SSL_CTX_get_cert_store(context); }

static inline STACK_OF(X509) *tls_new_chain(void) { return sk_X509_new_null(); }
static inline int tls_chain_add(STACK_OF(X509) *chain, X509 *certificate) {
    return X509_up_ref(certificate) && sk_X509_push(chain, certificate);
}
static inline void tls_free_chain(STACK_OF(X509) *chain) { sk_X509_pop_free(chain, X509_free); }

// 1 when the whole end has been read, so that what is left is no certificate at all.
static inline int tls_is_end_of_pem(void) {
    unsigned long code = ERR_peek_last_error();
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

// Its header declares it only under _GNU_SOURCE, which clashes with Swift's Glibc module.
extern int memfd_create(const char *name, unsigned int flags);

// A file that stands on no disk and is closed where another program is started (MFD_CLOEXEC).
static inline int tls_memory_file(void) { return memfd_create("certificate", 1U); }

static inline EVP_PKEY *tls_new_key(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static inline int tls_set_common_name(X509_NAME *name, const char *text) {
    return X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0);
}

// Appends an extension in the words of x509v3_config(5); 1 when it could be made.
static inline int tls_add_extension(
    X509 *certificate, X509 *issuer, int name, const char *words) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, name, words);
    if (extension == NULL) return 0;
    int added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

// What has been written into a BIO of memory, valid until it is freed, and its length.
static inline const char *tls_written(BIO *bio, long *count) {
    char *bytes = NULL;
    *count = BIO_get_mem_data(bio, &bytes);
    return bytes;
}
