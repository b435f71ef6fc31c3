// Layer: SNMPSecurity. Uses: MessageProtection, USMUserTable. Used by: agent, receiver of informs.
// All that an authoritative engine does with incoming messages (RFC 3414, section 3.2) and with its answers to them.
// Time comes in; what has to outlive the process (the engine ID and the number of boots) comes from the caller.

public import Primitives
public import SNMPCodec

/// The authoritative side of the user-based security model: one engine ID, its clock and its users.
///
/// Not copyable: two copies would use salts twice.
public struct USMAuthority: ~Copyable {
    /// Seconds by which a message's time may differ from the engine's (RFC 3414, section 2.2.3).
    public static let timeWindowSeconds: Int64 = 150

    /// The engine's ID.
    public let engineID: EngineID
    /// How often the engine was started, 1...2^31-1. At the maximum no authenticated message is accepted any more
    /// (RFC 3414, section 2.2.2).
    public let engineBoots: Int32
    /// The greatest message that the engine accepts, in octets; stated in its messages.
    public let maximumMessageByteCount: Int
    /// The counters.
    public private(set) var statistics = USMStatistics()

    private let start: Instant
    private let cache: MasterKeyCache
    private var users = USMUserTable<LocalizedKeys>()
    private var saltCounter: UInt64

    /// Makes an authority without users.
    /// - Parameters:
    ///   - engineID: 5 to 32 octets, the same after each start; other lengths are our own bug.
    ///   - engineBoots: one more than at the last start, or after a change of the engine ID (RFC 3414, section 2.2).
    ///   - start: when the engine was started; its time counts from here.
    ///   - firstSalt: a random number.
    ///   - maximumMessageByteCount: 484...65,507, clamped.
    ///   - cache: keeps master keys, so that passwords are hashed once.
    public init(
        engineID: EngineID, engineBoots: Int32, start: Instant, firstSalt: UInt64,
        maximumMessageByteCount: Int = SNMPLimits.maximumMessageByteCount, cache: MasterKeyCache
    ) {
        precondition(engineID.isWellFormed, "an engine ID has 5 to 32 octets")
        self.engineID = engineID
        self.engineBoots = max(engineBoots, 0)
        self.start = start
        self.cache = cache
        saltCounter = firstSalt
        self.maximumMessageByteCount = min(
            max(maximumMessageByteCount, SNMPLimits.minimumMaximumMessageByteCount),
            SNMPLimits.maximumMessageByteCount)
    }

    /// snmpEngineTime: whole seconds since the start, 0...2^31-1.
    public func engineTime(at now: Instant) -> Int32 {
        Int32(clamping: max((now - start).nanoseconds, 0) / 1_000_000_000)
    }

    /// Adds a user, instead of the one with the same name, and localizes its keys.
    ///
    /// Takes milliseconds for a password that is not in the cache. Throws `passwordTooShort`, `keyLengthInvalid`,
    /// `algorithmUnavailable`, `cryptoFailure`.
    public mutating func add(_ credentials: USMCredentials) throws(SecurityError) {
        users.add(credentials, try LocalizedKeys(credentials, engineID: engineID.octets, cache: cache))
    }

    /// Removes a user; false if there is none of that name.
    @discardableResult
    public mutating func removeUser(_ name: [UInt8]) -> Bool { users.remove(name) }

    /// The names of all users.
    public var userNames: [[UInt8]] { users.users.map(\.name) }

    /// Checks and decrypts a message in place (RFC 3414, section 3.2).
    ///
    /// `layout` was parsed from `message` and is one of USM. A Report, if one is due, is written into `reply`; if it
    /// does not fit, nothing goes back.
    public mutating func receive(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, at now: Instant,
        reply: UnsafeMutableRawBufferPointer
    ) -> USMVerdict {
        do throws(USMRejection) {
            return .accepted(try check(message, layout, now))
        } catch {
            let counter = statistics.count(error)
            guard let counter, let requestID = reportableRequestID(message, layout, error) else { return .drop(error) }
            // Only an authenticated Report may set a peer's clock (RFC 3414, section 3.2, step 7a).
            let level: SecurityLevel = error == .notInTimeWindow ? .authNoPriv : .noAuthNoPriv
            let object = USMStatistics.root.appending(counter.arc).appending(0)
            let bytes = UnsafeRawBufferPointer(message).bytes
            let report = writeReport(
                object, counter.value, requestID: requestID, messageID: layout.messageID,
                userName: bytes.octets(layout.userName), level, limit: Int(layout.maximumSize), at: now, into: reply)
            return report.map { .reply($0, error) } ?? .drop(error)
        }
    }

