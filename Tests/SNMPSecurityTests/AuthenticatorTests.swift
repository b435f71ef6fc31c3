import SNMPSecurity
import Testing

extension Authenticator {
    func mac(of message: [UInt8]) throws -> [UInt8] {
        var result = [UInt8](repeating: 0xEE, count: macByteCount)
        try result.withUnsafeMutableBytes { try computeMAC(of: message.span.bytes, into: $0) }
        return result
    }

    func sign(_ message: inout [UInt8], macOffset: Int) throws {
        try message.withUnsafeMutableBytes { try sign($0, macOffset: macOffset) }
    }
}

@Suite struct AuthenticatorTests {
    struct Vector: CustomTestStringConvertible {
        let auth: AuthProtocol
        let key: [UInt8]
        let message: [UInt8]
        let digest: String
        var testDescription: String { "\(auth) over \(message.count) octets" }
    }

    // HMAC fills short keys with zeros, so a vector's key may be lengthened by zeros to the digest's length.
    private static func vector(_ auth: AuthProtocol, _ key: [UInt8], _ message: [UInt8], _ digest: String) -> Vector {
        let zeros = [UInt8](repeating: 0, count: auth.digestByteCount - key.count)
        return Vector(auth: auth, key: key + zeros, message: message, digest: digest)
    }

