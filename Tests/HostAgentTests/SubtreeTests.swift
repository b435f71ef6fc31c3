// Layer: tests. Uses: HostAgent as subtrees of an agent, and the system group.

import Primitives
import SNMPAgent
import SNMPCodec
import SNMPSecurity
import Testing

@testable import HostAgent

private func set(_ subtree: any WritableSubtree, _ bindings: [VarBind], failing: Bool = false) -> ErrorStatus {
    let request = SetRequest(bindings)
    var prepared: [VarBind] = []
    defer { for binding in prepared { subtree.release(binding, of: request, at: .zero) } }
    do throws(ObjectError) {
        for binding in bindings {
            try subtree.prepare(binding, of: request, at: .zero)
            prepared.append(binding)
        }
        for binding in bindings { try subtree.commit(binding, of: request, at: .zero) }
        if failing { for binding in bindings.reversed() { try subtree.undo(binding, of: request, at: .zero) } }
        return .noError
    } catch {
        return error.status
    }
}

@Suite struct SubtreeTests {
    private let host = Fixtures.machine()

    private func system(_ agent: HostAgent) throws -> any WritableSubtree {
        try #require(agent.subtrees().first as? any WritableSubtree)
    }

    private func name(_ suffix: String) -> ObjectIdentifier { oid("1.3.6.1.2.1.1." + suffix) }

    @Test func systemGroup() {
        var settings = HostSettings()
        settings.contact = "ops"
        settings.location = "rack 4"
        settings.supported = [SupportedModule([1, 3, 6, 1, 9], "nine"), SupportedModule([1, 3, 6, 1, 8], "eight")]
        let agent = HostAgent(files: host, settings: settings, startedAt: Instant(nanoseconds: 5_000_000_000))
        let bindings = agent.systemBindings(at: Instant(nanoseconds: 7_349_999_999))
        let expected: [(String, SNMPValue)] = [
            ("1.0", .string("Linux vm 6.18.44 #1 SMP x86_64")),
            ("2.0", .objectIdentifier([1, 3, 6, 1, 4, 1, 8072, 3, 2, 10])), ("3.0", .timeTicks(234)),
            ("4.0", .string("ops")), ("5.0", .string("vm")), ("6.0", .string("rack 4")), ("7.0", .integer(72)),
            ("8.0", .timeTicks(0)), ("9.1.2.1", .objectIdentifier([1, 3, 6, 1, 9])),
            ("9.1.2.2", .objectIdentifier([1, 3, 6, 1, 8])), ("9.1.3.1", .string("nine")),
            ("9.1.3.2", .string("eight")), ("9.1.4.1", .timeTicks(0)), ("9.1.4.2", .timeTicks(0)),
        ]
        #expect(bindings == expected.map { VarBind(name($0.0), $0.1) })
    }

    @Test func upTimeWrapsAfter497Days() {
        let agent = HostAgent(files: InventedHost(), startedAt: .zero)
        #expect(agent.upTime(at: Instant(nanoseconds: 42_949_672_960_000_000)) == 0)
        #expect(agent.upTime(at: Instant(nanoseconds: 42_949_672_970_000_000)) == 1)
        #expect(agent.upTime(at: Instant(nanoseconds: -5)) == 0)
    }

    @Test func stringsAreSetAndKeptByTheOwner() throws {
        let agent = HostAgent(files: host, startedAt: .zero)
        var kept: [HostSettings] = []
        agent.onSettingsChange = { kept.append($0) }
        let system = try system(agent)
        let status = set(system, [VarBind(name("4.0"), .string("ü")), VarBind(name("5.0"), .string("rig"))])
        #expect(status == .noError)
        #expect(kept.map(\.contact) == ["ü", "ü"])
        #expect(kept.map(\.name) == [nil, "rig"])
        #expect(try system.value(of: name("5.0"), at: .zero) == .string("rig"))
        #expect(set(system, [VarBind(name("6.0"), .octetString([UInt8](repeating: 0x61, count: 255)))]) == .noError)
        #expect(agent.settings.location.utf8.count == 255)
    }

    @Test func undoGoesBackToBeforeTheRequest() throws {
        var settings = HostSettings()
        settings.contact = "first"
        let agent = HostAgent(files: host, settings: settings, startedAt: .zero)
        let status = set(
            try system(agent),
            [
                VarBind(name("4.0"), .string("second")), VarBind(name("4.0"), .string("third")),
                VarBind(name("5.0"), .string("rig")),
            ], failing: true)
        #expect(status == .noError)
        #expect(agent.settings == settings)
    }

    @Test func refusedAssignmentsChangeNothing() throws {
        let agent = HostAgent(files: host, startedAt: .zero)
        let system = try system(agent)
        let before = agent.settings
        let cases: [(String, SNMPValue, ErrorStatus)] = [
            ("1.0", .string("x"), .notWritable), ("3.0", .timeTicks(1), .notWritable), ("", .null, .notWritable),
            ("9.1.3.1", .string("x"), .notWritable), ("4", .string("x"), .noCreation),
            ("4.1", .string("x"), .noCreation), ("4.0.0", .string("x"), .noCreation), ("4.0", .integer(1), .wrongType),
            ("4.0", .octetString([UInt8](repeating: 0x61, count: 256)), .wrongLength),
            ("4.0", .octetString([0xFF]), .wrongValue),
        ]
        for (suffix, value, expected) in cases {
            let target = suffix.isEmpty ? HostAgent.systemRoot : name(suffix)
            #expect(set(system, [VarBind(target, value)]) == expected, "\(suffix) \(value)")
        }
        #expect(agent.settings == before)
    }

