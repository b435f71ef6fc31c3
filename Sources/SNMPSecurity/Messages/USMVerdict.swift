// Layer: SNMPSecurity. Uses: SNMPCodec. Used by: USMAuthority, USMRemoteEngines, and who calls them.
// What became of a received SNMPv3 message, and the counters of it.

public import SNMPCodec

/// Why a received message was not accepted (RFC 3414, section 3.2; RFC 3412, section 7.2).
public enum USMRejection: Error, Hashable, Sendable {
    /// The message is for another engine, or asks for this engine's ID.
    case unknownEngineID
    /// There is no user of this name.
    case unknownUserName
    /// The user has no keys for the message's level.
    case unsupportedSecurityLevel
    /// The signature is not the user's.
    case wrongDigest
    /// The message is too old, too new, or from before a restart.
    case notInTimeWindow
    /// The scoped PDU could not be decrypted.
    case decryptionError
    /// The plain scoped PDU is malformed.
    case malformed(BERError)
    /// OpenSSL failed for a reason of its own.
    case cryptoFailure
}

extension USMRejection {
    /// Runs `body` and translates what it throws.
    static func from<R>(_ body: () throws(MessageSecurityError) -> R) throws(USMRejection) -> R {
        do throws(MessageSecurityError) {
            return try body()
        } catch {
            switch error {
            case .unsupportedSecurityLevel: throw .unsupportedSecurityLevel
            case .wrongDigest: throw .wrongDigest
            case .decryptionError: throw .decryptionError
            case .bufferTooSmall, .cryptoFailure: throw .cryptoFailure
            }
        }
    }

    /// Decrypts the payload if its level says so, and finds the parts of the scoped PDU (RFC 3414, section 3.2,
    /// step 8). Who calls it has checked the signature.
    static func open(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, keys: LocalizedKeys?
    ) throws(USMRejection) -> ScopedPDULayout {
        let isEncrypted = layout.flags.level == .authPriv
        if isEncrypted {
            try from { () throws(MessageSecurityError) in
                try MessageProtection.decrypt(message, layout, keys: keys)
            }
        }
        do throws(BERError) {
            var deviations = Deviations()
            return try ScopedPDULayout.parse(UnsafeRawBufferPointer(message).bytes, layout.payload, &deviations)
        } catch {
            // The signature is good, so what came out garbled was encrypted with another key: to say so helps the peer
            // (AES keys come in two dialects), where silence would not.
            throw isEncrypted ? .decryptionError : .malformed(error)
        }
    }
}

/// A message that passed all checks.
public struct AcceptedMessage: Sendable {
    /// Where the plain scoped PDU lies in the message's buffer.
    public let scoped: ScopedPDULayout
    /// The user's name, which is also the security name.
    public let userName: [UInt8]
    /// The level of the message.
    public let level: SecurityLevel
    /// The message's ID, for the response.
    public let messageID: Int32
    /// The greatest response that the sender accepts, in octets, at least 484.
    public let maximumSize: Int32
    /// The user, inside the table that accepted the message.
    let userID: UInt32
}

/// What an authoritative engine does with a message.
public enum USMVerdict {
    /// The message is authentic and plain now.
    case accepted(AcceptedMessage)
    /// It is not accepted, and these octets of the reply buffer, a Report, go back to its sender.
    case reply(Range<Int>, USMRejection)
    /// It is not accepted, and nothing goes back.
    case drop(USMRejection)
}

/// The counters of usmStats, 1.3.6.1.6.3.15.1.1 (RFC 3414, section 5). They wrap.
public struct USMStatistics: Hashable, Sendable {
    /// Messages at a level that the user has no keys for.
    public var unsupportedSecurityLevels: UInt32 = 0
    /// Authentic messages outside the time window.
    public var notInTimeWindows: UInt32 = 0
    /// Messages of unknown users.
    public var unknownUserNames: UInt32 = 0
    /// Messages for other engines; each discovery counts.
    public var unknownEngineIDs: UInt32 = 0
    /// Messages with wrong signatures.
    public var wrongDigests: UInt32 = 0
    /// Messages that could not be decrypted.
    public var decryptionErrors: UInt32 = 0

    /// Makes counters at zero.
    public init() {}

    /// The name of the group.
    public static let root: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 15, 1, 1]

    /// Counts a rejection and says which object (the arc below `root`) counted it, and its value now.
    mutating func count(_ rejection: USMRejection) -> (arc: UInt32, value: UInt32)? {
        switch rejection {
        case .unsupportedSecurityLevel:
            unsupportedSecurityLevels &+= 1
            return (1, unsupportedSecurityLevels)
        case .notInTimeWindow:
            notInTimeWindows &+= 1
            return (2, notInTimeWindows)
        case .unknownUserName:
            unknownUserNames &+= 1
            return (3, unknownUserNames)
        case .unknownEngineID:
            unknownEngineIDs &+= 1
            return (4, unknownEngineIDs)
        case .wrongDigest:
            wrongDigests &+= 1
            return (5, wrongDigests)
        case .decryptionError:
            decryptionErrors &+= 1
            return (6, decryptionErrors)
        case .malformed, .cryptoFailure:
            return nil
        }
    }
}
