// Layer: StationStoreTests. Tests: SealingKey, DeviceSecurity.

import Primitives
import Sealing
import Testing

@testable import StationStore

@Suite struct SecretTests {
    private static let user = DeviceUser(
        name: "anna", authentication: .init(protocolName: "SHA-256", password: Array("authpassword".utf8)),
        privacy: .init(protocolName: "AES-128", password: Array("privpassword".utf8)), contextName: "vlan-7")

    private static let all: [DeviceSecurity] = [
        .v1(community: Array("hidden1".utf8)), .v2c(community: [0, 255, 1]), .v2c(community: []), .v3(user),
        .v3(DeviceUser(name: "nobody")),
        .v3(DeviceUser(name: "b", authentication: .init(protocolName: "MD5", password: []))),
    ]

    @Test func whatIsSealedOpensAgain() throws {
        let key = try #require(SealingKey(SealingKey.randomBytes(32)))
        for count in [0, 1, 15, 16, 17, 1_000] {
            let plain = SealingKey.randomBytes(count)
            #expect(try key.open(try key.seal(plain, device: 7), device: 7) == plain)
        }
    }

    @Test func sealedTwiceItLooksDifferent() throws {
        let key = try #require(SealingKey(Rig.key))
        #expect(try key.seal([1, 2, 3], device: 7) != key.seal([1, 2, 3], device: 7))
    }

    @Test func anotherDeviceOrKeyDoesNotOpenIt() throws {
        let key = try #require(SealingKey(Rig.key))
        let sealed = try key.seal([1, 2, 3], device: 7)
        #expect(storeError { _ = try key.open(sealed, device: 8) } == .secretsUnreadable(device: 8))
        let other = try #require(SealingKey(SealingKey.randomBytes(32)))
        #expect(storeError { _ = try other.open(sealed, device: 7) } == .secretsUnreadable(device: 7))
    }

    @Test func noChangedBitAndNoTruncationPasses() throws {
        let key = try #require(SealingKey(Rig.key))
        let sealed = try key.seal([1, 2, 3], device: 7)
        for bit in 0..<sealed.count * 8 {
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: StoreError.self, "bit \(bit)") { _ = try key.open(changed, device: 7) }
        }
        for count in 0..<sealed.count {
            #expect(throws: StoreError.self) { _ = try key.open(Array(sealed[..<count]), device: 7) }
        }
    }

    @Test func sealedFormIsVersionNonceTextTag() throws {
        let key = try #require(SealingKey(Rig.key))
        let sealed = try key.seal([UInt8](repeating: 9, count: 40), device: 1)
        #expect(sealed.count == 1 + 12 + 40 + 16)
        #expect(sealed[0] == 1)
    }

    @Test(arguments: all) func securityIsReadAsItWasWritten(_ security: DeviceSecurity) throws {
        let bytes = try #require(security.encoded())
        #expect(DeviceSecurity(decoding: bytes) == security)
        for count in 0..<bytes.count { #expect(DeviceSecurity(decoding: Array(bytes[..<count])) == nil) }
        #expect(DeviceSecurity(decoding: bytes + [0]) == nil)
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededRandom(seed: 77)
        for _ in 0..<2_000 {
            var bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...8, using: &random)
            }
            if !bytes.isEmpty { bytes[0] = 1 }
            if let security = DeviceSecurity(decoding: bytes) { #expect(security.encoded() != nil) }
        }
    }

    @Test func tooLongSecretsAreRefused() {
        #expect(DeviceSecurity.v1(community: [UInt8](repeating: 0, count: 70_000)).encoded() == nil)
    }

    @Test func nothingPrintsSecrets() {
        for security in Self.all {
            var dumped = ""
            dump(security, to: &dumped)
            for text in ["\(security)", String(reflecting: security), dumped, "\([security])"] {
                for secret in ["hidden1", "authpassword", "privpassword", "255"] { #expect(!text.contains(secret)) }
            }
        }
        var dumped = ""
        dump(Self.user, to: &dumped)
        dump(Self.user.authentication, to: &dumped)
        #expect(!dumped.contains("authpassword") && !dumped.contains("97"))
        #expect("\(DeviceSecurity.v3(Self.user))" == "SNMPv3 user anna SHA-256 AES-128")
    }
}
