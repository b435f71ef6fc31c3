// Layer: SNMPSecurity. Uses: COpenSSL. Used by: everything here that touches a key or password.
// Holds secret octets so that they are wiped on release and never reach a log by accident.

internal import COpenSSL

/// Octets of a password or key: wiped when the last reference goes, redacted in every printed form,
/// compared in constant time.
///
/// Immutable after `init`, so it may be shared between threads.
public final class SecretBytes: @unchecked Sendable {
    // Safe to share: both are set once and the memory is written only inside `init` and `deinit`.
    private let base: UnsafeMutableRawPointer

    /// Number of octets. Not secret: protocols fix it for keys.
    public let byteCount: Int

    /// Makes a secret of `byteCount` zero octets and lets `fill` write it in place; whatever was written is
    /// wiped when `fill` throws. `byteCount` must not be negative.
    public init<Failure: Error>(
        byteCount: Int, initializingWith fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(byteCount >= 0, "negative length")
        guard let memory = CRYPTO_zalloc(max(byteCount, 1), nil, 0) else { preconditionFailure("out of memory") }
        base = memory
        self.byteCount = byteCount
        try fill(UnsafeMutableRawBufferPointer(start: base, count: byteCount))
    }

    /// Copies `bytes`; wiping the original is up to the caller.
    public convenience init(_ bytes: RawSpan) {
        self.init(byteCount: bytes.byteCount) { target in
            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// Copies `bytes`; wiping the original is up to the caller.
    public convenience init(_ bytes: [UInt8]) {
        self.init(bytes.span.bytes)
    }

    /// Copies the UTF-8 form of `text`. The string itself stays in memory until Swift reuses it.
    public convenience init(utf8 text: String) {
        self.init(Array(text.utf8))
    }

    deinit { CRYPTO_clear_free(base, byteCount, nil, 0) }

    /// Lends the octets to `body`. They must not be copied to where they would not be wiped.
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: byteCount).bytes)
    }

    /// Part of the octets as a new secret; `range` must lie inside.
    func slice(_ range: Range<Int>) -> SecretBytes {
        withBytes { SecretBytes($0.extracting(range)) }
    }

    /// The octets `count` times over, as a new secret.
    func repeated(_ count: Int) -> SecretBytes {
        SecretBytes(byteCount: byteCount * count) { target in
            for index in 0..<count {
                let part = UnsafeMutableRawBufferPointer(rebasing: target[(index * byteCount)...])
                withBytes { bytes in bytes.withUnsafeBytes { part.copyMemory(from: $0) } }
            }
        }
    }

    /// The octets followed by those of `other`, as a new secret.
    func appending(_ other: SecretBytes) -> SecretBytes {
        SecretBytes(byteCount: byteCount + other.byteCount) { target in
            withBytes { bytes in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[byteCount...])
            other.withBytes { bytes in bytes.withUnsafeBytes { rest.copyMemory(from: $0) } }
        }
    }
}

extension SecretBytes: Equatable {
    /// Compares in time that depends on the lengths only.
    public static func == (a: SecretBytes, b: SecretBytes) -> Bool {
        a.byteCount == b.byteCount && CRYPTO_memcmp(a.base, b.base, a.byteCount) == 0
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A fixed text without the octets or their number.
    public var description: String { "<secret>" }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
