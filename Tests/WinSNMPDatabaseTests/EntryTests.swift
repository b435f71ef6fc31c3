import Foundation
import PlatformIO
import Primitives
import SNMPCodec
import SNMPSecurity
import Testing
import WinSNMPEntries

@testable import WinSNMPDatabase

@Suite struct EntityEntryTests {
    @Test(arguments: [
        "192.0.2.1", "0.0.0.0", "2001:db8::1", "fe80::1%2", "fe80::1%nonesuch0", "::", "router", "a.b-c_d.example",
        "größe.example",
    ])
    func takesAddresses(address: String) throws { try EntityEntry(name: "e", address: address).validate() }

    @Test(arguments: [
        "", " ", "300.1.1.1", "1.2", "192.0.2.1:161", "[::1]", "[::1]:161", "router:161", "a b", "a\nb", "-a", ".",
        "udp:192.0.2.1", "fe80::1%a\u{7}", String(repeating: "a", count: 254),
    ])
    func refusesAddresses(address: String) {
        let error = #expect(throws: DatabaseError.self) { try EntityEntry(name: "e", address: address).validate() }
        guard case .invalid("e", "address", _)? = error else {
            Issue.record("\(address): \(String(describing: error))"); return
        }
    }

    @Test func refusesEachMemberOutOfRange() throws {
        try fullEntity().validate()
        let changes: [(String, (inout EntityEntry) -> Void)] = [
            ("name", { $0.name = "" }), ("name", { $0.name = "a\0" }), ("name", { $0.name = " a" }),
            ("name", { $0.name = String(repeating: "x", count: 256) }), ("requestPort", { $0.requestPort = 0 }),
            ("notificationPort", { $0.notificationPort = 0 }), ("timeoutCentiseconds", { $0.timeoutCentiseconds = 0 }),
            ("timeoutCentiseconds", { $0.timeoutCentiseconds = 360_001 }), ("retries", { $0.retries = 101 }),
            ("engineID", { $0.engineID = EngineID([1, 2, 3, 4]) }), ("engineID", { $0.engineID = .empty }),
            ("maximumMessageByteCount", { $0.maximumMessageByteCount = 483 }),
            ("maximumMessageByteCount", { $0.maximumMessageByteCount = 65_536 }), ("context", { $0.contextName = "" }),
        ]
        for (member, change) in changes {
            var entity = fullEntity()
            change(&entity)
            let error = #expect(throws: DatabaseError.self) { try entity.validate() }
            guard case .invalid(_, member, _)? = error else {
                Issue.record("\(member): \(String(describing: error))"); continue
            }
        }
    }

