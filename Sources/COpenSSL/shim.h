/* OpenSSL 3's libcrypto, as far as the user-based security model needs it. */
#ifndef ORIEL_COPENSSL_SHIM_H
#define ORIEL_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

/* Gives an HMAC context its hash and key. The parameter list needs a mutable C string that
   OpenSSL does not change, which Swift cannot express without copying. */
static inline int oriel_hmac_set_key(EVP_MAC_CTX *context, const char *digest,
                                     const void *key, size_t key_length)
{
    OSSL_PARAM parameters[2];
    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0);
    parameters[1] = OSSL_PARAM_construct_end();
    return EVP_MAC_init(context, (const unsigned char *)key, key_length, parameters);
}

#endif
