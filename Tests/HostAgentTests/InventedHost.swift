// Layer: tests. Used by: all tests of HostAgent.
// A machine made of a dictionary: files by their paths, and what the system tells apart from files.

import HostAgent
import SNMPCodec

/// A machine that a test makes up. A class, so that a test can change it between two readings.
final class InventedHost: HostFiles {
    var files: [String: [UInt8]] = [:]
    var directories: Set<String> = []
    var spaces: [String: FileSystemSpace] = [:]
    var identity: HostIdentity?
    var ipv4Addresses: [HostIPv4Address] = []
    var wallDeciseconds: Int64 = 0
    var utcOffset = 0
    var ticksPerSecond: UInt64 = 100
    var pageByteCount: UInt64 = 4096
    /// How often a list of sockets was read.
    private(set) var listReadCount = 0

    init(_ files: [String: String] = [:]) {
        for (path, text) in files { self[path] = text }
    }

    /// A file as text.
    subscript(path: String) -> String? {
        get { files[path].map { String(decoding: $0, as: UTF8.self) } }
        set { files[path] = newValue.map { Array($0.utf8) } }
    }

    func read(_ path: String, limit: Int) -> [UInt8]? {
        files[path].map { Array($0.prefix(limit)) }
    }

    func readList(_ path: String, limit: Int) -> [UInt8]? {
        listReadCount += 1
        return read(path, limit: limit)
    }

    func entries(of directory: String, limit: Int) -> [String]? {
        let prefix = directory + "/"
        let below = (Array(files.keys) + directories).filter { $0.hasPrefix(prefix) }
        let names = Set(below.map { String($0.dropFirst(prefix.count).prefix { $0 != "/" }) })
        return below.isEmpty ? nil : Array(names.sorted().prefix(limit))
    }

    func exists(_ path: String) -> Bool {
        files[path] != nil || directories.contains(path) || entries(of: path, limit: 1) != nil
    }

    func space(at path: String) -> FileSystemSpace? { spaces[path] }
    func utcOffsetSeconds(at wallSeconds: Int64) -> Int { utcOffset }

    /// Adds what /sys says of an interface; attributes not given are missing.
    func addInterface(_ name: String, index: Int, _ attributes: [String: String] = [:], kind: String? = nil) {
        let devtype = kind.map { "DEVTYPE=\($0)\n" } ?? ""
        self["/sys/class/net/\(name)/uevent"] = devtype + "INTERFACE=\(name)\nIFINDEX=\(index)\n"
        for (file, value) in attributes { self["/sys/class/net/\(name)/\(file)"] = value + "\n" }
    }
}

/// A name written as text.
func oid(_ text: String) -> ObjectIdentifier { ObjectIdentifier(text) ?? [] }

extension [VarBind] {
    /// The value of `root.suffix`.
    func value(_ group: HostGroup, _ suffix: String) -> SNMPValue? {
        let name = oid(group.root.description + "." + suffix)
        return first { $0.name == name }?.value
    }

    /// Whether names strictly ascend and begin with `root`.
    func isInOrder(under root: ObjectIdentifier) -> Bool {
        allSatisfy { $0.name.starts(with: root) } && zip(self, dropFirst()).allSatisfy { $0.name < $1.name }
    }
}
