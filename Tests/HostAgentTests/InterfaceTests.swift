// Layer: tests. Uses: HostAgent, interfaces.

import Primitives
import SNMPCodec
import Testing

@testable import HostAgent

private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

@Suite struct InterfaceTests {
    @Test func everyColumnOfATypicalInterface() {
        let agent = HostAgent(files: Fixtures.machine(), startedAt: .zero)
        let table = agent.bindings(of: .interfaces, at: .zero)
        let expected: [SNMPValue] = [
            .integer(4), .string("eth0"), .integer(6), .integer(1400), .gauge32(.max),
            .octetString([2, 0xFC, 0, 0, 0, 1]), .integer(1), .integer(1), .timeTicks(0),
            .counter32(111_673_349), .counter32(3100), .counter32(82), .counter32(2), .counter32(1), .counter32(0),
            .counter32(95997), .counter32(1293), .counter32(0), .counter32(7), .counter32(6), .gauge32(0),
            .objectIdentifier([0, 0]),
        ]
        for (position, value) in expected.enumerated() {
            #expect(table.value(.interfaces, "2.1.\(position + 1).4") == value, "column \(position + 1)")
        }
        #expect(table.value(.interfaces, "1.0") == .integer(3))
        #expect(table.count == 1 + 3 * 22)
        #expect(table.isInOrder(under: HostGroup.interfaces.root))
    }

    @Test func everyColumnOfTheExtensions() {
        let agent = HostAgent(files: Fixtures.machine(), startedAt: .zero)
        let table = agent.bindings(of: .interfaceExtensions, at: .zero)
        let expected: [SNMPValue] = [
            .string("eth0"), .counter32(82), .counter32(0), .counter32(0), .counter32(0), .counter64(111_673_349),
            .counter64(3100), .counter64(82), .counter64(0), .counter64(95997), .counter64(1293), .counter64(0),
            .counter64(0), .integer(2), .gauge32(10000), .integer(1), .integer(1), .string("to the core"),
            .timeTicks(0),
        ]
        for (position, value) in expected.enumerated() {
            #expect(table.value(.interfaceExtensions, "1.1.\(position + 1).4") == value, "column \(position + 1)")
        }
        #expect(table.value(.interfaceExtensions, "5.0") == .timeTicks(0))
        #expect(table.isInOrder(under: HostGroup.interfaceExtensions.root))
    }

    @Test func loopbackAndUnpluggedInterface() {
        let table = HostAgent(files: Fixtures.machine(), startedAt: .zero).bindings(of: .interfaces, at: .zero)
        #expect(table.value(.interfaces, "2.1.3.1") == .integer(24))
        #expect(table.value(.interfaces, "2.1.5.1") == .gauge32(0))
        #expect(table.value(.interfaces, "2.1.6.1") == .octetString([]), "an address of zeros is none")
        #expect(table.value(.interfaces, "2.1.8.1") == .integer(1), "unknown and up is usable")
        #expect(table.value(.interfaces, "2.1.7.2") == .integer(2))
        #expect(table.value(.interfaces, "2.1.8.2") == .integer(2))
        #expect(table.value(.interfaces, "2.1.6.2") == .octetString([0x82, 0xAC, 0x56, 0x49, 0x5F, 0x76]))
    }

    @Test func oldKernelWithoutBlanksAndWithWideCounters() {
        let counters = InterfaceCounters.parse(TextCursor(Array(Fixtures.oldNetDev.utf8)))
        #expect(counters.map(\.name) == ["lo", "eth0"])
        #expect(counters[0].counters.inOctets == 2_776_770)
        #expect(counters[1].counters.inOctets == .max)
        let host = Fixtures.machine()
        host["/proc/net/dev"] = Fixtures.oldNetDev
        let agent = HostAgent(files: host, startedAt: .zero)
        let narrow = agent.bindings(of: .interfaces, at: .zero)
        #expect(narrow.value(.interfaces, "2.1.10.4") == .counter32(.max))
        #expect(narrow.value(.interfaces, "2.1.11.4") == .counter32(4_294_967_287), "2^32 + 1 - 10 unicast, wrapped")
        #expect(narrow.value(.interfaces, "2.1.16.4") == .counter32(0), "2^32 wraps to 0")
        let wide = agent.bindings(of: .interfaceExtensions, at: .zero)
        #expect(wide.value(.interfaceExtensions, "1.1.6.4") == .counter64(.max))
        #expect(wide.value(.interfaceExtensions, "1.1.10.4") == .counter64(4_294_967_296))
    }

