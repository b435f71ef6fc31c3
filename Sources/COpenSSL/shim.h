/* OpenSSL 3's libcrypto, as far as the user-based security model needs it. */
#ifndef ORIEL_COPENSSL_SHIM_H
#define ORIEL_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

#endif