    @Test func addressesCarryTheRequestPort() throws {
        #expect(try fullEntity().addresses().map(\.description) == ["[2001:db8::1]:1161"])
        var local = EntityEntry(name: "l", address: "localhost")
        local.requestPort = 7
        #expect(local.numericAddress == nil)
        #expect(try local.addresses().allSatisfy { $0.isLoopback && $0.port == 7 })
        let error = #expect(throws: DatabaseError.self) {
            try EntityEntry(name: "gone", address: "fe80::1%nonesuch0").addresses()
        }
        #expect(error?.description.hasPrefix("gone: ") == true)
    }

    @Test func survivesOtherEncoders() throws {
        for entity in [EntityEntry(name: "e", address: "router"), fullEntity()] {
            let data = try JSONEncoder().encode(entity)
            #expect(try JSONDecoder().decode(EntityEntry.self, from: data) == entity)
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(EntityEntry.self, from: Data(#"{"name":"a","address":"b","retries":-1}"#.utf8))
        }
    }
}

@Suite struct ContextEntryTests {
    @Test func survivesOtherEncoders() throws {
        for kind in [
            ContextEntry.Kind.community(.literal("a\u{1}\"")), .community(.environment("V")), .community(.file("~/f")),
        ] {
            let context = ContextEntry(name: "c", kind: kind)
            #expect(try JSONDecoder().decode(ContextEntry.self, from: JSONEncoder().encode(context)) == context)
        }
        let user = fullContext()
        #expect(try JSONDecoder().decode(ContextEntry.self, from: JSONEncoder().encode(user)) == user)
        let bare = ContextEntry(name: "c", kind: .user(ContextUser(userName: "u")))
        #expect(try JSONDecoder().decode(ContextEntry.self, from: JSONEncoder().encode(bare)) == bare)
    }

    @Test func aPasswordIsNeverALiteral() throws {
        var user = ContextUser(userName: "u", authentication: .init(.hmacSHA1, password: .literal("password1")))
        let auth = ContextEntry(name: "c", kind: .user(user))
        #expect(throws: DatabaseError.self) { try auth.validate() }
        #expect(throws: DatabaseError.self) { try auth.security() }
        #expect(throws: DatabaseError.self) { try MemoryDatabase().put(auth) }
        user.authentication?.password = .environment("A")
        user.privacy = .init(.aes128, password: .literal("password1"))
        #expect(throws: DatabaseError.self) { try ContextEntry(name: "c", kind: .user(user)).validate() }
    }

    @Test func refusesLevelsWithoutKeys() throws {
        var user = ContextUser(userName: "u")
        #expect(user.securityLevel == .noAuthNoPriv)
        user.securityLevel = .authNoPriv
        #expect(throws: DatabaseError.self) { try ContextEntry(name: "c", kind: .user(user)).validate() }
        user.authentication = .init(.hmacSHA1, password: .environment("A"))
        try ContextEntry(name: "c", kind: .user(user)).validate()
        user.securityLevel = .authPriv
        #expect(throws: DatabaseError.self) { try ContextEntry(name: "c", kind: .user(user)).validate() }
        user.authentication = nil
        user.privacy = .init(.aes128, password: .environment("P"))
        user.securityLevel = .noAuthNoPriv
        #expect(throws: DatabaseError.self) { try ContextEntry(name: "c", kind: .user(user)).validate() }
    }

    @Test func makesCommunities() throws {
        let scratch = try Scratch()
        let file = try scratch.file("community", "from a file\r\nsecond\n")
        let literal = try ContextEntry(name: "c", kind: .community(.literal("private"))).security()
        #expect(literal == .community(Array("private".utf8)))
        let read = try ContextEntry(name: "c", kind: .community(.file(file))).security()
        #expect(read == .community(Array("from a file".utf8)))
    }

    @Test func makesCredentialsAtTheLevelAskedFor() throws {
        let scratch = try Scratch()
        let auth = try scratch.file("auth", "auth-password\n")
        let priv = try scratch.file("priv", "priv-password")
        var user = ContextUser(
            userName: "u", authentication: .init(.hmacSHA512, password: .file(auth)),
            privacy: .init(.aes192, .reeder, password: .file(priv)))
        user.contextName = "ctx"
        func credentials() throws -> USMCredentials {
            guard
                case .user(let credentials, let name, let id) = try ContextEntry(name: "c", kind: .user(user))
                    .security()
            else { throw CancellationError() }
            #expect(name == Array("ctx".utf8) && id == .empty)
            return credentials
        }
        let expected = try USMCredentials(
            userName: "u", auth: .hmacSHA512, authKey: .password("auth-password"), priv: .aes192,
            privKey: .password("priv-password"), keyExtension: .reeder)
        #expect(try credentials() == expected)
        user.securityLevel = .authNoPriv
        #expect(try credentials().securityLevel == .authNoPriv)
        // Secrets that are not needed are not asked for.
        user.authentication?.password = .file(scratch.path + "/missing")
        #expect(throws: DatabaseError.self) { try credentials() }
        user.securityLevel = .noAuthNoPriv
        #expect(try credentials() == USMCredentials(userName: "u"))
    }

    @Test func shortPasswordsAreRefused() throws {
        let scratch = try Scratch()
        let file = try scratch.file("auth", "short\n")
        let user = ContextUser(userName: "u", authentication: .init(.hmacMD5, password: .file(file)))
        #expect(throws: DatabaseError.security(.passwordTooShort, context: "c")) {
            try ContextEntry(name: "c", kind: .user(user)).security()
        }
    }
}

