// Layer: StationStore. Uses: COpenSSL. Used by: Recorder, Reader.
// Secrets sealed with AES-256-GCM (NIST SP 800-38D): version (1), nonce (12 bytes), ciphertext, tag (16 bytes).

internal import COpenSSL

/// The key of a data directory. Wiped when the last reference goes; never printed.
final class SealingKey: @unchecked Sendable {
    /// The bytes of a key.
    static let byteCount = 32
    private static let version: UInt8 = 1
    private static let nonceByteCount = 12
    private static let tagByteCount = 16

    // Set once; changed in `deinit` only.
    private var bytes: [UInt8]

    /// Takes a key of 32 bytes; nil for any other number.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    deinit { OPENSSL_cleanse(&bytes, bytes.count) }

    /// Random bytes of the system's generator, good for keys and nonces.
    static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// What is bound in: the device that the secret belongs to.
    private static func context(_ device: Int32) -> [UInt8] { Array("oriel station device \(device)".utf8) }

    /// Seals a device's secret, at most 64 KiB. `encryptionFailed`.
    func seal(_ plain: [UInt8], device: Int32) throws(StoreError) -> [UInt8] {
        precondition(plain.count <= 1 << 16, "secrets are short")
        let nonce = Self.randomBytes(Self.nonceByteCount)
        let cipher = try GCM(key: bytes, nonce: nonce, encrypts: true)
        try cipher.authenticate(Self.context(device))
        let sealed = try cipher.run(plain)
        guard cipher.finish() else { throw .encryptionFailed }
        return [Self.version] + nonce + sealed + (try cipher.tag(Self.tagByteCount))
    }

    /// Opens a device's secret. `secretsUnreadable` if it is damaged, of another device or of another key.
    func open(_ sealed: [UInt8], device: Int32) throws(StoreError) -> [UInt8] {
        let least = 1 + Self.nonceByteCount + Self.tagByteCount
        guard sealed.count >= least, sealed.count <= 1 << 17, sealed[0] == Self.version
        else { throw .secretsUnreadable(device: device) }
        let end = sealed.count - Self.tagByteCount
        let cipher = try GCM(key: bytes, nonce: Array(sealed[1..<1 + Self.nonceByteCount]), encrypts: false)
        try cipher.authenticate(Self.context(device))
        var plain = try cipher.run(Array(sealed[(1 + Self.nonceByteCount)..<end]))
        try cipher.setTag(Array(sealed[end...]))
        guard cipher.finish() else {
            OPENSSL_cleanse(&plain, plain.count)
            throw .secretsUnreadable(device: device)
        }
        return plain
    }
}

/// One run of AES-256-GCM.
private final class GCM {
    private let context: OpaquePointer

    init(key: [UInt8], nonce: [UInt8], encrypts: Bool) throws(StoreError) {
        guard let context = EVP_CIPHER_CTX_new() else { throw .encryptionFailed }
        self.context = context
        // The default length of a nonce is 12 bytes.
        try check(EVP_CipherInit_ex2(context, EVP_aes_256_gcm(), key, nonce, encrypts ? 1 : 0, nil))
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Turns OpenSSL's 1 for success into an error and empties its error queue.
    private func check(_ status: Int32) throws(StoreError) {
        if status != 1 {
            ERR_clear_error()
            throw .encryptionFailed
        }
    }

    /// Takes bytes that the tag covers and that aren't in the text.
    func authenticate(_ bytes: [UInt8]) throws(StoreError) {
        var count: Int32 = 0
        try check(EVP_CipherUpdate(context, nil, &count, bytes, Int32(bytes.count)))
    }

    /// Encrypts or decrypts. GCM keeps nothing back.
    func run(_ bytes: [UInt8]) throws(StoreError) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: bytes.count)
        var count: Int32 = 0
        try check(EVP_CipherUpdate(context, &output, &count, bytes, Int32(bytes.count)))
        guard Int(count) == bytes.count else { throw .encryptionFailed }
        return output
    }

    /// Ends it; false if the tag doesn't fit.
    func finish() -> Bool {
        var nothing: [UInt8] = Array(repeating: 0, count: 16)
        var count: Int32 = 0
        let isFine = EVP_CipherFinal_ex(context, &nothing, &count) == 1
        if !isFine { ERR_clear_error() }
        return isFine
    }

    /// The tag of what was encrypted.
    func tag(_ count: Int) throws(StoreError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: count)
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(count), &tag))
        return tag
    }

    /// The tag that decrypting has to find.
    func setTag(_ tag: [UInt8]) throws(StoreError) {
        var tag = tag
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag))
    }
}
