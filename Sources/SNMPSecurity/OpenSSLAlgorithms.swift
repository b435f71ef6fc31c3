// Layer: SNMPSecurity. Uses: COpenSSL. Used by: KeyDerivation, Authenticator, PrivacyCipher.
// Fetches each OpenSSL algorithm once per process and offers a one-shot hash over several pieces.

internal import COpenSSL

/// Pointers to fetched algorithms. They are immutable and counted by OpenSSL, hence safe to share; they are kept
/// for the life of the process because a fetch costs more than hashing a message.
private struct Fetched: @unchecked Sendable {
    let pointer: OpaquePointer?

    static func digest(_ algorithm: CryptoAlgorithm) -> Fetched {
        Fetched(pointer: EVP_MD_fetch(nil, algorithm.rawValue, nil))
    }
    static func cipher(_ algorithm: CryptoAlgorithm) -> Fetched {
        Fetched(pointer: EVP_CIPHER_fetch(nil, algorithm.rawValue, nil))
    }

    static let md5 = digest(.md5)
    static let sha1 = digest(.sha1)
    static let sha224 = digest(.sha224)
    static let sha256 = digest(.sha256)
    static let sha384 = digest(.sha384)
    static let sha512 = digest(.sha512)
    static let hmac = Fetched(pointer: EVP_MAC_fetch(nil, CryptoAlgorithm.hmac.rawValue, nil))
    static let tripleDES = cipher(.tripleDESCBC)
    static let aes128 = cipher(.aes128CFB)
    static let aes192 = cipher(.aes192CFB)
    static let aes256 = cipher(.aes256CFB)
}

extension CryptoAlgorithm {
    /// OpenSSL's `EVP_MD`, `EVP_MAC` or `EVP_CIPHER` for this algorithm; throws `algorithmUnavailable`.
    func fetched() throws(SecurityError) -> OpaquePointer {
        let result =
            switch self {
            case .hmac: Fetched.hmac
            case .md5: Fetched.md5
            case .sha1: Fetched.sha1
            case .sha224: Fetched.sha224
            case .sha256: Fetched.sha256
            case .sha384: Fetched.sha384
            case .sha512: Fetched.sha512
            case .tripleDESCBC: Fetched.tripleDES
            case .aes128CFB: Fetched.aes128
            case .aes192CFB: Fetched.aes192
            case .aes256CFB: Fetched.aes256
            }
        guard let pointer = result.pointer else {
            ERR_clear_error()
            throw .algorithmUnavailable(self)
        }
        return pointer
    }
}

/// Turns OpenSSL's 1 for success into a typed error and empties its error queue.
@inline(__always)
func check(_ status: Int32) throws(SecurityError) {
    if status != 1 {
        ERR_clear_error()
        throw .cryptoFailure
    }
}

/// A running hash for key derivation; frees (and thereby wipes) OpenSSL's context at the end of its life.
final class RunningHash {
    private let context: OpaquePointer

    init(_ algorithm: CryptoAlgorithm) throws(SecurityError) {
        let digest = try algorithm.fetched()
        guard let context = EVP_MD_CTX_new() else { throw .cryptoFailure }
        self.context = context
        try check(EVP_DigestInit_ex2(context, digest, nil))
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Appends `bytes` to what is hashed.
    func update(_ bytes: RawSpan) throws(SecurityError) {
        try bytes.withUnsafeBytes { (buffer) throws(SecurityError) in
            try check(EVP_DigestUpdate(context, buffer.baseAddress, buffer.count))
        }
    }

    /// Writes the digest to `output`, whose length must be the digest's; the hash cannot be used again.
    func finish(into output: UnsafeMutableRawBufferPointer) throws(SecurityError) {
        precondition(output.count == Int(EVP_MD_get_size(EVP_MD_CTX_get0_md(context))), "digest length")
        try check(EVP_DigestFinal_ex(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil))
    }
}
