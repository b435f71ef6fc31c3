// Layer: WinSNMPEntries, for tests. Used by: WinSNMPDatabaseTests, WinSNMPStoreTests.
// Entries with every member set, and a directory to keep them in.

import PlatformIO
import SNMPCodec
import SNMPSecurity
public import WinSNMPDatabase

/// A directory of a test's own, gone with it.
public final class Scratch: Sendable {
    /// Its path.
    public let path = "/tmp/oriel-winsnmp-\(Program.id)-\(UInt64.random(in: 0 ... .max))"

    /// Makes it.
    public init() throws { try FileAccess.createDirectory(path, mode: 0o700) }

    deinit { Scratch.removeAll(path) }

    private static func removeAll(_ path: String) {
        for name in (try? FileAccess.list(path)) ?? [] { removeAll(path + "/" + name) }
        try? FileAccess.remove(path)
    }

    /// Makes a file in it; its path.
    public func file(_ name: String, _ text: String, mode: UInt32 = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try FileAccess.writeAtomically(file, Array(text.utf8), mode: mode)
        return file
    }
}

/// An entity with every member set.
public func fullEntity(_ name: String = "core") -> EntityEntry {
    var entity = EntityEntry(name: name, address: "2001:db8::1")
    entity.transport = .tcp
    entity.requestPort = 1161
    entity.notificationPort = 1162
    entity.version = .v3
    entity.timeoutCentiseconds = 250
    entity.retries = 0
    entity.engineID = .init(hex: "80001f880472696773656e64")
    entity.maximumMessageByteCount = 1_472
    entity.contextName = "monitor"
    return entity
}

/// A context with every member of a user set.
public func fullContext(_ name: String = "monitor") -> ContextEntry {
    var user = ContextUser(
        userName: "mon", authentication: .init(.hmacSHA256, password: .environment("MON_AUTH")),
        privacy: .init(.aes256, .reeder, password: .file("/etc/oriel/priv")))
    user.contextName = "vlan-7"
    user.contextEngineID = .init(hex: "8000000001020304")
    user.securityLevel = .authNoPriv
    return ContextEntry(name: name, kind: .user(user))
}