    @Test func kindsOfInterfaces() {
        let host = InventedHost()
        let kinds: [(kind: String?, type: String, expected: Int32)] = [
            ("vlan", "1", 135), ("bridge", "1", 209), ("bond", "1", 161), ("wlan", "1", 71),
            ("wireguard", "65534", 131), (nil, "1", 6), (nil, "32", 199), (nil, "512", 23), (nil, "768", 131),
            (nil, "778", 131), (nil, "801", 71), (nil, "65534", 1), ("dsa", "1", 6), (nil, "nonsense", 1),
        ]
        for (index, kind) in kinds.enumerated() {
            host.addInterface("if\(index)", index: index + 1, ["type": kind.type], kind: kind.kind)
            #expect(InterfaceAttributes("if\(index)", from: host)?.type == kind.expected, "\(kind)")
        }
        let states: [(state: String, flags: String, expected: Int32)] = [
            ("up", "0x1", 1), ("down", "0x1", 2), ("testing", "0x1", 3), ("dormant", "0x1", 5),
            ("notpresent", "0x1", 6), ("lowerlayerdown", "0x1003", 7), ("unknown", "0x1", 1),
            ("unknown", "0x0", 2), ("", "0x1", 1),
        ]
        for state in states {
            host.addInterface("x", index: 99, ["operstate": state.state, "flags": state.flags])
            #expect(InterfaceAttributes("x", from: host)?.operationalStatus == state.expected, "\(state)")
        }
    }

    @Test func speedsThatDriversDoNotKnow() {
        let host = InventedHost()
        let speeds: [(String, UInt64?)] = [("-1", nil), ("4294967295", nil), ("0", 0), ("400000", 400_000)]
        for (speed, expected) in speeds {
            host.addInterface("x", index: 1, ["speed": speed])
            #expect(InterfaceAttributes("x", from: host)?.speed == expected, "\(speed)")
        }
    }

    @Test func manyInterfacesWithLongNamesAndVLANs() {
        let host = InventedHost()
        var text = "Inter-|   Receive\n face |bytes\n"
        for index in 1...300 {
            // Names of 15 bytes, as long as the kernel allows, some of VLANs; the numbers are not in order of index.
            let name = index % 2 == 0 ? "enp0s31f6.\(1000 + index)" : "verylongname\(100 + index)"
            text += "\(name): \(index) 1 0 0 0 0 0 0 \(index) 1 0 0 0 0 0 0\n"
            host.addInterface(name, index: 1000 - index, ["type": "1"], kind: index % 2 == 0 ? "vlan" : nil)
        }
        host["/proc/net/dev"] = text
        let agent = HostAgent(files: host, startedAt: .zero)
        let table = agent.bindings(of: .interfaces, at: .zero)
        #expect(table.value(.interfaces, "1.0") == .integer(300))
        #expect(table.value(.interfaces, "2.1.2.998") == .string("enp0s31f6.1002"))
        #expect(table.value(.interfaces, "2.1.3.998") == .integer(135))
        #expect(table.value(.interfaces, "2.1.10.701") == .counter32(299))
        #expect(table.value(.interfaces, "2.1.4.701") == nil, "no mtu was given")
        #expect(table.isInOrder(under: HostGroup.interfaces.root))
    }

