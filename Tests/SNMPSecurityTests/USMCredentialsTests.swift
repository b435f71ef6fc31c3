internal import COpenSSL
import SNMPSecurity
import Testing

@Suite struct USMCredentialsTests {
    static let engineID = KeyDerivationTests.engineID

    static func credentials(
        _ auth: AuthProtocol = .hmacSHA1, _ priv: PrivProtocol = .aes256, _ keyExtension: KeyExtension? = nil
    ) throws -> USMCredentials {
        try USMCredentials(
            userName: "monitor", auth: auth, authKey: .password("maplesyrup"), priv: priv,
            privKey: .password("maplesyrup"), keyExtension: keyExtension)
    }

    @Test func levelFollowsFromTheKeys() throws {
        #expect(try USMCredentials(userName: "u").securityLevel == .noAuthNoPriv)
        #expect(
            try USMCredentials(userName: "u", auth: .hmacMD5, authKey: .password("12345678")).securityLevel
                == .authNoPriv)
        #expect(try Self.credentials().securityLevel == .authPriv)
        #expect(SecurityLevel.noAuthNoPriv < .authNoPriv && SecurityLevel.authNoPriv < .authPriv)
    }

    @Test func badNamesPasswordsAndKeysAreRefused() throws {
        func secret(_ count: Int) -> SecretBytes { SecretBytes([UInt8](repeating: 1, count: count)) }
        for name in ["", String(repeating: "x", count: 33), String(repeating: "é", count: 17)] {
            #expect(throws: SecurityError.userNameLengthInvalid) { try USMCredentials(userName: name) }
        }
        #expect(try USMCredentials(userName: String(repeating: "é", count: 16)).userName.count == 32)
        #expect(throws: SecurityError.passwordTooShort) {
            try USMCredentials(userName: "u", auth: .hmacMD5, authKey: .password("1234567"))
        }
        for key in [KeySource.masterKey(secret(19)), .localizedKey(secret(19)), .localizedKey(secret(21))] {
            #expect(throws: SecurityError.keyLengthInvalid) {
                try USMCredentials(userName: "u", auth: .hmacSHA1, authKey: key)
            }
        }
        func withPrivacyKey(_ key: KeySource) throws -> USMCredentials {
            try USMCredentials(
                userName: "u", auth: .hmacSHA1, authKey: .masterKey(secret(20)), priv: .aes256, privKey: key)
        }
        #expect(throws: SecurityError.passwordTooShort) { try withPrivacyKey(.password("")) }
        #expect(throws: SecurityError.keyLengthInvalid) { try withPrivacyKey(.masterKey(secret(32))) }
        #expect(throws: SecurityError.keyLengthInvalid) { try withPrivacyKey(.localizedKey(secret(31))) }
        #expect(throws: Never.self) { try withPrivacyKey(.localizedKey(secret(20))) }
        #expect(throws: Never.self) { try withPrivacyKey(.localizedKey(secret(32))) }
    }

    @Test func candidatesAreTheOpenDialects() throws {
        #expect(try Self.credentials().candidateKeyExtensions == [.blumenthal, .reeder])
        #expect(try Self.credentials(.hmacSHA1, .aes256, .reeder).candidateKeyExtensions == [.reeder])
        #expect(try Self.credentials(.hmacSHA256, .aes256, .reeder).candidateKeyExtensions == [])
        #expect(try Self.credentials(.hmacSHA1, .tripleDES).candidateKeyExtensions == [])
        #expect(try USMCredentials(userName: "u").candidateKeyExtensions == [])
        let direct = try USMCredentials(
            userName: "u", auth: .hmacSHA1, authKey: .password("maplesyrup"), priv: .aes256,
            privKey: .localizedKey(SecretBytes([UInt8](repeating: 1, count: 32))))
        #expect(direct.candidateKeyExtensions == [])
    }

    /// What a cipher with this key makes of sixteen zero octets; tells keys apart without exposing them.
    private func probe(_ cipher: PrivacyCipher?) throws -> [UInt8] {
        try #require(cipher).encrypt([UInt8](repeating: 0, count: 16), 1, 2, 3)
    }

    @Test(arguments: [
        (.blumenthal, "6695febc9288e36282235fc7151f128497b38f3f505e07eb9af25568fa1f5dbe"),
        (.reeder, "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c"),
    ] as [(KeyExtension, String)])
    func passwordMasterAndLocalizedKeyAgree(dialect: KeyExtension, expected: String) throws {
        let cache = MasterKeyCache()
        let master = KeySource.masterKey(SecretBytes(bytes(hex: "9fb5cc0381497b3793528939ff788d5d79145211")))
        let localized = KeySource.localizedKey(SecretBytes(bytes(hex: String(expected.prefix(40)))))
        let message = [UInt8](repeating: 0x30, count: 50)
        let mac = try Authenticator(.hmacSHA1, localizedKey: localized.secret).mac(of: message)
        let ciphertext = try probe(PrivacyCipher(.aes256, key: SecretBytes(bytes(hex: expected))))
        for source in [KeySource.password("maplesyrup"), master, localized] {
            let credentials = try USMCredentials(
                userName: "u", auth: .hmacSHA1, authKey: source, priv: .aes256, privKey: source)
            let keys = try LocalizedKeys(
                credentials, engineID: Self.engineID, keyExtension: dialect, cache: cache)
            #expect(keys.engineID == Self.engineID)
            #expect(keys.keyExtension == dialect)
            #expect(try #require(keys.authenticator).mac(of: message) == mac)
            #expect(try probe(keys.cipher) == ciphertext)
        }
        #expect(cache.derivationCount == 1)
    }

    @Test func dialectIsTakenFromTheCallThenTheCredentialsThenBlumenthal() throws {
        let cache = MasterKeyCache()
        func chosen(_ credentials: USMCredentials, _ dialect: KeyExtension?) throws -> KeyExtension? {
            try LocalizedKeys(credentials, engineID: Self.engineID, keyExtension: dialect, cache: cache).keyExtension
        }
        #expect(try chosen(Self.credentials(), nil) == .blumenthal)
        #expect(try chosen(Self.credentials(), .reeder) == .reeder)
        #expect(try chosen(Self.credentials(.hmacSHA1, .aes256, .reeder), nil) == .reeder)
        #expect(try chosen(Self.credentials(.hmacSHA256, .aes256), .reeder) == nil)
        #expect(try chosen(Self.credentials(.hmacMD5, .tripleDES), .blumenthal) == nil)
    }

    @Test func everyPairOfProtocolsMakesKeysThatDifferPerEngine() throws {
        let cache = MasterKeyCache()
        for auth in AuthProtocol.allCases {
            for priv in PrivProtocol.allCases {
                let credentials = try Self.credentials(auth, priv)
                let first = try LocalizedKeys(credentials, engineID: Self.engineID, cache: cache)
                let second = try LocalizedKeys(credentials, engineID: [0x80, 0, 0, 0, 1], cache: cache)
                #expect(try probe(first.cipher) != probe(second.cipher), "\(auth) \(priv)")
                #expect(
                    try #require(first.authenticator).mac(of: [1]) != #require(second.authenticator).mac(of: [1]))
            }
        }
        #expect(cache.derivationCount == AuthProtocol.allCases.count)
    }

    @Test func weakerLevelsHaveNoKeys() throws {
        let cache = MasterKeyCache()
        let open = try LocalizedKeys(USMCredentials(userName: "u"), engineID: Self.engineID, cache: cache)
        #expect(open.authenticator == nil && open.cipher == nil)
        let signed = try LocalizedKeys(
            USMCredentials(userName: "u", auth: .hmacMD5, authKey: .password("maplesyrup")),
            engineID: Self.engineID, cache: cache)
        #expect(signed.authenticator != nil && signed.cipher == nil)
    }

    @Test func printedFormsAreRedacted() throws {
        let password = SecretBytes(utf8: "maplesyrup")
        let credentials = try Self.credentials(.hmacSHA256, .aes256, .reeder)
        #expect(leaks(of: credentials, [password]).isEmpty)
        #expect(leaks(of: KeySource.password(password), [password]).isEmpty)
        #expect("\(credentials)" == "monitor (SHA-256, AES-256 reeder)")
        #expect(try "\(USMCredentials(userName: "public"))" == "public")
        let cache = MasterKeyCache()
        let keys = try LocalizedKeys(credentials, engineID: Self.engineID, cache: cache)
        let localized = SecretBytes(bytes(hex: KeyDerivationTests.vectors[3].localizedKey))
        #expect(leaks(of: keys, [password, localized]).isEmpty)
    }

    // In processes of their own, because the default properties are global and algorithms are fetched once.
    @Test func algorithmsRefusedByAFIPSConfigurationAreNamed() async {
        await #expect(processExitsWith: .success) {
            try #require(EVP_set_default_properties(nil, "fips=yes") == 1)
            let key = SecretBytes([UInt8](repeating: 1, count: 16))
            #expect(throws: SecurityError.algorithmUnavailable(.md5)) {
                try KeyDerivation.masterKey(password: key, auth: .hmacMD5)
            }
            #expect(throws: SecurityError.algorithmUnavailable(.md5)) {
                try Authenticator(.hmacMD5, localizedKey: key)
            }
            #expect(throws: SecurityError.algorithmUnavailable(.tripleDESCBC)) { try PrivacyCipher(.des, key: key) }
            #expect(ERR_peek_error() == 0)
        }
    }
}
