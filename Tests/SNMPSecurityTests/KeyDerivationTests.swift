import SNMPSecurity
import Testing

@Suite struct KeyDerivationTests {
    static let engineID: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]

    struct Vector: CustomTestStringConvertible {
        let auth: AuthProtocol
        let masterKey: String
        let localizedKey: String
        var testDescription: String { auth.description }
    }

    // Evidence: RFC 3414 A.3.1 and A.3.2; the SHA-2 rows were computed with Python's hashlib from RFC 7860, 9.3.
    static let vectors = [
        Vector(
            auth: .hmacMD5, masterKey: "9faf3283884e92834ebc9847d8edd963",
            localizedKey: "526f5eed9fcce26f8964c2930787d82b"),
        Vector(
            auth: .hmacSHA1, masterKey: "9fb5cc0381497b3793528939ff788d5d79145211",
            localizedKey: "6695febc9288e36282235fc7151f128497b38f3f"),
        Vector(
            auth: .hmacSHA224, masterKey: "282a5867ee9aac639ad59df9572c7d3ac0fbc13a905b6df07dbbf00b",
            localizedKey: "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be682075674"),
        Vector(
            auth: .hmacSHA256, masterKey: "ab51014d1e077f6017df2b12bee5f5aa72993177e9bb569c4dff5a4ca0b4afac",
            localizedKey: "8982e0e549e866db361a6b625d84cccc11162d453ee8ce3a6445c2d6776f0f8b"),
        Vector(
            auth: .hmacSHA384,
            masterKey: """
                e06eccdf2c68a06ed034723c9c26e0db3b669e1e2efed49150b55377a2e98f383c86fb836857444654b287c93f51ff64
                """,
            localizedKey: """
                3b298f16164a11184279d5432bf169e2d2a48307de02b3d3f7e2b4f36eb6f0455a53689a3937eea07319a633d2ccba78
                """),
        Vector(
            auth: .hmacSHA512,
            masterKey: """
                7e4396de5aadc77be853819b98c9406265b3a9c37cc3176569847a4e4f6fba63\
                dd3a73d04924d31a63f95a601f9385af6be4ed1b37f87d040f7c6ed6f8d38a91
                """,
            localizedKey: """
                22a5a36cedfcc085807a128d7bc6c2382167ad6c0dbc5fdff856740f3d84c099\
                ad1ea87a8db096714d9788bd544047c9021e4229ce27e4c0a69250adfcffbb0b
                """),
    ]

    @Test(arguments: vectors) func passwordToLocalizedKey(vector: Vector) throws {
        let master = try KeyDerivation.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: vector.auth)
        #expect(master.exposedHex == vector.masterKey)
        let localized = try KeyDerivation.localizedKey(
            masterKey: master, engineID: Self.engineID, auth: vector.auth)
        #expect(localized.exposedHex == vector.localizedKey)
    }

    // Computed with Python's hashlib; the password is longer than the 4 KB that are fed at once.
    @Test func passwordLongerThanTheFeedingBlock() throws {
        let password = SecretBytes((0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let key = try KeyDerivation.masterKey(password: password, auth: .hmacSHA256)
        #expect(key.exposedHex == "3c3e7c8de033507bcda79b83063a1237c8ad95c2a1fb0eee5efea38bdcabfabf")
    }

    struct Extension: CustomTestStringConvertible {
        let auth: AuthProtocol
        let blumenthal: String
        let reeder: String
        var testDescription: String { auth.description }
    }

    // Evidence: draft-reeder-snmpv3-usm-3desede-00, appendix B (MD5 and SHA-1 chains); the rest from hashlib.
    static let extensions = [
        Extension(
            auth: .hmacMD5, blumenthal: "526f5eed9fcce26f8964c2930787d82bfa24a92467426c2f4b09192be10dfaec",
            reeder: "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12"),
        Extension(
            auth: .hmacSHA1, blumenthal: "6695febc9288e36282235fc7151f128497b38f3f505e07eb9af25568fa1f5dbe",
            reeder: "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c"),
        Extension(
            auth: .hmacSHA224, blumenthal: "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be682075674e82d9bf0",
            reeder: "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be68207567422c34be4"),
    ]

    @Test(arguments: extensions) func shortKeysAreExtended(vector: Extension) throws {
        let localized = SecretBytes(
            bytes(hex: String(vector.blumenthal.prefix(2 * vector.auth.digestByteCount))))
        func key(_ priv: PrivProtocol, _ dialect: KeyExtension) throws -> String {
            try KeyDerivation.privacyKey(
                localizedKey: localized, engineID: Self.engineID, auth: vector.auth, priv: priv,
                keyExtension: dialect
            ).exposedHex
        }
        #expect(try key(.aes256, .blumenthal) == vector.blumenthal)
        #expect(try key(.aes256, .reeder) == vector.reeder)
        #expect(try key(.aes192, .blumenthal) == String(vector.blumenthal.prefix(48)))
        #expect(try key(.aes192, .reeder) == String(vector.reeder.prefix(48)))
        // 3DES chains whatever the dialect is.
        #expect(try key(.tripleDES, .blumenthal) == vector.reeder)
        #expect(try key(.tripleDES, .reeder) == vector.reeder)
    }

    @Test(arguments: KeyExtension.allCases) func longKeysAreCut(dialect: KeyExtension) throws {
        let localized = SecretBytes((0..<64).map { UInt8($0) })
        for priv in PrivProtocol.allCases {
            let key = try KeyDerivation.privacyKey(
                localizedKey: localized, engineID: Self.engineID, auth: .hmacSHA512, priv: priv,
                keyExtension: dialect)
            #expect(key.exposedBytes == (0..<priv.keyByteCount).map { UInt8($0) })
        }
    }

    @Test func shortPasswordsAreRefused() {
        #expect(throws: SecurityError.passwordTooShort) {
            try KeyDerivation.masterKey(password: SecretBytes(utf8: "maplesy"), auth: .hmacSHA1)
        }
        #expect(throws: SecurityError.passwordTooShort) {
            try KeyDerivation.masterKey(password: SecretBytes([]), auth: .hmacSHA1)
        }
        #expect(throws: Never.self) {
            try KeyDerivation.masterKey(password: SecretBytes(utf8: "maplesyr"), auth: .hmacSHA1)
        }
    }

    @Test func keysOfWrongLengthAreRefused() {
        #expect(throws: SecurityError.keyLengthInvalid) {
            try KeyDerivation.localizedKey(
                masterKey: SecretBytes([UInt8](repeating: 1, count: 19)), engineID: Self.engineID,
                auth: .hmacSHA1)
        }
        #expect(throws: SecurityError.keyLengthInvalid) {
            try KeyDerivation.privacyKey(
                localizedKey: SecretBytes([UInt8](repeating: 1, count: 19)), engineID: Self.engineID,
                auth: .hmacSHA1, priv: .aes256, keyExtension: .blumenthal)
        }
    }
}
