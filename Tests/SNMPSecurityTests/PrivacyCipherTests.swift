import Primitives
import SNMPSecurity
import Testing

extension PrivacyCipher {
    /// A cipher from a key in hexadecimal, for DES and 3DES followed by the pre-IV.
    static func make(_ priv: PrivProtocol, _ key: String, preIV: String = "") throws -> PrivacyCipher {
        try PrivacyCipher(priv, key: SecretBytes(bytes(hex: key + preIV)))
    }

    func encrypt(_ text: [UInt8], _ boots: UInt32, _ time: UInt32, _ salt: UInt64) throws -> [UInt8] {
        var output = [UInt8](repeating: 0xEE, count: text.count + 8)
        let count = try output.withUnsafeMutableBytes {
            try encrypt(text.span.bytes, engineBoots: boots, engineTime: time, salt: salt, into: $0)
        }
        #expect(output[count...].allSatisfy { $0 == 0xEE })
        return Array(output[..<count])
    }

    func decrypt(_ text: [UInt8], _ boots: UInt32, _ time: UInt32, _ salt: UInt64) throws -> [UInt8] {
        var output = [UInt8](repeating: 0xEE, count: text.count)
        try output.withUnsafeMutableBytes {
            try decrypt(text.span.bytes, engineBoots: boots, engineTime: time, salt: salt, into: $0)
        }
        return output
    }
}

@Suite struct PrivacyCipherTests {
    struct Vector: CustomTestStringConvertible {
        let priv: PrivProtocol
        let key: String
        let plaintext: String
        let ciphertext: String
        var testDescription: String { priv.description }
    }

    static let blocks = """
        6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
        30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710
        """

    // Evidence: NIST SP 800-38A, F.3.13, F.3.15 and F.3.17 (CFB128), initialisation vector 00 01 ... 0f.
    static let aes = [
        Vector(
            priv: .aes128, key: "2b7e151628aed2a6abf7158809cf4f3c", plaintext: blocks,
            ciphertext: """
                3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b\
                26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6
                """),
        Vector(
            priv: .aes192, key: "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", plaintext: blocks,
            ciphertext: """
                cdc80d6fddf18cab34c25909c99a417467ce7f7f81173621961a2b70171d3d7a\
                2e1e8a1dd59b88b1c8e60fed1efac4c9c05f9f9ca9834fa042ae8fba584b09ff
                """),
        Vector(
            priv: .aes256, key: "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            plaintext: blocks,
            ciphertext: """
                dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b\
                df10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471
                """),
    ]

    @Test(arguments: aes) func aesCFB128(vector: Vector) throws {
        let cipher = try PrivacyCipher.make(vector.priv, vector.key)
        let plaintext = bytes(hex: vector.plaintext)
        // Every length: in a stream mode a shorter text has a shorter prefix of the same ciphertext.
        for count in 1...plaintext.count {
            let part = Array(plaintext[..<count])
            let ciphertext = try cipher.encrypt(part, 0x0001_0203, 0x0405_0607, 0x0809_0A0B_0C0D_0E0F)
            #expect(hex(ciphertext) == String(vector.ciphertext.prefix(2 * count)))
            #expect(try cipher.decrypt(ciphertext, 0x0001_0203, 0x0405_0607, 0x0809_0A0B_0C0D_0E0F) == part)
        }
    }

    // Evidence: FIPS 81, table C1 (CBC): "Now is the time for all ".
    @Test func desCBC() throws {
        let text = Array("Now is the time for all ".utf8)
        let expected = "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"
        // The vector 1234567890abcdef once as salt, once as pre-IV, once as the XOR of both.
        let splits: [(String, UInt64)] = [
            ("0000000000000000", 0x1234_5678_90AB_CDEF), ("1234567890abcdef", 0),
            ("ffffffffffffffff", 0xEDCB_A987_6F54_3210),
        ]
        for (preIV, salt) in splits {
            let cipher = try PrivacyCipher.make(.des, "0123456789abcdef", preIV: preIV)
            #expect(hex(try cipher.encrypt(text, 1, 2, salt)) == expected)
            #expect(try cipher.decrypt(bytes(hex: expected), 3, 4, salt) == text)
        }
    }

    // Evidence: NIST's TDES example for SP 800-38A, CBC with three keys; pre-IV and salt are ours.
    @Test func tripleDESCBC() throws {
        let key = "0123456789abcdef23456789abcdef01456789abcdef0123"
        let text = bytes(hex: String(Self.blocks.prefix(64)))
        let expected = "2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7"
        let cipher = try PrivacyCipher.make(.tripleDES, key, preIV: "0102030405060708")
        let salt: UInt64 = 0xF69F_2445_DF4F_9B17 ^ 0x0102_0304_0506_0708
        #expect(hex(try cipher.encrypt(text, 1, 2, salt)) == expected)
        #expect(try cipher.decrypt(bytes(hex: expected), 3, 4, salt) == text)
    }

    static func cipher(_ priv: PrivProtocol) throws -> PrivacyCipher {
        let octets = (0..<priv.keyByteCount).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        return try PrivacyCipher(priv, key: SecretBytes(octets))
    }

