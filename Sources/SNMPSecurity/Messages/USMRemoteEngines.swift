// Layer: SNMPSecurity. Uses: MessageProtection, USMUserTable. Used by: receiver of traps.
// The other side of USMAuthority: senders of traps are authoritative for them, so the receiver keeps each sender's
// boots and time, learned from authenticated messages only (RFC 3414, section 3.2, step 7b), and keys localized for it.

public import Primitives
public import SNMPCodec

/// What the receiver of traps knows about the engines that send them.
///
/// Bounded: engines are remembered only once they proved to hold a user's key, and the one unheard of for longest goes
/// when there is no room. A forgotten engine's old messages could be replayed.
public struct USMRemoteEngines: ~Copyable {
    /// What tells one engine from another.
    public enum Identity: Sendable {
        /// The engine ID alone, as RFC 3414 has it.
        case engineID
        /// Engine ID and source host: for devices that were cloned with their engine ID. Someone who can forge source
        /// addresses can then replay messages as from another host.
        case engineIDAndSource
    }

    /// What tells one engine from another.
    public let identity: Identity
    /// Most engines remembered.
    public let capacity: Int
    /// The counters. RFC 3414 counts for both roles together; add those of the `USMAuthority`.
    public private(set) var statistics = USMStatistics()

    private let cache: MasterKeyCache
    private var users = USMUserTable<Void>()
    private var engines: [Key: Engine] = [:]
    private var useCount: UInt64 = 0

    /// Makes a receiver's memory without users.
    /// - Parameters:
    ///   - identity: what tells one engine from another.
    ///   - capacity: most engines remembered, at least one. Each takes about 3 KB per user that it uses.
    ///   - cache: keeps master keys, so that passwords are hashed once.
    public init(identity: Identity = .engineID, capacity: Int = 4_096, cache: MasterKeyCache) {
        self.identity = identity
        self.capacity = max(capacity, 1)
        self.cache = cache
    }

    /// Adds a user, instead of the one with the same name, with the same passwords for all engines. Keys that come
    /// localized already serve for every engine that they happen to fit.
    public mutating func add(_ credentials: USMCredentials) { users.add(credentials, ()) }

    /// Removes a user; false if there is none of that name. Its keys go with their engines.
    @discardableResult
    public mutating func removeUser(_ name: [UInt8]) -> Bool { users.remove(name) }

    /// The number of engines remembered.
    public var count: Int { engines.count }

    /// What is known about an engine's clock; nil for an engine that is not remembered.
    public func clock(
        of engineID: EngineID, at now: Instant, source: SocketAddress? = nil
    ) -> (boots: Int32, timeSeconds: Int32)? {
        guard engineID.octets.count <= 32 else { return nil }
        let key = Key(engineID.octets.span.bytes, identity == .engineID ? nil : source)
        return engines[key].map { ($0.boots, $0.time(at: now)) }
    }

    /// Checks and decrypts a trap in place (RFC 3414, section 3.2).
    ///
    /// `layout` was parsed from `message` and is one of USM. Nothing is ever sent back: a message that wants an answer
    /// (its reportable flag is set) is for the receiver's own `USMAuthority`.
    public mutating func receive(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, from source: SocketAddress, at now: Instant
    ) throws(USMRejection) -> AcceptedMessage {
        do throws(USMRejection) {
            return try check(message, layout, source, now)
        } catch {
            _ = statistics.count(error)
            throw error
        }
    }

    private mutating func check(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, _ source: SocketAddress, _ now: Instant
    ) throws(USMRejection) -> AcceptedMessage {
        let bytes = UnsafeRawBufferPointer(message).bytes
        let level = layout.flags.level
        guard (1...32).contains(layout.engineID.count) else { throw .unknownEngineID }
        guard let index = users.index(of: bytes.extracting(layout.userName)) else { throw .unknownUserName }
        let user = users.users[index]
        guard level <= user.credentials.securityLevel else { throw .unsupportedSecurityLevel }
        var keys: LocalizedKeys?
        if level >= .authNoPriv {
            let key = Key(bytes.extracting(layout.engineID), identity == .engineID ? nil : source)
            keys = try authenticate(message, layout, user, key, now)
        }
        let scoped = try USMRejection.open(message, layout, keys: keys)
        return AcceptedMessage(
            scoped: scoped, userName: user.name, level: level, messageID: layout.messageID,
            maximumSize: layout.maximumSize, userID: user.id)
    }

