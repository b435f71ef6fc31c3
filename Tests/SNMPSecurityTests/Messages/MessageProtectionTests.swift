import Primitives
import SNMPCodec
import SNMPSecurity
import Testing

/// An auth x priv pair with its dialect.
struct ProtocolPair: Sendable, CustomTestStringConvertible {
    let auth: AuthProtocol
    let priv: PrivProtocol?
    let keyExtension: KeyExtension?

    var testDescription: String { "\(auth) \(priv?.description ?? "none") \(keyExtension?.description ?? "")" }

    static let all: [ProtocolPair] = AuthProtocol.allCases.flatMap { auth in
        [ProtocolPair(auth: auth, priv: nil, keyExtension: nil)]
            + PrivProtocol.allCases.flatMap { priv -> [ProtocolPair] in
                let dialects = priv.keyExtensions(with: auth)
                return dialects.isEmpty
                    ? [ProtocolPair(auth: auth, priv: priv, keyExtension: nil)]
                    : dialects.map { ProtocolPair(auth: auth, priv: priv, keyExtension: $0) }
            }
    }

    func credentials(_ name: String = "user") throws -> USMCredentials {
        guard let priv else {
            return try USMCredentials(userName: name, auth: auth, authKey: .password("authpassword"))
        }
        return try USMCredentials(
            userName: name, auth: auth, authKey: .password("authpassword"), priv: priv,
            privKey: .password("privpassword"), keyExtension: keyExtension)
    }
}

enum Sample {
    static let engineID: [UInt8] = [0x80, 0, 0x1F, 0x88, 4, 1, 2, 3]
    static let cache = MasterKeyCache()
    static let name: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 3, 0]

    static func pdu(_ requestID: Int32 = 7) -> AnyPDU { .pdu(PDU(.get, requestID: requestID, [VarBind(name)])) }

    static func header(
        _ level: SecurityLevel, boots: Int32 = 3, time: Int32 = 400, user: [UInt8] = Array("user".utf8)
    ) -> ProtectionHeader {
        ProtectionHeader(
            messageID: 99, level: level, isReportable: true, engineID: engineID, engineBoots: boots, engineTime: time,
            userName: user, saltCounter: 0x0102_0304_0506_0708)
    }

    static func message(
        _ header: ProtectionHeader, keys: LocalizedKeys?, pdu: AnyPDU = pdu(), capacity: Int = 1_500
    ) throws(MessageSecurityError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
        defer { buffer.deallocate() }
        var writer = BERWriter(buffer)
        writer.pdu(pdu)
        writer.scopedHeader(contextEngineID: engineID, contextName: Array("ctx".utf8), since: 0)
        try MessageProtection.protect(&writer, header, keys: keys)
        return writer.finished
    }

    /// Parses, unprotects and decodes; BERError or MessageSecurityError.
    static func open(_ message: [UInt8], keys: LocalizedKeys?) throws -> (V3Layout, AnyPDU) {
        var copy = message
        return try copy.withUnsafeMutableBytes { buffer in
            var deviations = Deviations()
            let parsed = try MessageLayout.parse(UnsafeRawBufferPointer(buffer).bytes, &deviations)
            guard case .v3(let layout) = parsed else {
                throw BERError(.unknownVersion, at: 0)
            }
            let range = try MessageProtection.unprotect(buffer, layout, keys: keys)
            let bytes = UnsafeRawBufferPointer(buffer).bytes
            let scoped = try ScopedPDULayout.parse(bytes, range, &deviations)
            return (layout, try scoped.pdu.pdu(bytes, &deviations))
        }
    }
}

@Suite struct MessageProtectionTests {
    @Test(arguments: ProtocolPair.all)
    func everyPairComesBack(pair: ProtocolPair) throws {
        let keys = try LocalizedKeys(pair.credentials(), engineID: Sample.engineID, cache: Sample.cache)
        let level = keys.securityLevel
        #expect(level == (pair.priv == nil ? .authNoPriv : .authPriv))
        let message = try Sample.message(Sample.header(level), keys: keys)
        // The plain object name must not be readable in an encrypted message.
        let plainName: [UInt8] = [0x06, 8, 0x2B, 6, 1, 2, 1, 1, 3, 0]
        let isReadable = message.indices.contains { message[$0...].starts(with: plainName) }
        #expect(isReadable == (pair.priv == nil))
        let (layout, pdu) = try Sample.open(message, keys: keys)
        #expect(pdu == Sample.pdu())
        #expect(layout.flags.level == level)
        #expect(layout.flags.contains(.reportable))
        #expect(layout.messageID == 99)
        #expect(layout.engineBoots == 3 && layout.engineTime == 400)
        #expect(layout.authentication.count == pair.auth.macByteCount)
    }

    /// Plain lengths around the block size: the padding must never disturb what is inside.
    @Test(arguments: [PrivProtocol.des, .tripleDES, .aes128])
    func everyLengthComesBack(priv: PrivProtocol) throws {
        let pair = ProtocolPair(auth: .hmacSHA1, priv: priv, keyExtension: nil)
        let keys = try LocalizedKeys(pair.credentials(), engineID: Sample.engineID, cache: Sample.cache)
        for length in 0..<40 {
            let value = SNMPValue.octetString([UInt8](repeating: 0xAA, count: length))
            let pdu = AnyPDU.pdu(PDU(.response, requestID: 1, [VarBind(Sample.name, value)]))
            let message = try Sample.message(Sample.header(.authPriv), keys: keys, pdu: pdu)
            #expect(try Sample.open(message, keys: keys).1 == pdu)
        }
    }

