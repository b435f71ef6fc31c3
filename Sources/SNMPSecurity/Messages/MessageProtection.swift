// Layer: SNMPSecurity. Uses: Authenticator, PrivacyCipher, SNMPCodec. Used by: manager engine, USMAuthority, agent.
// Whole SNMPv3 messages: encrypted, headed and signed where they lie in their buffer, and back. Nothing is copied or
// allocated. What is checked between signature and decryption belongs to the caller, so both are also offered apart.

public import SNMPCodec

/// Why a message cannot be protected, or is refused (RFC 3414, section 3.2).
public enum MessageSecurityError: Error, Hashable, Sendable {
    /// The message's level needs keys that the user does not have.
    case unsupportedSecurityLevel
    /// The signature is missing, of the wrong length, or does not belong to the message and key.
    case wrongDigest
    /// The cipher text cannot be decrypted: bad salt or length.
    case decryptionError
    /// The message does not fit into its buffer.
    case bufferTooSmall
    /// OpenSSL failed for a reason of its own, in practice for lack of memory.
    case cryptoFailure
}

/// What the header of an SNMPv3 message of USM says (RFC 3412, section 6; RFC 3414, section 2.4).
public struct ProtectionHeader: Sendable {
    /// Ties a response to its request; 0...2^31-1.
    public var messageID: Int32
    /// The greatest message that the sender of this one accepts, in octets.
    public var maximumSize: Int32
    /// Signed and encrypted, or not.
    public var level: SecurityLevel
    /// Whether the receiver may answer with a Report: true in confirmed requests.
    public var isReportable: Bool
    /// The authoritative engine's ID; empty in discovery.
    public var engineID: [UInt8]
    /// The authoritative engine's boots.
    public var engineBoots: Int32
    /// The authoritative engine's time in seconds.
    public var engineTime: Int32
    /// The user's name.
    public var userName: [UInt8]
    /// A number that is never used twice with the same key; makes the salt when the level is authPriv.
    public var saltCounter: UInt64

    /// Makes a header.
    public init(
        messageID: Int32, maximumSize: Int32 = Int32(SNMPLimits.maximumMessageByteCount), level: SecurityLevel,
        isReportable: Bool, engineID: [UInt8], engineBoots: Int32, engineTime: Int32, userName: [UInt8],
        saltCounter: UInt64 = 0
    ) {
        self.messageID = messageID
        self.maximumSize = maximumSize
        self.level = level
        self.isReportable = isReportable
        self.engineID = engineID
        self.engineBoots = engineBoots
        self.engineTime = engineTime
        self.userName = userName
        self.saltCounter = saltCounter
    }
}

/// Protecting and checking of SNMPv3 messages.
public enum MessageProtection {
    /// Makes a finished message of the plain scoped PDU that is all `writer` holds: encrypts and signs as the header's
    /// level asks.
    ///
    /// Throws `unsupportedSecurityLevel` when `keys` lack what the level needs (nil is enough for noAuthNoPriv),
    /// `bufferTooSmall` and `cryptoFailure`; the writer's content is then of no use.
    public static func protect(
        _ writer: inout BERWriter, _ header: ProtectionHeader, keys: LocalizedKeys?
    ) throws(MessageSecurityError) {
        var salt: UInt64?
        if header.level == .authPriv {
            guard let cipher = keys?.cipher else { throw .unsupportedSecurityLevel }
            salt = try encrypt(&writer, header, cipher)
        }
        var authenticator: Authenticator?
        if header.level >= .authNoPriv {
            guard let found = keys?.authenticator else { throw .unsupportedSecurityLevel }
            authenticator = found
        }
        let digestFromEnd = writer.v3Header(
            messageID: header.messageID, maximumSize: header.maximumSize,
            flags: V3Flags(header.level, isReportable: header.isReportable), engineID: header.engineID,
            engineBoots: header.engineBoots, engineTime: header.engineTime, userName: header.userName,
            authenticationByteCount: authenticator?.macByteCount ?? 0, salt: salt, since: 0)
        guard !writer.overflowed else { throw .bufferTooSmall }
        guard let authenticator else { return }
        try writer.withFinished { (message) throws(MessageSecurityError) in
            do throws(SecurityError) {
                try authenticator.sign(message, macOffset: message.count - digestFromEnd)
            } catch {
                throw .cryptoFailure
            }
        }
    }

