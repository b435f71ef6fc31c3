// Layer: SNMPSecurity. Uses: COpenSSL. Used by: message protection and checking.
// A prepared cipher for one localized privacy key. All work happens in place: a copy of at most 64 KB costs
// nothing beside the cipher, and padding then needs no second path.

internal import COpenSSL

/// Encrypts and decrypts scoped PDUs with one localized privacy key (RFC 3414, 8; RFC 3826, 3;
/// draft-reeder-snmpv3-usm-3desede-00, 5).
///
/// Not thread-safe: it reuses two OpenSSL contexts. Swift allocates nothing per message. The keys live inside
/// OpenSSL and are wiped with the last reference.
///
/// The salt is the number whose big-endian octets are `msgPrivacyParameters`; `PrivProtocol.salt` makes it. A
/// sender must never use one twice under the same key. `engineBoots` and `engineTime` are the values in the
/// message's security parameters; only AES looks at them.
public final class PrivacyCipher {
    /// Octets of `msgPrivacyParameters`, for every protocol.
    public static let saltByteCount = 8

    /// The protocol, which fixes padding and initialisation vector.
    public let priv: PrivProtocol

    private let encryption: CipherContext
    private let decryption: CipherContext

    // Second half of a DES key, last quarter of a 3DES key; nil for AES.
    private let preIV: SecretBytes?

    /// Prepares `key`, whose length must be `priv.keyByteCount`; see `KeyDerivation.privacyKey`.
    ///
    /// Throws `keyLengthInvalid`, `algorithmUnavailable`, `cryptoFailure`.
    public init(_ priv: PrivProtocol, key: SecretBytes) throws(SecurityError) {
        guard key.byteCount == priv.keyByteCount else { throw .keyLengthInvalid }
        let cipherKey: SecretBytes
        let algorithm: CryptoAlgorithm
        switch priv {
        case .des:
            // OpenSSL 3 keeps single DES in its legacy provider, which is often absent. EDE with three equal keys
            // is single DES, and the default provider has it.
            algorithm = .tripleDESCBC
            cipherKey = key.slice(0..<8).repeated(3)
            preIV = key.slice(8..<16)
        case .tripleDES:
            algorithm = .tripleDESCBC
            cipherKey = key.slice(0..<24)
            preIV = key.slice(24..<32)
        case .aes128:
            (algorithm, cipherKey, preIV) = (.aes128CFB, key, nil)
        case .aes192:
            (algorithm, cipherKey, preIV) = (.aes192CFB, key, nil)
        case .aes256:
            (algorithm, cipherKey, preIV) = (.aes256CFB, key, nil)
        }
        self.priv = priv
        encryption = try CipherContext(algorithm, cipherKey, encrypts: true)
        decryption = try CipherContext(algorithm, cipherKey, encrypts: false)
    }

    /// The salt that received privacy parameters hold; throws `saltLengthInvalid` unless they are eight octets.
    public static func salt(privacyParameters: RawSpan) throws(SecurityError) -> UInt64 {
        guard privacyParameters.byteCount == saltByteCount else { throw .saltLengthInvalid }
        return privacyParameters.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
    }

    /// Octets of ciphertext for `plaintextByteCount` octets, which must not be negative nor near `Int.max`.
    public func ciphertextByteCount(plaintextByteCount: Int) -> Int {
        let block = priv.blockByteCount
        return (plaintextByteCount + block - 1) / block * block
    }

    /// Encrypts `plaintext` into `output` and returns the number of octets written,
    /// `ciphertextByteCount(plaintextByteCount:)`. Padding is zero.
    ///
    /// Throws `dataLengthInvalid` for empty or oversized plaintext, `bufferTooSmall`, `cryptoFailure`.
    public func encrypt(
        _ plaintext: RawSpan, engineBoots: UInt32, engineTime: UInt32, salt: UInt64,
        into output: UnsafeMutableRawBufferPointer
    ) throws(SecurityError) -> Int {
        guard plaintext.byteCount <= output.count else { throw .bufferTooSmall }
        plaintext.withUnsafeBytes { output.copyMemory(from: $0) }
        return try encryptInPlace(
            output, plaintextByteCount: plaintext.byteCount, engineBoots: engineBoots, engineTime: engineTime,
            salt: salt)
    }