    private static func octets(_ octet: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: octet, count: count) }

    // Evidence: RFC 2202, 2 and 3 (MD5, SHA-1), cases 1 to 3; RFC 4231, 4.2 to 4.4 (SHA-2). First octets of each.
    static let vectors: [Vector] = {
        let hi = Array("Hi There".utf8)
        let jefe = Array("Jefe".utf8)
        let what = Array("what do ya want for nothing?".utf8)
        let dd = octets(0xDD, 50)
        return [
            vector(.hmacMD5, octets(0x0B, 16), hi, "9294727a3638bb1c13f48ef8158bfc9d"),
            vector(.hmacMD5, jefe, what, "750c783e6ab0b503eaa86e310a5db738"),
            vector(.hmacMD5, octets(0xAA, 16), dd, "56be34521d144c88dbb8c733f0e8b3f6"),
            vector(.hmacSHA1, octets(0x0B, 20), hi, "b617318655057264e28bc0b6fb378c8ef146be00"),
            vector(.hmacSHA1, jefe, what, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            vector(.hmacSHA1, octets(0xAA, 20), dd, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
            vector(.hmacSHA224, octets(0x0B, 20), hi, "896fb1128abbdf196832107cd49df33f"),
            vector(.hmacSHA224, jefe, what, "a30e01098bc6dbbf45690f3a7e9e6d0f"),
            vector(.hmacSHA224, octets(0xAA, 20), dd, "7fb3cb3588c6c1f6ffa9694d7d6ad264"),
            vector(.hmacSHA256, octets(0x0B, 20), hi, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da7"),
            vector(.hmacSHA256, jefe, what, "5bdcc146bf60754e6a042426089575c75a003f089d273983"),
            vector(.hmacSHA256, octets(0xAA, 20), dd, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122"),
            vector(
                .hmacSHA384, octets(0x0B, 20), hi,
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"),
            vector(
                .hmacSHA384, jefe, what,
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"),
            vector(
                .hmacSHA384, octets(0xAA, 20), dd,
                "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"),
            vector(
                .hmacSHA512, octets(0x0B, 20), hi,
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4"),
            vector(
                .hmacSHA512, jefe, what,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"),
            vector(
                .hmacSHA512, octets(0xAA, 20), dd,
                "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807"),
        ]
    }()

    @Test(arguments: vectors) func publishedVectors(vector: Vector) throws {
        let authenticator = try Authenticator(vector.auth, localizedKey: SecretBytes(vector.key))
        let expected = String(vector.digest.prefix(2 * vector.auth.macByteCount))
        // Twice, because the context is used again and again.
        #expect(hex(try authenticator.mac(of: vector.message)) == expected)
        #expect(hex(try authenticator.mac(of: vector.message)) == expected)
    }

    static func authenticator(_ auth: AuthProtocol, keyOctet: UInt8 = 7) throws -> Authenticator {
        try Authenticator(auth, localizedKey: SecretBytes(octets(keyOctet, auth.digestByteCount)))
    }

    @Test(arguments: AuthProtocol.allCases) func theFieldCountsAsZeroWhereverItStands(auth: AuthProtocol) throws {
        let authenticator = try Self.authenticator(auth)
        let size = auth.macByteCount
        for offset in [0, 1, 60, 152 - size] {
            var message = (0..<152).map { UInt8($0) }
            var zeroed = message
            zeroed.replaceSubrange(offset..<(offset + size), with: [UInt8](repeating: 0, count: size))
            let expected = try authenticator.mac(of: zeroed)

            try authenticator.sign(&message, macOffset: offset)
            #expect(Array(message[offset..<(offset + size)]) == expected)
            #expect(Array(message[..<offset]) == Array(zeroed[..<offset]))
            #expect(Array(message[(offset + size)...]) == Array(zeroed[(offset + size)...]))
            try authenticator.verify(message.span.bytes, mac: offset..<(offset + size))

            var parts = [UInt8](repeating: 0, count: size)
            try parts.withUnsafeMutableBytes {
                try authenticator.computeMAC(
                    before: zeroed.span.bytes.extracting(first: offset),
                    after: zeroed.span.bytes.extracting((offset + size)...), into: $0)
            }
            #expect(parts == expected)
        }
    }

    @Test(arguments: AuthProtocol.allCases) func everyFlippedBitIsNoticed(auth: AuthProtocol) throws {
        let authenticator = try Self.authenticator(auth)
        var message = [UInt8](repeating: 0x30, count: 100)
        try authenticator.sign(&message, macOffset: 20)
        let field = 20..<(20 + auth.macByteCount)
        for bit in 0..<(message.count * 8) {
            message[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SecurityError.wrongDigest) {
                try authenticator.verify(message.span.bytes, mac: field)
            }
            message[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        try authenticator.verify(message.span.bytes, mac: field)
        let stranger = try Self.authenticator(auth, keyOctet: 8)
        #expect(throws: SecurityError.wrongDigest) { try stranger.verify(message.span.bytes, mac: field) }
    }

    @Test(arguments: AuthProtocol.allCases) func oneByteHMACIsRejectedCVE20080960(auth: AuthProtocol) throws {
        let authenticator = try Self.authenticator(auth)
        // All first octets are tried: one of them is right, and must be refused like the others.
        for octet in UInt8.min...UInt8.max {
            let message = [UInt8](repeating: 0x30, count: 40) + [octet] + [UInt8](repeating: 0x31, count: 40)
            #expect(throws: SecurityError.macLengthInvalid) {
                try authenticator.verify(message.span.bytes, mac: 40..<41)
            }
        }
    }

    @Test(arguments: AuthProtocol.allCases) func onlyTheExactLengthIsAccepted(auth: AuthProtocol) throws {
        let authenticator = try Self.authenticator(auth)
        var message = [UInt8](repeating: 0x30, count: 120)
        try authenticator.sign(&message, macOffset: 40)
        for length in 0...80 where length != auth.macByteCount {
            #expect(throws: SecurityError.macLengthInvalid) {
                try authenticator.verify(message.span.bytes, mac: 40..<(40 + length))
            }
        }
        try authenticator.verify(message.span.bytes, mac: 40..<(40 + auth.macByteCount))
    }

    @Test func fieldsOutsideTheMessageAreRefused() throws {
        let authenticator = try Self.authenticator(.hmacSHA1)
        var message = [UInt8](repeating: 0x30, count: 40)
        for start in [-12, -1, 29, 40, Int.max - 12] {
            #expect(throws: SecurityError.macLengthInvalid) {
                try authenticator.verify(message.span.bytes, mac: start..<(start + 12))
            }
            #expect(throws: SecurityError.macLengthInvalid) {
                try authenticator.sign(&message, macOffset: start)
            }
        }
        var short = [UInt8](repeating: 0, count: 11)
        #expect(throws: SecurityError.macLengthInvalid) { try authenticator.sign(&short, macOffset: 0) }
        #expect(throws: SecurityError.bufferTooSmall) {
            try short.withUnsafeMutableBytes { try authenticator.computeMAC(of: message.span.bytes, into: $0) }
        }
        #expect(short == [UInt8](repeating: 0, count: 11))
    }

    @Test func keysOfWrongLengthAreRefused() {
        for auth in AuthProtocol.allCases {
            for count in [0, 1, auth.digestByteCount - 1, auth.digestByteCount + 1] {
                #expect(throws: SecurityError.keyLengthInvalid) {
                    try Authenticator(auth, localizedKey: SecretBytes([UInt8](repeating: 1, count: count)))
                }
            }
        }
    }

    @Test func printedFormsAreRedacted() throws {
        let key = SecretBytes(Array("a key of twenty byte".utf8))
        #expect(leaks(of: try Authenticator(.hmacSHA1, localizedKey: key), [key]).isEmpty)
    }
}