    /// Checks signature and time, remembers the engine and its clock, and returns the user's keys for it.
    private mutating func authenticate(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, _ user: USMUserTable<Void>.User, _ key: Key,
        _ now: Instant
    ) throws(USMRejection) -> LocalizedKeys {
        useCount += 1
        if let keys = engines[key]?.keys(user.id) {
            try verify(message, layout, keys)
            return try admit(layout, key, now, keys)
        }
        // Not seen before, or forged: what is cheap to check comes before what is dear to derive.
        let engineID = UnsafeRawBufferPointer(message).bytes.octets(layout.engineID)
        if user.credentials.privacy != nil, let authentication = user.credentials.authentication {
            let signing = try localize(engineID) { () throws(SecurityError) in
                try USMCredentials(
                    userName: String(decoding: user.name, as: UTF8.self), auth: authentication.auth,
                    authKey: authentication.key)
            }
            try verify(message, layout, signing)
        }
        let keys = try localize(engineID) { () throws(SecurityError) in user.credentials }
        try verify(message, layout, keys)
        _ = try admit(layout, key, now, keys)
        engines[key]?.remember(user.id, keys)
        return keys
    }

    private func localize(
        _ engineID: [UInt8], _ credentials: () throws(SecurityError) -> USMCredentials
    ) throws(USMRejection) -> LocalizedKeys {
        do throws(SecurityError) {
            return try LocalizedKeys(try credentials(), engineID: engineID, cache: cache)
        } catch {
            throw .cryptoFailure
        }
    }

    private func verify(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, _ keys: LocalizedKeys
    ) throws(USMRejection) {
        try USMRejection.from { () throws(MessageSecurityError) in
            try MessageProtection.verify(message, layout, keys: keys)
        }
    }

    /// The time window of a remote engine, with its clock set forward by the message (RFC 3414, section 3.2, step 7b).
    private mutating func admit(
        _ layout: V3Layout, _ key: Key, _ now: Instant, _ keys: LocalizedKeys
    ) throws(USMRejection) -> LocalizedKeys {
        if engines[key] == nil {
            guard layout.engineBoots != .max else { throw .notInTimeWindow }
            if engines.count >= capacity, let oldest = engines.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                engines[oldest.key] = nil
            }
            engines[key] = Engine(boots: layout.engineBoots, time: layout.engineTime, at: now)
        }
        guard engines[key]?.admit(layout.engineBoots, layout.engineTime, now, useCount) == true else {
            throw .notInTimeWindow
        }
        return keys
    }

    /// An engine ID of up to 32 octets and perhaps a host, without a heap allocation.
    private struct Key: Hashable {
        var a: UInt64 = 0, b: UInt64 = 0, c: UInt64 = 0, d: UInt64 = 0
        var count: UInt8
        var source: SocketAddress?

        init(_ engineID: RawSpan, _ source: SocketAddress?) {
            count = UInt8(truncatingIfNeeded: engineID.byteCount)
            self.source = source?.normalized.with(port: 0)
            for index in 0..<min(engineID.byteCount, 32) {
                let octet = UInt64(engineID.unsafeLoad(fromByteOffset: index, as: UInt8.self)) << UInt64(index % 8 * 8)
                switch index / 8 {
                case 0: a |= octet
                case 1: b |= octet
                case 2: c |= octet
                default: d |= octet
                }
            }
        }
    }

    private struct Engine {
        var boots: Int32
        /// The greatest time received with these boots, and when.
        var latestTime: Int32
        var latestAt: Instant
        var lastUse: UInt64 = 0
        /// Few users send from one engine, so a list beats a dictionary.
        var keys: [(userID: UInt32, keys: LocalizedKeys)] = []

        init(boots: Int32, time: Int32, at now: Instant) {
            self.boots = boots
            latestTime = time
            latestAt = now
        }

        func time(at now: Instant) -> Int32 {
            Int32(clamping: Int64(latestTime) + max((now - latestAt).nanoseconds, 0) / 1_000_000_000)
        }

        func keys(_ userID: UInt32) -> LocalizedKeys? { keys.first { $0.userID == userID }?.keys }

        mutating func remember(_ userID: UInt32, _ localized: LocalizedKeys) {
            // A user that was replaced leaves its keys behind; they make room here.
            if keys.count >= 8 { keys.removeFirst() }
            keys.append((userID, localized))
        }

        mutating func admit(_ boots: Int32, _ time: Int32, _ now: Instant, _ use: UInt64) -> Bool {
            if boots > self.boots || (boots == self.boots && time > latestTime) {
                self.boots = boots
                latestTime = time
                latestAt = now
            }
            guard self.boots != .max, boots == self.boots else { return false }
            guard Int64(time) >= Int64(self.time(at: now)) - USMAuthority.timeWindowSeconds else { return false }
            lastUse = use
            return true
        }
    }
}
