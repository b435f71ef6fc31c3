import PeerRig
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

/// Our manager and net-snmp's agent: every operation in every version over every transport.
@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"), .timeLimit(.minutes(6)))
struct ManagerRequestTests {
    static let readers: [TargetSecurity] = [
        .readOnlyV1, .readOnlyV2c, try? .v3(PeerUser(auth: .sha256, priv: .aes128)),
        try? .v3(PeerUser(auth: .none, priv: .none)),
    ].compactMap(\.self)

    private func target(_ security: TargetSecurity, over way: Way = .udp) throws -> SNMPTarget {
        try sharedManager.get().target(SNMPDaemon.shared(), security, over: way)
    }

    @Test(arguments: readers, Way.allCases)
    func readsInEveryWay(security: TargetSecurity, way: Way) async throws {
        let target = try target(security, over: way)
        #expect(try await target.get(.sysName) == .string("rig"))
        let several = try await target.get([.sysName, .sysObjectID, .sysUpTime])
        #expect(several.map(\.name) == [.sysName, .sysObjectID, .sysUpTime])
        guard case .objectIdentifier = several[1].value, case .timeTicks = several[2].value else {
            Issue.record("\(several)")
            return
        }
        let next = try await target.getNext([.system, .sysDescr])
        #expect(next.map(\.name) == [.sysDescr, .sysObjectID])
        let bulk = try await target.getBulk([.sysContact, .system], nonRepeaters: 1, maxRepetitions: 3)
        let expected: [ObjectIdentifier] =
            security.version == .v1 ? [.sysName, .sysDescr] : [.sysName, .sysDescr, .sysObjectID, .sysUpTime]
        #expect(bulk.map(\.name) == expected)
        let walk = await target.walk(.system)
        #expect(walk.verdict.isComplete, "\(walk.verdict)")
        #expect(walk.rows.first?.name == .sysDescr && walk.rows.count > 8)
        #expect(walk.rows.allSatisfy { $0.name.starts(with: .system) })
        #expect(target.statistics.failed == 0)
    }

    @Test(
        arguments: [TargetSecurity.readWriteV1, .readWriteV2c, try? .v3(PeerUser(auth: .sha384, priv: .des))],
        Way.allCases)
    func sets(security: TargetSecurity?, way: Way) async throws {
        let security = try #require(security)
        let daemon = try await PeerRig.onThread { try SNMPDaemon() }
        let target = try sharedManager.get().target(daemon, security, over: way)
        let text = "a room, \(security.version) \(way)"
        let answer = try await target.set([VarBind(.sysLocation, .string(text)), VarBind(.sysContact, .string("me"))])
        #expect(answer.map(\.value) == [.string(text), .string("me")])
        #expect(try await target.get([.sysLocation, .sysContact]).map(\.value.asText) == [text, "me"])
        let seen = try await PeerRig.onThread {
            try PeerTool.get(
                ObjectIdentifier.sysLocation.dotted, from: daemon.udp, as: .v2c(community: SNMPDaemon.readOnly))
        }
        #expect(seen.varBinds.map(\.value) == [text])
    }