    @Test func unprotectedNeedsNoKeys() throws {
        let message = try Sample.message(Sample.header(.noAuthNoPriv), keys: nil)
        #expect(try Sample.open(message, keys: nil).1 == Sample.pdu())
    }

    /// RFC 3414, 3.2, step 6: any change of any octet is noticed (some as malformed already by the parser).
    @Test(arguments: [
        ProtocolPair(auth: .hmacMD5, priv: nil, keyExtension: nil),
        ProtocolPair(auth: .hmacSHA512, priv: .aes256, keyExtension: nil),
        ProtocolPair(auth: .hmacSHA1, priv: .des, keyExtension: nil),
    ])
    func tamperedOctetsAreRefused(pair: ProtocolPair) throws {
        let keys = try LocalizedKeys(pair.credentials(), engineID: Sample.engineID, cache: Sample.cache)
        let message = try Sample.message(Sample.header(keys.securityLevel), keys: keys)
        let flagsOffset = try #require(Self.flagsOffset(message))
        var wrongDigests = 0
        for index in message.indices {
            for change in [UInt8(0x01), 0x80, 0xFF] {
                var copy = message
                copy[index] ^= change
                do {
                    let (layout, _) = try Sample.open(copy, keys: keys)
                    // Only the flag bits can turn a message into one of a lower level, which is not accepted for
                    // what it was; authorities refuse that by the level they demand.
                    #expect(index == flagsOffset && layout.flags.level == .noAuthNoPriv, "octet \(index)")
                } catch let error as MessageSecurityError {
                    #expect(error == .wrongDigest || error == .unsupportedSecurityLevel, "octet \(index): \(error)")
                    if error == .wrongDigest { wrongDigests += 1 }
                } catch {
                    #expect(error is BERError)
                }
            }
        }
        #expect(wrongDigests > message.count)
    }

    private static func flagsOffset(_ message: [UInt8]) -> Int? {
        // messageID 99, maximum size 65507, then the flags.
        let header: [UInt8] = [2, 1, 99, 2, 3, 0, 0xFF, 0xE3, 4, 1]
        return message.indices.first { message[$0...].starts(with: header) }.map { $0 + header.count }
    }

    @Test func keysOfAnotherUserAreRefused() throws {
        let pair = ProtocolPair(auth: .hmacSHA256, priv: .aes128, keyExtension: nil)
        let keys = try LocalizedKeys(pair.credentials(), engineID: Sample.engineID, cache: Sample.cache)
        let other = try LocalizedKeys(
            USMCredentials(
                userName: "user", auth: .hmacSHA256, authKey: .password("otherpassword"), priv: .aes128,
                privKey: .password("privpassword")), engineID: Sample.engineID, cache: Sample.cache)
        let message = try Sample.message(Sample.header(.authPriv), keys: keys)
        #expect(throws: MessageSecurityError.wrongDigest) { try Sample.open(message, keys: other) }
    }

    /// RFC 3414, 6.3.2, step 1: a field of another length is an authentication failure.
    @Test func signatureOfAnotherProtocolIsAWrongDigest() throws {
        let sha1 = try LocalizedKeys(
            ProtocolPair(auth: .hmacSHA1, priv: nil, keyExtension: nil).credentials(), engineID: Sample.engineID,
            cache: Sample.cache)
        let sha256 = try LocalizedKeys(
            ProtocolPair(auth: .hmacSHA256, priv: nil, keyExtension: nil).credentials(), engineID: Sample.engineID,
            cache: Sample.cache)
        let message = try Sample.message(Sample.header(.authNoPriv), keys: sha1)
        #expect(throws: MessageSecurityError.wrongDigest) { try Sample.open(message, keys: sha256) }
    }

    @Test func missingKeysAreATypedError() throws {
        let auth = ProtocolPair(auth: .hmacSHA1, priv: nil, keyExtension: nil)
        let keys = try LocalizedKeys(auth.credentials(), engineID: Sample.engineID, cache: Sample.cache)
        #expect(throws: MessageSecurityError.unsupportedSecurityLevel) {
            try Sample.message(Sample.header(.authPriv), keys: keys)
        }
        #expect(throws: MessageSecurityError.unsupportedSecurityLevel) {
            try Sample.message(Sample.header(.authNoPriv), keys: nil)
        }
        let message = try Sample.message(Sample.header(.authNoPriv), keys: keys)
        #expect(throws: MessageSecurityError.unsupportedSecurityLevel) { try Sample.open(message, keys: nil) }
    }

    /// Whatever the room, the result is the message or a typed error.
    @Test func everyTooSmallBufferIsATypedError() throws {
        let pair = ProtocolPair(auth: .hmacSHA1, priv: .des, keyExtension: nil)
        let keys = try LocalizedKeys(pair.credentials(), engineID: Sample.engineID, cache: Sample.cache)
        let whole = try Sample.message(Sample.header(.authPriv), keys: keys)
        for capacity in 0..<whole.count {
            #expect(throws: MessageSecurityError.bufferTooSmall) {
                try Sample.message(Sample.header(.authPriv), keys: keys, capacity: capacity)
            }
        }
        #expect(try Sample.message(Sample.header(.authPriv), keys: keys, capacity: whole.count) == whole)
    }
}
