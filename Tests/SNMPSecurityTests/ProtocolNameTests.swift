import SNMPSecurity
import Testing

@Suite struct ProtocolNameTests {
    @Test(arguments: [
        ("MD5", .hmacMD5), ("md5", .hmacMD5), ("SHA", .hmacSHA1), ("sha1", .hmacSHA1), ("SHA-1", .hmacSHA1),
        ("SHA-224", .hmacSHA224), ("SHA224", .hmacSHA224), ("sha-256", .hmacSHA256), ("SHA384", .hmacSHA384),
        ("SHA-512", .hmacSHA512), ("", nil), ("SHA-3", nil), ("MD4", nil), ("AES", nil),
    ] as [(String, AuthProtocol?)])
    func authenticationNames(name: String, auth: AuthProtocol?) {
        #expect(AuthProtocol(name: name) == auth)
    }

    @Test(arguments: [
        ("DES", .des, nil), ("3DES", .tripleDES, nil), ("aes", .aes128, nil), ("AES128", .aes128, nil),
        ("AES-128", .aes128, nil), ("AES-192", .aes192, nil), ("aes256", .aes256, nil),
        ("AES192C", .aes192, .reeder), ("AES-192-C", .aes192, .reeder), ("AES-256-C", .aes256, .reeder),
        ("aes256c", .aes256, .reeder), ("AES-256-Cisco", .aes256, .reeder),
    ] as [(String, PrivProtocol, KeyExtension?)])
    func privacyNames(name: String, priv: PrivProtocol, keyExtension: KeyExtension?) throws {
        let parsed = try #require(PrivProtocol.parse(name: name))
        #expect(parsed.priv == priv)
        #expect(parsed.keyExtension == keyExtension)
    }

    @Test(arguments: ["", "AES512", "AESC", "AES128C", "DESC", "SHA"]) func otherNamesAreRefused(name: String) {
        #expect(PrivProtocol.parse(name: name) == nil)
    }

    @Test func descriptionsParseBack() throws {
        for auth in AuthProtocol.allCases { #expect(AuthProtocol(name: "\(auth)") == auth) }
        for priv in PrivProtocol.allCases { #expect(PrivProtocol.parse(name: "\(priv)")?.priv == priv) }
        for dialect in KeyExtension.allCases { #expect(KeyExtension(name: "\(dialect)") == dialect) }
        #expect(KeyExtension(name: "Cisco") == .reeder)
        #expect(KeyExtension(name: "none") == nil)
    }

    // Evidence: RFC 3414, 5; RFC 7860, 9; RFC 3826, 5.
    @Test func objectIdentifiers() {
        #expect(AuthProtocol.allCases.map(\.lastArc) == [2, 3, 4, 5, 6, 7])
        for auth in AuthProtocol.allCases { #expect(AuthProtocol(lastArc: auth.lastArc) == auth) }
        #expect(AuthProtocol(lastArc: 1) == nil)
        #expect(AuthProtocol(lastArc: 8) == nil)
        #expect(PrivProtocol.des.objectIdentifierArcs() == [1, 3, 6, 1, 6, 3, 10, 1, 2, 2])
        #expect(PrivProtocol.aes128.objectIdentifierArcs(.reeder).last == 4)
        let names = PrivProtocol.allCases.flatMap { priv in
            KeyExtension.allCases.map { priv.objectIdentifierArcs($0) }
        }
        #expect(Set(names).count == 7)
    }

    // Evidence: RFC 3414, 6 and 7; RFC 7860, 4.1.
    @Test func lengths() {
        #expect(AuthProtocol.allCases.map(\.digestByteCount) == [16, 20, 28, 32, 48, 64])
        #expect(AuthProtocol.allCases.map(\.macByteCount) == [12, 12, 16, 24, 32, 48])
    }

    @Test func extensionIsAnOpenQuestionForShortDigestsOnly() {
        #expect(PrivProtocol.aes192.keyExtensions(with: .hmacSHA1) == [.blumenthal, .reeder])
        #expect(PrivProtocol.aes256.keyExtensions(with: .hmacSHA224) == [.blumenthal, .reeder])
        #expect(PrivProtocol.aes192.keyExtensions(with: .hmacSHA224) == [])
        #expect(PrivProtocol.aes256.keyExtensions(with: .hmacSHA256) == [])
        #expect(PrivProtocol.tripleDES.keyExtensions(with: .hmacMD5) == [])
    }
}