    @Test func setErrorsPointAtTheirBinding() async throws {
        let good = VarBind(.sysLocation, .string("x"))
        let writer = try target(.readWriteV2c)
        func error(_ target: SNMPTarget, _ bindings: [VarBind]) async -> SNMPError? {
            await failure { () async throws(SNMPError) in try await target.set(bindings) }
        }
        #expect(
            await error(writer, [good, VarBind(.sysDescr, .string("y"))])
                == .agent(.notWritable, index: 2, name: .sysDescr))
        #expect(
            await error(writer, [VarBind(.sysLocation, .integer(3))])
                == .agent(.wrongType, index: 1, name: .sysLocation))
        #expect(
            await error(writer, [good, good, VarBind(.sysLocation, .octetString(Array(repeating: 65, count: 300)))])
                == .agent(.wrongLength, index: 3, name: .sysLocation))
        #expect(
            await error(try target(.readOnlyV2c), [good]) == .agent(.noAccess, index: 1, name: .sysLocation))
        #expect(
            await error(try target(.readWriteV1), [good, VarBind(.sysDescr, .string("y"))])
                == .agent(.noSuchName, index: 2, name: .sysDescr))
        #expect(
            await error(try target(.readWriteV1), [VarBind(.sysLocation, .integer(3))])
                == .agent(.badValue, index: 1, name: .sysLocation))
    }

    @Test(arguments: readers)
    func missingNamesComeBackAsExceptions(security: TargetSecurity) async throws {
        let target = try target(security)
        let wrongInstance: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 5, 7]
        let values = try await target.get([.nothing, .sysName, wrongInstance, .sysObjectID]).map(\.value)
        #expect(values[0] == .noSuchObject)
        #expect(values[1] == .string("rig"))
        #expect(values[2] == (security.version == .v1 ? .noSuchObject : .noSuchInstance))
        #expect(!values[3].isException)
        let behind = try await target.getNext([[2, 5], .sysContact])
        #expect(behind.map(\.value) == [.endOfMibView, .string("rig")] || security.version == .v1, "\(behind)")
        #expect(behind.last?.name == .sysName)
        #expect(try await target.get([.nothing]).map(\.value) == [.noSuchObject])
    }

    @Test(arguments: readers)
    func manyNamesGoInParts(security: TargetSecurity) async throws {
        let target = try target(security)
        let names = (0..<500).map { $0 % 2 == 0 ? ObjectIdentifier.sysName : .sysObjectID }
        let rows = try await target.get(names)
        #expect(rows.map(\.name) == names)
        #expect(rows.enumerated().allSatisfy { $0.offset % 2 == 1 || $0.element.value == .string("rig") })
        #expect(target.statistics.answered >= 500 / 64)
    }

    /// v1 walks name by name and so gets a part of the tree only.
    @Test(arguments: trees)
    func treeIsTheSameAsSnmpwalks(security: TargetSecurity?, top: ObjectIdentifier) async throws {
        let security = try #require(security)
        let printed = try await PeerRig.onThread { try Self.printedTree.get() }
        #expect(printed.varBinds.count > 300, "\(printed.errorOutput)")
        let walk = await (try target(security)).walk(top)
        #expect(walk.verdict.isComplete, "\(walk.verdict)")
        #expect(walk.rows.map(\.name).elementsEqual(walk.rows.map(\.name).sorted()))
        // What comes and goes with processes and connections is left out, on both sides; so is what access control
        // shows to one of the two only, and what v1 can't express.
        let theirs = Dictionary(printed.varBinds.map { ($0.oid, $0) }) { first, _ in first }
            .filter { Self.isStable($0.key) && $0.key.hasPrefix(top.dotted + ".") }
        let ours = Dictionary(walk.rows.map { ($0.name.dotted, $0.value) }) { first, _ in first }
            .filter { Self.isStable($0.key) }
        let missing = theirs.filter { ours[$0.key] == nil && $0.value.type != "Counter64" }
        #expect(missing.isEmpty, "\(missing.keys.sorted().prefix(20))")
        let extra = ours.keys.filter { theirs[$0] == nil }
        #expect(extra.isEmpty, "\(extra.sorted().prefix(20))")
        var compared = 0
        for (name, value) in ours {
            guard let text = theirs[name] else { continue }
            switch value {
            case .octetString(let octets) where text.type == "STRING" || text.type == "":
                if octets.contains(0) || octets.contains(0x22) || octets.contains(0x5C) { continue }
                #expect(String(decoding: octets, as: UTF8.self) == text.value, "\(name)")
            case .octetString(let octets) where text.type == "Hex-STRING":
                #expect(octets.hex == text.value, "\(name)")
            case .objectIdentifier(let identifier): #expect(identifier.dotted == text.value, "\(name)")
            case .ipAddress(let address):
                #expect(SocketAddress(ipv4: address, port: 0).host == text.value, "\(name)")
            case .integer(let number): #expect("\(number)" == text.value && text.type == "INTEGER", "\(name)")
            case .counter32: #expect(text.type == "Counter32", "\(name)"); continue
            case .gauge32: #expect(text.type == "Gauge32", "\(name)"); continue
            case .timeTicks: #expect(text.type == "Timeticks", "\(name)"); continue
            case .counter64: #expect(text.type == "Counter64", "\(name)"); continue
            default: Issue.record("\(name): \(value) against \(text)")
            }
            compared += 1
        }
        #expect(compared > (top.count > 1 ? 20 : 150))
    }

    private static let trees: [(TargetSecurity?, ObjectIdentifier)] = [
        (.readOnlyV1, [1, 3, 6, 1, 2, 1, 1]), (.readOnlyV2c, [1]),
        (try? .v3(PeerUser(auth: .sha256, priv: .aes128)), [1]),
    ]

    private static let printedTree = Result { () throws(PeerRigError) in
        try PeerTool.bulkWalk(
            ".1", from: SNMPDaemon.shared().udp, as: .v2c(community: SNMPDaemon.readOnly),
            options: ["-Cr40", "-t", "20", "-Ih"])
    }

    /// Whether an object keeps name and value while tests run.
    private static func isStable(_ name: String) -> Bool {
        let changing = [
            ".1.3.6.1.2.1.1.3.", ".1.3.6.1.2.1.4.", ".1.3.6.1.2.1.6.", ".1.3.6.1.2.1.7.", ".1.3.6.1.2.1.11.",
            ".1.3.6.1.2.1.25.", ".1.3.6.1.2.1.55.", ".1.3.6.1.2.1.2.", ".1.3.6.1.2.1.31.", ".1.3.6.1.2.1.92.",
            ".1.3.6.1.2.1.5.", ".1.3.6.1.6.3.10.2.1.3.", ".1.3.6.1.6.3.15.", ".1.3.6.1.6.3.16.", ".1.3.6.1.6.3.13.",
            ".1.3.6.1.6.3.12.", ".1.3.6.1.6.3.11.", ".1.3.6.1.4.1.2021.", ".1.3.6.1.4.1.8072.1.3.",
            ".1.3.6.1.4.1.8072.1.5.",
            ".1.3.6.1.6.3.18.",
        ]
        return !changing.contains { name.hasPrefix($0) }
    }

    @Test(arguments: readers)
    func readsATable(security: TargetSecurity) async throws {
        let target = try target(security)
        let table = await target.table(entry: .ifEntry)
        #expect(table.verdict.isComplete, "\(table.verdict)")
        #expect(table.columns.count >= 20)
        let loopback = try #require(
            table.indexes.first { table[$0, ObjectIdentifier.ifEntry.appending(2)]?.asText == "lo" })
        #expect(table[loopback, ObjectIdentifier.ifEntry.appending(3)] == .integer(24))
        #expect(table[loopback, ObjectIdentifier.ifEntry.appending(1)]?.asInt64 == loopback.last.map(Int64.init))
        let columns = [2, 3, 10].map { ObjectIdentifier.ifEntry.appending($0) }
        let part = await target.table(columns)
        #expect(part.verdict.isComplete && part.columns == columns && part.indexes == table.indexes)
        for index in part.indexes { #expect(part[row: index]?.count == 3) }
        #expect(part[loopback, columns[0]]?.asText == "lo")
        #expect(part[row: [9, 9]] == nil)
    }

    @Test func walkEndsWithItsTask() async throws {
        let target = try target(.readOnlyV2c)
        let task = Task {
            var parts = 0
            let verdict = await target.walk([[1]], options: WalkOptions()) { rows in
                parts += 1
                withUnsafeCurrentTask { $0?.cancel() }
            }
            return (verdict, parts)
        }
        let (verdict, parts) = await task.value
        #expect(parts == 1)
        guard case .partial(.cancelled, let last) = verdict.outcome else {
            Issue.record("\(verdict)")
            return
        }
        #expect(last != nil && verdict.rows > 0)
    }

    @Test(arguments: readers)
    func manyTasksOnOneTarget(security: TargetSecurity) async throws {
        let target = try target(security)
        let values = try await inTasks(200) { _ in try await target.get(.sysName) }
        #expect(values == Array(repeating: .string("rig"), count: 200))
        #expect(target.statistics.failed == 0)
    }

    @Test func manyTasksOnManyTargets() async throws {
        let manager = try SNMPManager()
        let daemon = try SNMPDaemon.shared()
        let targets = try (0..<10).flatMap { _ in
            try Way.allCases.flatMap { way in try Self.readers.map { try manager.target(daemon, $0, over: way) } }
        }
        let values = try await inTasks(600) { try await targets[$0 % targets.count].get(.sysName) }
        #expect(values == Array(repeating: .string("rig"), count: 600))
        manager.close()
    }
}

extension [UInt8] {
    /// Pairs of hexadecimal digits with blanks, as net-snmp prints them.
    var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ") }
}
