import SNMPSecurity
import Testing

@Suite struct MasterKeyCacheTests {
    @Test func oneDerivationForAFleetWithOnePassword() throws {
        let cache = MasterKeyCache()
        let expected = try KeyDerivation.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: .hmacSHA1)
        for _ in 0..<1_000 {
            let key = try cache.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: .hmacSHA1)
            #expect(key == expected)
        }
        #expect(cache.derivationCount == 1)
        #expect(cache.count == 1)
    }

    @Test func concurrentCallersCauseOneDerivation() async {
        let cache = MasterKeyCache()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    (try? cache.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: .hmacMD5))?.exposedHex
                        == "9faf3283884e92834ebc9847d8edd963"
                }
            }
            for await correct in group { #expect(correct) }
        }
        #expect(cache.derivationCount == 1)
    }

    @Test func protocolAndPasswordAreBothPartOfTheIdentity() throws {
        let cache = MasterKeyCache()
        let first = try cache.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: .hmacSHA1)
        let second = try cache.masterKey(password: SecretBytes(utf8: "maplesyrup2"), auth: .hmacSHA1)
        let third = try cache.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: .hmacMD5)
        #expect(cache.derivationCount == 3)
        #expect(first != second)
        #expect(third.byteCount == 16)
    }

    @Test func theEntryUnusedForLongestGoesFirst() throws {
        let cache = MasterKeyCache(capacity: 2)
        func ask(_ password: String) throws -> Int {
            _ = try cache.masterKey(password: SecretBytes(utf8: password), auth: .hmacMD5)
            return cache.derivationCount
        }
        #expect(try ask("password-a") == 1)
        #expect(try ask("password-b") == 2)
        #expect(try ask("password-a") == 2)
        #expect(try ask("password-c") == 3)
        #expect(cache.count == 2)
        #expect(try ask("password-a") == 3)
        #expect(try ask("password-b") == 4)
    }

    @Test func failuresAndClearedKeysAreNotRemembered() throws {
        let cache = MasterKeyCache()
        #expect(throws: SecurityError.passwordTooShort) {
            try cache.masterKey(password: SecretBytes(utf8: "short"), auth: .hmacMD5)
        }
        #expect(cache.count == 0 && cache.derivationCount == 0)
        _ = try cache.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: .hmacMD5)
        cache.removeAll()
        #expect(cache.count == 0)
        _ = try cache.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: .hmacMD5)
        #expect(cache.derivationCount == 2)
    }

    @Test func printedFormsShowTheNumberOfKeysOnly() throws {
        let cache = MasterKeyCache(capacity: 7)
        let key = try cache.masterKey(password: SecretBytes(utf8: "maplesyrup"), auth: .hmacMD5)
        #expect(leaks(of: cache, [SecretBytes(utf8: "maplesyrup"), key]).isEmpty)
        #expect("\(cache)" == "MasterKeyCache(1 of 7)")
    }
}