    /// Encrypts the first `plaintextByteCount` octets of `buffer` where they stand, pads them with zeros, and
    /// returns the number of octets of ciphertext.
    ///
    /// Throws `dataLengthInvalid` for empty or oversized plaintext, `bufferTooSmall` when the padding does not
    /// fit, `cryptoFailure`.
    public func encryptInPlace(
        _ buffer: UnsafeMutableRawBufferPointer, plaintextByteCount: Int, engineBoots: UInt32, engineTime: UInt32,
        salt: UInt64
    ) throws(SecurityError) -> Int {
        guard plaintextByteCount > 0, plaintextByteCount < Int(Int32.max) - 8 else { throw .dataLengthInvalid }
        let total = ciphertextByteCount(plaintextByteCount: plaintextByteCount)
        guard total <= buffer.count else { throw .bufferTooSmall }
        for index in plaintextByteCount..<total { buffer[index] = 0 }
        try encryption.run(
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<total]), vector(engineBoots, engineTime, salt))
        return total
    }

    /// Decrypts `ciphertext` into the start of `output`, which then holds as many octets including any padding.
    ///
    /// Throws `dataLengthInvalid` when the ciphertext is empty, oversized or no multiple of the block length,
    /// `bufferTooSmall`, `cryptoFailure`.
    public func decrypt(
        _ ciphertext: RawSpan, engineBoots: UInt32, engineTime: UInt32, salt: UInt64,
        into output: UnsafeMutableRawBufferPointer
    ) throws(SecurityError) {
        let count = ciphertext.byteCount
        guard count <= output.count else { throw .bufferTooSmall }
        ciphertext.withUnsafeBytes { output.copyMemory(from: $0) }
        try decryptInPlace(
            UnsafeMutableRawBufferPointer(rebasing: output[..<count]), engineBoots: engineBoots,
            engineTime: engineTime, salt: salt)
    }

    /// Decrypts the whole of `buffer` where it stands; padding stays at its end, for the decoder to ignore.
    ///
    /// Throws `dataLengthInvalid` when the buffer is empty, oversized or no multiple of the block length
    /// (RFC 3414, 8.1.1.3), `cryptoFailure`.
    public func decryptInPlace(
        _ buffer: UnsafeMutableRawBufferPointer, engineBoots: UInt32, engineTime: UInt32, salt: UInt64
    ) throws(SecurityError) {
        guard buffer.count > 0, buffer.count <= Int(Int32.max), buffer.count % priv.blockByteCount == 0 else {
            throw .dataLengthInvalid
        }
        try decryption.run(buffer, vector(engineBoots, engineTime, salt))
    }

    /// The initialisation vector: salt XOR pre-IV (RFC 3414, 8.1.1.1; the 3DES draft, 5.1.1.1.2), or
    /// boots, time and salt (RFC 3826, 3.1.2.1). DES ignores the second word.
    private func vector(_ engineBoots: UInt32, _ engineTime: UInt32, _ salt: UInt64) -> (UInt64, UInt64) {
        if let preIV {
            let mask = preIV.withBytes { $0.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } }
            return (salt.bigEndian ^ mask, 0)
        }
        return ((UInt64(engineBoots) << 32 | UInt64(engineTime)).bigEndian, salt.bigEndian)
    }
}

/// An OpenSSL cipher context with its key set, for one direction.
private final class CipherContext {
    private let pointer: OpaquePointer

    init(_ algorithm: CryptoAlgorithm, _ key: SecretBytes, encrypts: Bool) throws(SecurityError) {
        let cipher = try algorithm.fetched()
        guard let pointer = EVP_CIPHER_CTX_new() else { throw .cryptoFailure }
        self.pointer = pointer
        precondition(key.byteCount == Int(EVP_CIPHER_get_key_length(cipher)), "cipher key length")
        let status = key.withBytes { bytes in
            bytes.withUnsafeBytes {
                EVP_CipherInit_ex2(
                    pointer, cipher, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, encrypts ? 1 : 0, nil)
            }
        }
        try check(status)
        try check(EVP_CIPHER_CTX_set_padding(pointer, 0))
    }

    deinit { EVP_CIPHER_CTX_free(pointer) }

    /// Runs the cipher over `buffer` in place; the caller has checked that its length is whole blocks and fits
    /// 32 bits. Without padding OpenSSL keeps nothing back, so there is no final step.
    func run(_ buffer: UnsafeMutableRawBufferPointer, _ vector: (UInt64, UInt64)) throws(SecurityError) {
        let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var written: Int32 = 0
        var vector = vector
        let status = withUnsafeBytes(of: &vector) {
            EVP_CipherInit_ex2(pointer, nil, nil, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), -1, nil)
        }
        try check(status)
        try check(EVP_CipherUpdate(pointer, start, &written, start, Int32(buffer.count)))
        guard Int(written) == buffer.count else { throw .cryptoFailure }
    }
}