    @Test func missingObjectAndMissingInstanceAreTold() throws {
        let agent = HostAgent(files: host, startedAt: .zero)
        let registered = agent.subtrees()
        let cases: [(String, SNMPValue)] = [
            ("1.3.6.1.2.1.1.1.1", .noSuchInstance), ("1.3.6.1.2.1.1.1", .noSuchInstance),
            ("1.3.6.1.2.1.1.10.0", .noSuchObject), ("1.3.6.1.2.1.1", .noSuchObject),
            ("1.3.6.1.2.1.1.9.1.3.99", .noSuchInstance), ("1.3.6.1.2.1.1.9.1.1.1", .noSuchObject),
            ("1.3.6.1.2.1.1.9", .noSuchObject),
            ("1.3.6.1.2.1.2.1.0", .integer(3)), ("1.3.6.1.2.1.2.1.1", .noSuchInstance),
            ("1.3.6.1.2.1.2.2.1.2.77", .noSuchInstance), ("1.3.6.1.2.1.2.2.1.23.1", .noSuchObject),
            ("1.3.6.1.2.1.2.2", .noSuchObject), ("1.3.6.1.2.1.2", .noSuchObject),
            ("1.3.6.1.2.1.4.20.1.1.9.9.9.9", .noSuchInstance), ("1.3.6.1.2.1.4.21.1.1.0.0.0.0", .noSuchObject),
            ("1.3.6.1.4.1.2021.10.1.3.4", .noSuchInstance), ("1.3.6.1.4.1.2021.10.1.7.1", .noSuchObject),
        ]
        for (text, expected) in cases {
            let name = oid(text)
            let subtree = try #require(registered.first { name.starts(with: $0.root) }, "\(text)")
            #expect(try subtree.value(of: name, at: .zero) == expected, "\(text)")
        }
    }

    @Test func walkVisitsEveryBindingOnce() throws {
        let agent = HostAgent(files: host, startedAt: .zero)
        for subtree in agent.subtrees() {
            var walked: [VarBind] = []
            var name = ObjectIdentifier()
            while let next = try subtree.next(after: name, at: .zero) {
                #expect(try subtree.value(of: next.name, at: .zero) == next.value)
                walked.append(next)
                name = next.name
            }
            let group = HostGroup.allCases.first { $0.root == subtree.root }
            #expect(walked == group.map { agent.bindings(of: $0, at: .zero) } ?? agent.systemBindings(at: .zero))
            #expect(!walked.isEmpty, "\(subtree.root)")
        }
    }

    @Test func scalarsOfTransportsNeedNoListOfSockets() throws {
        let agent = HostAgent(files: host, startedAt: .zero)
        let tcp = try #require(agent.subtrees(groups: [.tcp]).last)
        let root = HostGroup.tcp.root
        #expect(try tcp.value(of: root.appending(9).appending(0), at: .zero) == .gauge32(7))
        #expect(try tcp.next(after: root, at: .zero)?.name == root.appending(1).appending(0))
        #expect(try tcp.next(after: root.appending(8).appending(0), at: .zero)?.name == root.appending(9).appending(0))
        #expect(try tcp.next(after: root.appending(14).appending(0), at: .zero)?.value == .counter32(34))
        #expect(host.listReadCount == 0)
        let connections = try #require(try tcp.next(after: root.appending(12).appending(0), at: .zero))
        #expect(connections.name.starts(with: oid("1.3.6.1.2.1.6.13.1.1")))
        #expect(host.listReadCount == 2, "one list for each family")
        #expect(try tcp.value(of: connections.name, at: .zero) == connections.value)
        #expect(host.listReadCount == 2, "served from memory")
    }

    @Test func valuesAreServedUntilTheirMaximumAge() throws {
        let agent = HostAgent(files: host, startedAt: .zero)
        let uptime = oid("1.3.6.1.2.1.25.1.1.0")
        let subtree = try #require(agent.subtrees().first { uptime.starts(with: $0.root) })
        func value(_ milliseconds: Int64) throws -> SNMPValue {
            try subtree.value(of: uptime, at: Instant(nanoseconds: milliseconds * 1_000_000))
        }
        #expect(try value(0) == .timeTicks(178_829))
        host["/proc/uptime"] = "2000.00 1.0\n"
        #expect(try value(499) == .timeTicks(178_829))
        #expect(try value(500) == .timeTicks(200_000))
        host["/proc/uptime"] = "1.00 1.0\n"
        #expect(try value(100) == .timeTicks(100), "a clock that went back must not keep values for ever")
    }

    @Test func registersBesideTheAgentsOwnObjects() throws {
        let configuration = AgentConfiguration(
            engineID: EngineID([0x80, 0, 0x1F, 0x88, 4, 9, 9]), engineBoots: 1,
            communities: [Community(Array("public".utf8))], firstSalt: 1)
        let agent = Agent(configuration, start: .zero, cache: MasterKeyCache())
        let first = HostAgent(files: host, startedAt: .zero)
        try first.register(into: agent)
        #expect(throws: RegistrationError.overlaps(HostAgent.systemRoot)) {
            try HostAgent(files: host, startedAt: .zero).register(into: agent)
        }
        #expect(throws: RegistrationError.overlaps(HostGroup.tcp.root)) {
            let tcp = try #require(first.subtrees(groups: [.tcp]).last)
            try agent.register(tcp)
        }
        #expect(agent.unregister(root: HostGroup.tcp.root))
    }

    @Test func rootsDoNotContainEachOther() {
        let roots = HostGroup.allCases.map(\.root) + [HostAgent.systemRoot]
        for root in roots {
            #expect(roots.filter { $0.starts(with: root) } == [root])
        }
        for group in HostGroup.allCases { #expect((1...5).contains(group.maximumAge.inSeconds), "\(group)") }
    }
}
