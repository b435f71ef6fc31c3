// Layer: SNMPSecurity. Uses: KeyDerivation. Used by: USMCredentials, and through it every engine.
// Remembers master keys, so that a fleet with one password costs one 1 MB hash instead of one per device.

internal import Synchronization

/// A bounded, thread-safe store of master keys.
///
/// Entries are found by the SHA-256 of protocol and password; the password itself is not kept. A missing key is
/// derived while the lock is held, so that several threads asking for the same one cause a single derivation.
/// When full, the entry unused for longest goes.
public final class MasterKeyCache: Sendable {
    /// Most entries kept.
    public let capacity: Int

    private let state = Mutex(State())

    /// Makes an empty cache for up to `capacity` master keys; at least one.
    public init(capacity: Int = 1_024) {
        self.capacity = max(capacity, 1)
    }

    /// The master key of `password` under `auth`, derived only when it is not in the cache.
    ///
    /// Throws what `KeyDerivation.masterKey` throws; failures are not remembered.
    public func masterKey(password: SecretBytes, auth: AuthProtocol) throws(SecurityError) -> SecretBytes {
        let fingerprint = try Fingerprint(password, auth)
        let capacity = self.capacity
        return try state.withLock { (state) throws(SecurityError) in
            state.clock += 1
            if let known = state.entries[fingerprint] {
                state.entries[fingerprint]?.lastUse = state.clock
                return known.key
            }
            let key = try KeyDerivation.masterKey(password: password, auth: auth)
            state.derivationCount += 1
            // The search is linear but happens once per derivation, which takes a thousand times longer.
            if state.entries.count >= capacity,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                state.entries[oldest.key] = nil
            }
            state.entries[fingerprint] = Entry(key: key, lastUse: state.clock)
            return key
        }
    }

    /// Number of master keys held.
    public var count: Int { state.withLock { $0.entries.count } }

    /// Number of 1 MB hashes computed since the cache was made.
    public var derivationCount: Int { state.withLock { $0.derivationCount } }

    /// Forgets all keys; each is wiped when nobody else holds it.
    public func removeAll() { state.withLock { $0.entries = [:] } }

    private struct State {
        var entries: [Fingerprint: Entry] = [:]
        var clock: UInt64 = 0
        var derivationCount = 0
    }

    private struct Entry {
        let key: SecretBytes
        var lastUse: UInt64
    }

    private struct Fingerprint: Hashable {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

        init(_ password: SecretBytes, _ auth: AuthProtocol) throws(SecurityError) {
            let hash = try RunningHash(.sha256)
            try hash.update([auth.rawValue].span.bytes)
            try password.withBytes { (bytes) throws(SecurityError) in try hash.update(bytes) }
            try withUnsafeMutableBytes(of: &words) { (target) throws(SecurityError) in
                try hash.finish(into: target)
            }
        }

        static func == (a: Fingerprint, b: Fingerprint) -> Bool { a.words == b.words }

        func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }
}

extension MasterKeyCache: CustomStringConvertible, CustomReflectable {
    /// The number of keys held, nothing else.
    public var description: String { "MasterKeyCache(\(count) of \(capacity))" }

    /// A mirror without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
