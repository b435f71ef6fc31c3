// Layer: Sealing. Uses: COpenSSL. Used by: StationStore, WinSNMPDatabase.
// Secrets sealed with AES-256-GCM (NIST SP 800-38D): version (1), nonce (12 bytes), ciphertext, tag (16 bytes).

internal import COpenSSL

/// Why something could not be sealed or opened.
public enum SealingError: Error, Hashable, Sendable {
    /// What was sealed is damaged, belongs to something else, or was sealed with another key.
    case unreadable
    /// The library for encryption failed, in practice for lack of memory.
    case failed
}

/// A key for secrets. Wiped when the last reference goes; never printed.
public final class SealingKey: @unchecked Sendable {
    /// The bytes of a key.
    public static let byteCount = 32
    /// How many bytes longer a secret is when it is sealed.
    public static let overheadByteCount = 1 + nonceByteCount + tagByteCount
    private static let version: UInt8 = 1
    private static let nonceByteCount = 12
    private static let tagByteCount = 16

    // Set once; changed in `deinit` only.
    private var bytes: [UInt8]

    /// Takes a key of 32 bytes; nil for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    deinit { OPENSSL_cleanse(&bytes, bytes.count) }

    /// Random bytes of the system's generator, good for keys and nonces.
    public static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// Seals a secret, at most 64 KiB.
    /// - Parameter context: What is bound in: what the secret belongs to. It has to be the same when it is opened.
    /// - Throws: `failed`.
    public func seal(_ plain: [UInt8], context: [UInt8]) throws(SealingError) -> [UInt8] {
        precondition(plain.count <= 1 << 16, "secrets are short")
        let nonce = Self.randomBytes(Self.nonceByteCount)
        let cipher = try GCM(key: bytes, nonce: nonce, encrypts: true)
        try cipher.authenticate(context)
        let sealed = try cipher.run(plain)
        guard cipher.finish() else { throw .failed }
        return [Self.version] + nonce + sealed + (try cipher.tag(Self.tagByteCount))
    }

    /// Opens a secret; the caller wipes it.
    /// - Throws: `unreadable`; `failed`.
    public func open(_ sealed: [UInt8], context: [UInt8]) throws(SealingError) -> [UInt8] {
        guard sealed.count >= Self.overheadByteCount, sealed.count <= 1 << 17, sealed[0] == Self.version
        else { throw .unreadable }
        let end = sealed.count - Self.tagByteCount
        let cipher = try GCM(key: bytes, nonce: Array(sealed[1..<1 + Self.nonceByteCount]), encrypts: false)
        try cipher.authenticate(context)
        var plain = try cipher.run(Array(sealed[(1 + Self.nonceByteCount)..<end]))
        try cipher.setTag(Array(sealed[end...]))
        guard cipher.finish() else {
            OPENSSL_cleanse(&plain, plain.count)
            throw .unreadable
        }
        return plain
    }
}

extension SealingKey: CustomStringConvertible, CustomReflectable {
    /// A fixed text without the key.
    public var description: String { "<key>" }

    /// A mirror without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// One run of AES-256-GCM.
private final class GCM {
    private let context: OpaquePointer

    init(key: [UInt8], nonce: [UInt8], encrypts: Bool) throws(SealingError) {
        guard let context = EVP_CIPHER_CTX_new() else { throw .failed }
        self.context = context
        // The default length of a nonce is 12 bytes.
        try check(EVP_CipherInit_ex2(context, EVP_aes_256_gcm(), key, nonce, encrypts ? 1 : 0, nil))
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Turns OpenSSL's 1 for success into an error and empties its error queue.
    private func check(_ status: Int32) throws(SealingError) {
        if status != 1 {
            ERR_clear_error()
            throw .failed
        }
    }

    /// Takes bytes that the tag covers and that aren't in the text.
    func authenticate(_ bytes: [UInt8]) throws(SealingError) {
        var count: Int32 = 0
        try check(EVP_CipherUpdate(context, nil, &count, bytes, Int32(bytes.count)))
    }

    /// Encrypts or decrypts. GCM keeps nothing back.
    func run(_ bytes: [UInt8]) throws(SealingError) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: bytes.count)
        var count: Int32 = 0
        try check(EVP_CipherUpdate(context, &output, &count, bytes, Int32(bytes.count)))
        guard Int(count) == bytes.count else { throw .failed }
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
    func tag(_ count: Int) throws(SealingError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: count)
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(count), &tag))
        return tag
    }

    /// The tag that decrypting has to find.
    func setTag(_ tag: [UInt8]) throws(SealingError) {
        var tag = tag
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag))
    }
}