    /// The steps of RFC 3414, section 3.2, in their order.
    private func check(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, _ now: Instant
    ) throws(USMRejection) -> AcceptedMessage {
        let bytes = UnsafeRawBufferPointer(message).bytes
        let level = layout.flags.level
        // Step 3.
        guard isOwn(bytes, layout.engineID) else { throw .unknownEngineID }
        // Step 4.
        guard let index = users.index(of: bytes.extracting(layout.userName)) else { throw .unknownUserName }
        let keys = users.users[index].value
        // Step 5.
        guard level <= keys.securityLevel else { throw .unsupportedSecurityLevel }
        if level >= .authNoPriv {
            // Step 6.
            try USMRejection.from { () throws(MessageSecurityError) in
                try MessageProtection.verify(message, layout, keys: keys)
            }
            // Step 7.
            guard isInTimeWindow(layout, now) else { throw .notInTimeWindow }
        }
        let scoped = try USMRejection.open(message, layout, keys: keys)
        return AcceptedMessage(
            scoped: scoped, userName: users.users[index].name, level: level, messageID: layout.messageID,
            maximumSize: layout.maximumSize, userID: users.users[index].id)
    }

    private func isOwn(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        guard range.count == engineID.octets.count else { return false }
        for index in 0..<range.count
        where bytes.unsafeLoad(fromByteOffset: range.lowerBound + index, as: UInt8.self) != engineID.octets[index] {
            return false
        }
        return true
    }

    /// RFC 3414, section 3.2, step 7a.
    private func isInTimeWindow(_ layout: V3Layout, _ now: Instant) -> Bool {
        guard engineBoots != .max, layout.engineBoots == engineBoots else { return false }
        return abs(Int64(layout.engineTime) - Int64(engineTime(at: now))) <= USMAuthority.timeWindowSeconds
    }

    /// The request-id for a Report about a message; nil when none is to be sent.
    ///
    /// The class of the PDU decides if it can be read, otherwise the flag (RFC 3412, section 6.4).
    private func reportableRequestID(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, _ rejection: USMRejection
    ) -> Int32? {
        if !layout.flags.contains(.encrypted) {
            var deviations = Deviations()
            do throws(BERError) {
                let bytes = UnsafeRawBufferPointer(message).bytes
                let scoped = try ScopedPDULayout.parse(bytes, layout.payload, &deviations)
                return scoped.pdu.type.isConfirmed ? scoped.pdu.requestID : nil
            } catch {
                // Unreadable: the flag decides.
            }
        }
        return layout.flags.contains(.reportable) ? 0 : nil
    }
}

extension USMAuthority {
    /// Closes the scoped PDU that is all `writer` holds as the answer to an accepted message, at its level.
    ///
    /// Throws `bufferTooSmall` and `cryptoFailure`, and `unsupportedSecurityLevel` when the user was removed meanwhile.
    public mutating func protectReply(
        _ writer: inout BERWriter, to request: borrowing AcceptedMessage, at now: Instant
    ) throws(MessageSecurityError) {
        guard let index = users.index(of: request.userName.span.bytes), users.users[index].id == request.userID else {
            throw .unsupportedSecurityLevel
        }
        saltCounter &+= 1
        try MessageProtection.protect(
            &writer,
            ProtectionHeader(
                messageID: request.messageID, maximumSize: Int32(clamping: maximumMessageByteCount),
                level: request.level, isReportable: false, engineID: engineID.octets, engineBoots: engineBoots,
                engineTime: engineTime(at: now), userName: request.userName, saltCounter: saltCounter),
            keys: users.users[index].value)
    }

    /// Writes a Report about an accepted message that could not be processed further (RFC 3412, section 7.1, step 3),
    /// at the message's level. Nil when the message's PDU is not one that is answered, or when it does not fit.
    public mutating func report(
        _ object: ObjectIdentifier, _ value: UInt32, about request: borrowing AcceptedMessage, at now: Instant,
        into reply: UnsafeMutableRawBufferPointer
    ) -> Range<Int>? {
        guard request.scoped.pdu.type.isConfirmed else { return nil }
        return writeReport(
            object, value, requestID: request.scoped.pdu.requestID, messageID: request.messageID,
            userName: request.userName, request.level, limit: Int(request.maximumSize), at: now, into: reply)
    }

    private mutating func writeReport(
        _ object: ObjectIdentifier, _ value: UInt32, requestID: Int32, messageID: Int32, userName: [UInt8],
        _ level: SecurityLevel, limit: Int, at now: Instant, into reply: UnsafeMutableRawBufferPointer
    ) -> Range<Int>? {
        let room = UnsafeMutableRawBufferPointer(rebasing: reply.prefix(max(limit, 0)))
        var writer = BERWriter(room)
        writer.binding(VarBind(object, .counter32(value)))
        writer.header(BERTag.sequence, since: 0)
        writer.pduHeader(.report, requestID: requestID, 0, 0, since: 0)
        writer.scopedHeader(contextEngineID: engineID.octets, contextName: [], since: 0)
        let keys = level == .noAuthNoPriv ? nil : users.index(of: userName.span.bytes).map { users.users[$0].value }
        saltCounter &+= 1
        do throws(MessageSecurityError) {
            try MessageProtection.protect(
                &writer,
                ProtectionHeader(
                    messageID: messageID, maximumSize: Int32(clamping: maximumMessageByteCount), level: level,
                    isReportable: false, engineID: engineID.octets, engineBoots: engineBoots,
                    engineTime: engineTime(at: now), userName: userName, saltCounter: saltCounter),
                keys: keys)
        } catch {
            return nil
        }
        return writer.start..<writer.capacity
    }
}
