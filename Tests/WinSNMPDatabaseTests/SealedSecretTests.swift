import Foundation
import JSON
import PlatformIO
import SNMPCodec
import SNMPSecurity
import Sealing
import Testing
import WinSNMPEntries

@testable import WinSNMPDatabase

@Suite struct SealedSecretTests {
    private let scratch: Scratch
    private let key: SecretKeyFile

    init() throws {
        scratch = try Scratch()
        try FileAccess.writeAtomically(scratch.path + "/key", SealingKey.randomBytes(32))
        key = try SecretKeyFile(scratch.path + "/key")
    }

    private func sealed(
        _ text: String, _ entry: String = "core", _ member: SecretMember = .community
    ) throws
        -> CredentialReference
    {
        try key.seal(Array(text.utf8), of: entry, member)
    }

    @Test func opensWhatItSealed() throws {
        for text in ["a", "s3cret", String(repeating: "x", count: 4_096)] {
            #expect(try sealed(text).secret(of: "core", .community) == SecretBytes(utf8: text))
        }
        #expect(throws: DatabaseError.self) { try sealed("") }
        #expect(throws: DatabaseError.self) { try sealed(String(repeating: "x", count: 4_097)) }
    }

    @Test func fitsItsEntryAndMemberOnly() throws {
        let reference = try sealed("s3cret")
        for (entry, member) in [("CORE", SecretMember.community), ("", .community), ("core", .authPassword)] {
            let error = #expect(throws: DatabaseError.self) { try reference.secret(of: entry, member) }
            #expect(error?.description.contains("s3cret") == false)
        }
        #expect(key.isSealed(reference, Array("s3cret".utf8), of: "core", .community))
        #expect(!key.isSealed(reference, Array("s3cret".utf8), of: "edge", .community))
        #expect(!key.isSealed(reference, Array("other".utf8), of: "core", .community))
        #expect(!key.isSealed(.literal("s3cret"), Array("s3cret".utf8), of: "core", .community))
    }

    @Test func damageAndOtherKeysAreTold() throws {
        guard case .sealed(var bytes, let path) = try sealed("s3cret") else { Issue.record("not sealed"); return }
        bytes[20] ^= 1
        #expect(throws: DatabaseError.self) {
            try CredentialReference.sealed(bytes, keyFile: path).secret(of: "core", .community)
        }
        let reference = try sealed("s3cret")
        try FileAccess.writeAtomically(path, SealingKey.randomBytes(32))
        #expect(throws: DatabaseError.self) { try reference.secret(of: "core", .community) }
        try FileAccess.writeAtomically(path, SealingKey.randomBytes(31))
        #expect(throws: DatabaseError.self) { try reference.secret(of: "core", .community) }
        try FileAccess.remove(path)
        #expect(throws: DatabaseError.self) { try reference.secret(of: "core", .community) }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o610, 0o666] as [UInt32])
    func aKeyThatOthersCanReachIsRefused(mode: UInt32) throws {
        let reference = try sealed("s3cret")
        try FileManager.default.setAttributes([.posixPermissions: Int(mode)], ofItemAtPath: key.path)
        let error = #expect(throws: DatabaseError.self) { try reference.secret(of: "core", .community) }
        #expect(error?.description.contains("chmod 600") == true)
    }

    @Test func aPasswordMayBeSealed() throws {
        var user = ContextUser(
            userName: "u",
            authentication: .init(.hmacSHA256, password: try sealed("auth-password", "c", .authPassword)),
            privacy: .init(.aes128, password: try sealed("priv-password", "c", .privPassword)))
        let context = ContextEntry(name: "c", kind: .user(user))
        let expected = try USMCredentials(
            userName: "u", auth: .hmacSHA256, authKey: .password("auth-password"), priv: .aes128,
            privKey: .password("priv-password"))
        #expect(try context.security() == .user(expected, contextName: [], contextEngineID: .empty))
        // The two are not interchangeable.
        user.authentication?.password = try sealed("priv-password", "c", .privPassword)
        #expect(throws: DatabaseError.self) { try ContextEntry(name: "c", kind: .user(user)).security() }
    }

    @Test func survivesTheFileAndPrintsNothing() throws {
        let context = ContextEntry(name: "core", kind: .community(try sealed("s3cret")))
        let database = JSONDatabase(path: scratch.path + "/d.json")
        try database.put(context)
        #expect(try JSONDatabase(path: database.path).context(named: "core") == context)
        #expect(try JSONDecoder().decode(ContextEntry.self, from: JSONEncoder().encode(context)) == context)
        #expect(try !FileAccess.readText(database.path).contains("s3cret"))
        var dumped = ""
        dump(context, to: &dumped)
        dumped += "\(context) \(String(reflecting: context)) \(key)"
        #expect(!dumped.contains("s3cret") && dumped.contains("sealed with \(key.path)"))
    }

    @Test(arguments: [
        "{\"sealed\":\"00\"}", "{\"sealed\":\"0\",\"keyFile\":\"/k\"}", "{\"sealed\":\"xy\",\"keyFile\":\"/k\"}",
        "{\"sealed\":\"0011\",\"keyFile\":\"/k\"}", "{\"sealed\":5,\"keyFile\":\"/k\"}",
        "{\"sealed\":\"\(String(repeating: "00", count: 40))\",\"keyFile\":\"k\"}",
        "{\"sealed\":\"\(String(repeating: "00", count: 40))\",\"keyFile\":\"/k\",\"file\":\"/f\"}",
        "{\"sealed\":\"\(String(repeating: "00", count: 5_000))\",\"keyFile\":\"/k\"}",
    ])
    func badOnesAreRefused(text: String) throws {
        let path = try scratch.file("d.json", "{\"contexts\":[{\"name\":\"c\",\"community\":\(text)}]}")
        let error = #expect(throws: DatabaseError.self) { try JSONDatabase(path: path).contextNames() }
        #expect(error?.member?.hasPrefix("contexts[0].community") == true, "\(error?.description ?? "")")
    }
}