    @Test(arguments: PrivProtocol.allCases) func everyLengthComesBack(priv: PrivProtocol) throws {
        let cipher = try Self.cipher(priv)
        var random = SeededRandom(seed: 38)
        for count in Array(1...70) + [1_400, 65_507] {
            let text = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let boots = UInt32(truncatingIfNeeded: random.next())
            let time = UInt32(truncatingIfNeeded: random.next())
            let salt = random.next()
            let ciphertext = try cipher.encrypt(text, boots, time, salt)
            #expect(ciphertext.count == cipher.ciphertextByteCount(plaintextByteCount: count))
            #expect(ciphertext.count % priv.blockByteCount == 0 && ciphertext.count - count < priv.blockByteCount)
            let back = try cipher.decrypt(ciphertext, boots, time, salt)
            #expect(Array(back[..<count]) == text, "\(count) octets")
            #expect(back[count...].allSatisfy { $0 == 0 })

            var inPlace = ciphertext
            try inPlace.withUnsafeMutableBytes {
                try cipher.decryptInPlace($0, engineBoots: boots, engineTime: time, salt: salt)
            }
            #expect(inPlace == back)
            let written = try inPlace.withUnsafeMutableBytes {
                try cipher.encryptInPlace(
                    $0, plaintextByteCount: count, engineBoots: boots, engineTime: time, salt: salt)
            }
            #expect(inPlace == ciphertext && written == ciphertext.count)
        }
    }

    @Test(arguments: PrivProtocol.allCases) func saltBootsAndTimeAreInTheVector(priv: PrivProtocol) throws {
        let cipher = try Self.cipher(priv)
        let text = [UInt8](repeating: 0x30, count: 16)
        let reference = try cipher.encrypt(text, 1, 2, 3)
        #expect(try cipher.encrypt(text, 1, 2, 3) == reference)
        #expect(try cipher.encrypt(text, 1, 2, 4) != reference)
        let usesClock = priv.blockByteCount == 1
        #expect((try cipher.encrypt(text, 9, 2, 3) != reference) == usesClock)
        #expect((try cipher.encrypt(text, 1, 9, 3) != reference) == usesClock)
    }

    @Test(arguments: [PrivProtocol.des, .tripleDES])
    func ciphertextThatIsNoMultipleOfTheBlockIsRefused(priv: PrivProtocol) throws {
        let cipher = try Self.cipher(priv)
        for count in 0...33 where count == 0 || count % 8 != 0 {
            #expect(throws: SecurityError.dataLengthInvalid) {
                try cipher.decrypt([UInt8](repeating: 1, count: count), 0, 0, 0)
            }
        }
    }

    @Test(arguments: PrivProtocol.allCases) func emptyTextsAndSmallBuffersAreRefused(priv: PrivProtocol) throws {
        let cipher = try Self.cipher(priv)
        #expect(throws: SecurityError.dataLengthInvalid) { try cipher.encrypt([], 0, 0, 0) }
        #expect(throws: SecurityError.dataLengthInvalid) { try cipher.decrypt([], 0, 0, 0) }
        let text = [UInt8](repeating: 1, count: 17)
        let room = cipher.ciphertextByteCount(plaintextByteCount: 17) - 1
        var output = [UInt8](repeating: 0, count: room)
        #expect(throws: SecurityError.bufferTooSmall) {
            try output.withUnsafeMutableBytes {
                try cipher.encrypt(text.span.bytes, engineBoots: 0, engineTime: 0, salt: 0, into: $0)
            }
        }
        let ciphertext = try cipher.encrypt(text, 0, 0, 0)
        #expect(throws: SecurityError.bufferTooSmall) {
            try output.withUnsafeMutableBytes {
                try cipher.decrypt(ciphertext.span.bytes, engineBoots: 0, engineTime: 0, salt: 0, into: $0)
            }
        }
        #expect(throws: SecurityError.dataLengthInvalid) {
            try output.withUnsafeMutableBytes {
                try cipher.encryptInPlace($0, plaintextByteCount: -1, engineBoots: 0, engineTime: 0, salt: 0)
            }
        }
        #expect(throws: SecurityError.dataLengthInvalid) {
            try output.withUnsafeMutableBytes {
                try cipher.encryptInPlace($0, plaintextByteCount: .max, engineBoots: 0, engineTime: 0, salt: 0)
            }
        }
    }

    @Test func keysOfWrongLengthAreRefused() {
        for priv in PrivProtocol.allCases {
            for count in [0, 8, priv.keyByteCount - 1, priv.keyByteCount + 1] {
                #expect(throws: SecurityError.keyLengthInvalid) {
                    try PrivacyCipher(priv, key: SecretBytes([UInt8](repeating: 1, count: count)))
                }
            }
        }
    }

    @Test func privacyParametersAreEightOctets() throws {
        let octets: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        let salt = try PrivacyCipher.salt(privacyParameters: octets.span.bytes.extracting(first: 8))
        #expect(salt == 0x0102_0304_0506_0708)
        for count in [0, 1, 7, 9] {
            #expect(throws: SecurityError.saltLengthInvalid) {
                try PrivacyCipher.salt(privacyParameters: octets.span.bytes.extracting(first: count))
            }
        }
    }

    @Test func saltsCarryBootsForDESOnly() {
        #expect(PrivProtocol.des.salt(counter: 0xFFFF_FFFF_0000_0009, engineBoots: 7) == 0x0000_0007_0000_0009)
        #expect(PrivProtocol.tripleDES.salt(counter: 9, engineBoots: .max) == 0xFFFF_FFFF_0000_0009)
        #expect(PrivProtocol.aes256.salt(counter: .max, engineBoots: 7) == .max)
    }

    @Test func printedFormsAreRedacted() throws {
        let key = SecretBytes(Array("sixteen byte key".utf8))
        let preIV = SecretBytes(Array("byte key".utf8))
        #expect(leaks(of: try PrivacyCipher(.des, key: key), [key, preIV]).isEmpty)
        #expect(leaks(of: try PrivacyCipher(.aes128, key: key), [key, preIV]).isEmpty)
    }
}
