// Layer: SNMPSecurity. Used by: the manager and agent engines.
// What can go wrong between a password and a checked message; trivial values, cheap to throw on hot paths.

/// Why a key, a signature or an encryption was refused.
///
/// No case carries key, password or message bytes.
public enum SecurityError: Error, Equatable, Sendable {
    /// The password has fewer than eight octets (RFC 3414, 11.2).
    case passwordTooShort
    /// A key given as bytes does not have the length that its protocol demands.
    case keyLengthInvalid
    /// The user name is empty or has more than 32 octets (RFC 3414, `usmUserName`).
    case userNameLengthInvalid
    /// A message's authentication parameters do not have the protocol's exact length (RFC 3414, 6.3.2 step 1).
    case macLengthInvalid
    /// The signature does not belong to the message and key (RFC 3414, 3.2 step 6: `wrongDigest`).
    case wrongDigest
    /// A message's privacy parameters are not eight octets long (RFC 3414, 8.3.2; RFC 3826, 3.3.2).
    case saltLengthInvalid
    /// The data cannot be encrypted or decrypted: it is empty, too long, or no multiple of the block length.
    case dataLengthInvalid
    /// The caller's output buffer is too small.
    case bufferTooSmall
    /// OpenSSL does not offer the algorithm, as its FIPS configuration does for MD5 and DES.
    case algorithmUnavailable(CryptoAlgorithm)
    /// OpenSSL failed for a reason of its own, in practice for lack of memory.
    case cryptoFailure
}

/// The primitives taken from OpenSSL; raw values are OpenSSL's own names.
public enum CryptoAlgorithm: String, Sendable, CaseIterable {
    /// The HMAC construction itself (RFC 2104).
    case hmac = "HMAC"
    /// RFC 1321.
    case md5 = "MD5"
    /// FIPS 180-4.
    case sha1 = "SHA1"
    /// FIPS 180-4.
    case sha224 = "SHA2-224"
    /// FIPS 180-4.
    case sha256 = "SHA2-256"
    /// FIPS 180-4.
    case sha384 = "SHA2-384"
    /// FIPS 180-4.
    case sha512 = "SHA2-512"
    /// Triple DES in CBC mode; single DES runs on it with three equal keys.
    case tripleDESCBC = "DES-EDE3-CBC"
    /// AES in CFB mode with 128-bit feedback and a 128-bit key.
    case aes128CFB = "AES-128-CFB"
    /// AES in CFB mode with 128-bit feedback and a 192-bit key.
    case aes192CFB = "AES-192-CFB"
    /// AES in CFB mode with 128-bit feedback and a 256-bit key.
    case aes256CFB = "AES-256-CFB"
}