@Suite struct CredentialReferenceTests {
    @Test func variablesMustBeSet() throws {
        let reference = CredentialReference.environment("SECRET")
        #expect(
            try reference.secret(of: "c", .community) { $0 == "SECRET" ? "s3cret" : nil } == SecretBytes(utf8: "s3cret")
        )
        for value in [nil, ""] {
            let error = #expect(throws: DatabaseError.self) { try reference.secret(of: "c", .community) { _ in value } }
            #expect(error?.description.contains("variable SECRET") == true)
        }
    }

    @Test func filesBelowHome() throws {
        let scratch = try Scratch()
        _ = try scratch.file("key", "s3cret")
        let reference = CredentialReference.file("~/key")
        #expect(
            try reference.secret(of: "c", .community) { $0 == "HOME" ? scratch.path : nil }
                == SecretBytes(utf8: "s3cret"))
        for home in [nil, "relative"] {
            #expect(throws: DatabaseError.self) { try reference.secret(of: "c", .community) { _ in home } }
        }
    }

    @Test(arguments: [0o600, 0o400, 0o640, 0o440, 0o700, 0o604, 0o606, 0o602, 0o660, 0o644, 0o666] as [UInt32])
    func refusesFilesThatOthersCanReach(mode: UInt32) throws {
        let scratch = try Scratch()
        let path = try scratch.file("key", "s3cret\n", mode: mode)
        let isPrivate = [0o600, 0o400, 0o640, 0o440, 0o700].contains(mode)
        guard !isPrivate else {
            #expect(try CredentialReference.file(path).secret(of: "c", .community) == SecretBytes(utf8: "s3cret"))
            return
        }
        let error = #expect(throws: DatabaseError.self) {
            try CredentialReference.file(path).secret(of: "c", .community)
        }
        #expect(error?.description.contains("chmod") == true)
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test func refusesOtherThingsThanALine() throws {
        let scratch = try Scratch()
        for text in ["", "\nsecond", String(repeating: "x", count: 4_097)] {
            let path = try scratch.file("key", text)
            #expect(throws: DatabaseError.self) { try CredentialReference.file(path).secret(of: "c", .community) }
        }
        let longest = try scratch.file("key", String(repeating: "x", count: 4_096))
        #expect(try CredentialReference.file(longest).secret(of: "c", .community).byteCount == 4_096)
        for path in [scratch.path, scratch.path + "/missing", "/dev/zero"] {
            #expect(throws: DatabaseError.self) { try CredentialReference.file(path).secret(of: "c", .community) }
        }
    }

    @Test func placesAreChecked() {
        for (reference, isGood) in [
            (CredentialReference.environment("A_1"), true), (.environment(""), false), (.environment("1A"), false),
            (.environment("A=B"), false), (.environment("Ä"), false), (.file("/a"), true), (.file("~/a"), true),
            (.file("a"), false), (.file("~user/a"), false), (.file("/a\n"), false), (.literal("public"), true),
            (.literal(""), false), (.literal(String(repeating: "x", count: 256)), false),
        ] {
            let context = ContextEntry(name: "c", kind: .community(reference))
            #expect((try? context.validate()) != nil ? isGood : !isGood, "\(reference)")
        }
    }

    @Test func neverPrintsAnythingButPublic() throws {
        let entry = ContextEntry(name: "c", kind: .community(.literal("s3cret")))
        var dumped = ""
        dump(entry, to: &dumped)
        dump(try entry.security(), to: &dumped)
        dumped +=
            "\(entry) \(String(reflecting: entry)) \(try entry.security()) \(String(reflecting: try entry.security()))"
        #expect(!dumped.contains("s3cret") && !dumped.contains("115"))
        #expect("\(CredentialReference.literal("public"))" == "\"public\"")
        #expect("\(CredentialReference.literal("publicly"))" == "<literal>")
    }
}