    /// Encrypts what the writer holds, puts it under an OCTET STRING header and returns the salt.
    private static func encrypt(
        _ writer: inout BERWriter, _ header: ProtectionHeader, _ cipher: PrivacyCipher
    ) throws(MessageSecurityError) -> UInt64 {
        let boots = UInt32(bitPattern: header.engineBoots)
        let salt = cipher.priv.salt(counter: header.saltCounter, engineBoots: boots)
        writer.padAtEnd(toMultipleOf: cipher.priv.blockByteCount)
        guard !writer.overflowed else { throw .bufferTooSmall }
        try writer.withFinished { (plain) throws(MessageSecurityError) in
            do throws(SecurityError) {
                _ = try cipher.encryptInPlace(
                    plain, plaintextByteCount: plain.count, engineBoots: boots,
                    engineTime: UInt32(bitPattern: header.engineTime), salt: salt)
            } catch {
                throw .cryptoFailure
            }
        }
        writer.header(BERTag.octetString, since: 0)
        return salt
    }

    /// Checks and decrypts a received message as its own level asks, and returns where the plain scoped PDU lies, for
    /// `ScopedPDULayout.parse`.
    ///
    /// `layout` was parsed from `message`. Only the cipher text is written to. Throws `unsupportedSecurityLevel` when
    /// `keys` lack what the message's level needs, `wrongDigest`, `decryptionError`, `cryptoFailure`.
    public static func unprotect(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, keys: LocalizedKeys?
    ) throws(MessageSecurityError) -> Range<Int> {
        let level = layout.flags.level
        if level >= .authNoPriv { try verify(message, layout, keys: keys) }
        if level == .authPriv { try decrypt(message, layout, keys: keys) }
        return layout.payload
    }

    /// Checks the signature of a received message (RFC 3414, section 3.2, step 6).
    ///
    /// Throws `unsupportedSecurityLevel` when `keys` have none to check with, `wrongDigest`, `cryptoFailure`.
    public static func verify(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, keys: LocalizedKeys?
    ) throws(MessageSecurityError) {
        guard let authenticator = keys?.authenticator else { throw .unsupportedSecurityLevel }
        precondition(layout.whole.upperBound <= message.count, "the layout of another message")
        let whole = UnsafeRawBufferPointer(rebasing: message[layout.whole]).bytes
        do throws(SecurityError) {
            try authenticator.verify(whole, mac: layout.authentication)
        } catch {
            // A field of the wrong length is an authentication failure like any other (RFC 3414, 6.3.2, step 1).
            throw error == .cryptoFailure ? .cryptoFailure : .wrongDigest
        }
    }

    /// Decrypts the payload of a received message where it lies (RFC 3414, section 3.2, step 8).
    ///
    /// Throws `unsupportedSecurityLevel` when `keys` have none to decrypt with, `decryptionError`, `cryptoFailure`.
    public static func decrypt(
        _ message: UnsafeMutableRawBufferPointer, _ layout: V3Layout, keys: LocalizedKeys?
    ) throws(MessageSecurityError) {
        guard let cipher = keys?.cipher else { throw .unsupportedSecurityLevel }
        precondition(layout.whole.upperBound <= message.count, "the layout of another message")
        let bytes = UnsafeRawBufferPointer(message).bytes
        do throws(SecurityError) {
            let salt = try PrivacyCipher.salt(privacyParameters: bytes.extracting(layout.privacy))
            try cipher.decryptInPlace(
                UnsafeMutableRawBufferPointer(rebasing: message[layout.payload]),
                engineBoots: UInt32(bitPattern: layout.engineBoots),
                engineTime: UInt32(bitPattern: layout.engineTime), salt: salt)
        } catch {
            throw error == .cryptoFailure ? .cryptoFailure : .decryptionError
        }
    }
}

extension V3Flags {
    /// The flags of a message at `level`.
    public init(_ level: SecurityLevel, isReportable: Bool) {
        var flags: V3Flags =
            switch level {
            case .noAuthNoPriv: []
            case .authNoPriv: .authenticated
            case .authPriv: [.authenticated, .encrypted]
            }
        if isReportable { flags.insert(.reportable) }
        self = flags
    }

    /// The security level that the flags state; the parser refuses encryption without authentication.
    public var level: SecurityLevel {
        if !contains(.authenticated) { return .noAuthNoPriv }
        return contains(.encrypted) ? .authPriv : .authNoPriv
    }
}

extension LocalizedKeys {
    /// The strongest level that the keys allow.
    public var securityLevel: SecurityLevel {
        if authenticator == nil { return .noAuthNoPriv }
        return cipher == nil ? .authNoPriv : .authPriv
    }
}