    @Test func changesAreDatedBySysUpTime() {
        let host = Fixtures.machine()
        let agent = HostAgent(files: host, startedAt: seconds(100))
        func value(_ column: String, at now: Instant) -> SNMPValue? {
            agent.bindings(of: .interfaces, at: now).value(.interfaces, "2.1." + column)
        }
        func extended(_ suffix: String, at now: Instant) -> SNMPValue? {
            agent.bindings(of: .interfaceExtensions, at: now).value(.interfaceExtensions, suffix)
        }
        #expect(value("9.4", at: seconds(110)) == .timeTicks(0))
        // The carrier goes.
        host["/sys/class/net/eth0/operstate"] = "down\n"
        #expect(value("9.4", at: seconds(120)) == .timeTicks(2000))
        #expect(value("8.4", at: seconds(120)) == .integer(2))
        #expect(value("9.1", at: seconds(120)) == .timeTicks(0))
        // It goes and comes between two looks: only its count tells.
        host["/sys/class/net/eth0/carrier_changes"] = "4\n"
        #expect(value("9.4", at: seconds(130)) == .timeTicks(3000))
        #expect(value("9.4", at: seconds(140)) == .timeTicks(3000))
        // A driver starts counting afresh.
        host["/proc/net/dev"] = Fixtures.netDev.replacing("111673349", with: "      100")
        #expect(extended("1.1.19.4", at: seconds(150)) == .timeTicks(5000))
        #expect(extended("1.1.19.1", at: seconds(150)) == .timeTicks(0))
        #expect(extended("5.0", at: seconds(150)) == .timeTicks(0))
        // An interface comes.
        host.addInterface("eth1", index: 9, ["operstate": "up", "flags": "0x1"])
        host["/proc/net/dev"] = Fixtures.netDev + "  eth1: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
        #expect(extended("5.0", at: seconds(160)) == .timeTicks(6000))
        #expect(value("9.9", at: seconds(160)) == .timeTicks(6000))
        #expect(extended("1.1.19.9", at: seconds(160)) == .timeTicks(6000))
        #expect(extended("5.0", at: seconds(170)) == .timeTicks(6000))
    }

    @Test func sharedReadingIsKeptForAMoment() {
        let host = Fixtures.machine()
        let agent = HostAgent(files: host, startedAt: .zero)
        let before = agent.bindings(of: .interfaces, at: Instant(nanoseconds: 1))
        host["/proc/net/dev"] = Fixtures.netDev.replacing("111673349", with: "111673350")
        #expect(agent.bindings(of: .interfaces, at: Instant(nanoseconds: 499_000_000)) == before)
        let after = agent.bindings(of: .interfaces, at: Instant(nanoseconds: 500_000_000))
        #expect(after.value(.interfaces, "2.1.10.4") == .counter32(111_673_350))
    }

    @Test(arguments: [
        "", "\n", "Inter-|\n face |bytes\n", "eth0:\n", "eth0: 1 2 3\n", ":1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8\n",
        "eth0: 1 2 3 4 5 6 7 8 1 2 3 4 5 6 x", "eth0: -1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8\n",
        "../x: 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8\n",
    ])
    func malformedListHasNoInterfaces(_ text: String) {
        let host = Fixtures.machine()
        host["/proc/net/dev"] = text
        let agent = HostAgent(files: host, startedAt: .zero)
        #expect(agent.bindings(of: .interfaces, at: .zero).count == 1)
    }

    @Test func missingFilesLeaveObjectsOut() {
        let agent = HostAgent(files: InventedHost(), startedAt: .zero)
        #expect(agent.bindings(of: .interfaces, at: .zero).isEmpty)
        #expect(agent.bindings(of: .interfaceExtensions, at: .zero).isEmpty)
        // An interface that /sys does not know has no index and so no row.
        let host = Fixtures.machine()
        host["/sys/class/net/ifb0/uevent"] = nil
        host["/sys/class/net/eth0/uevent"] = "IFINDEX=0\n"
        let table = HostAgent(files: host, startedAt: .zero).bindings(of: .interfaces, at: .zero)
        #expect(table.value(.interfaces, "1.0") == .integer(1))
    }

    @Test func listIsCappedAtTheLimit() {
        let line = " 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
        let text = (0..<(HostLimits.interfaceCount + 5)).map { "e\($0):" + line }.joined()
        #expect(InterfaceCounters.parse(TextCursor(Array(text.utf8))).count == HostLimits.interfaceCount)
    }
}
