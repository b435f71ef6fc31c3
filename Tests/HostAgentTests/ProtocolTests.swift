// Layer: tests. Uses: HostAgent; IP, ICMP, TCP and UDP.

import Primitives
import SNMPCodec
import Testing

@testable import HostAgent

@Suite struct ProtocolTests {
    private let agent = HostAgent(files: Fixtures.machine(), startedAt: .zero)

    @Test func scalarsOfIP() {
        let group = agent.bindings(of: .ip, at: .zero)
        let counters: [UInt32: UInt32] = [
            3: 16996, 4: 1, 5: 2, 6: 3, 7: 4, 8: 5, 9: 16981, 10: 15060, 11: 8, 12: 9, 14: 11, 15: 12, 16: 13, 17: 14,
            18: 15, 19: 16, 23: 0,
        ]
        for (arc, value) in counters { #expect(group.value(.ip, "\(arc).0") == .counter32(value), "ip \(arc)") }
        for (arc, value) in [1: 2, 2: 64, 13: 30, 25: 2, 26: 64] as [Int: Int32] {
            #expect(group.value(.ip, "\(arc).0") == .integer(value), "ip \(arc)")
        }
        #expect(group.isInOrder(under: HostGroup.ip.root))
    }

    @Test func addressesOfBothFamilies() {
        let group = agent.bindings(of: .ip, at: .zero)
        let ipv4 = "192.0.2.2"
        #expect(group.value(.ip, "20.1.1." + ipv4) == .ipAddress(0xC000_0202))
        #expect(group.value(.ip, "20.1.2." + ipv4) == .integer(4), "an alias belongs to its interface")
        #expect(group.value(.ip, "20.1.3." + ipv4) == .ipAddress(0xFFFF_FF00))
        #expect(group.value(.ip, "20.1.4." + ipv4) == .integer(1))
        #expect(group.value(.ip, "20.1.5." + ipv4) == .integer(65535))
        #expect(group.value(.ip, "20.1.4.127.0.0.1") == .integer(0))
        #expect(group.value(.ip, "20.1.1.10.0.0.1") == nil, "the interface is gone")
        #expect(group.value(.ip, "34.1.3.1.4." + ipv4) == .integer(4))
        #expect(group.value(.ip, "34.1.7.1.4." + ipv4) == .integer(1))
        #expect(group.value(.ip, "34.1.10.1.4." + ipv4) == .integer(1))

        let loopback = "2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1"
        #expect(group.value(.ip, "34.1.3." + loopback) == .integer(1))
        #expect(group.value(.ip, "34.1.6." + loopback) == .integer(2))
        let linkLocal = "4.20.254.128.0.0.0.0.0.0.0.252.0.255.254.0.0.1.0.0.0.4"
        #expect(group.value(.ip, "34.1.3." + linkLocal) == .integer(4))
        #expect(group.value(.ip, "34.1.6." + linkLocal) == .integer(5))
        let temporary = "2.16.253.0.0.0.0.0.0.0.0.0.0.0.0.0.0.170"
        #expect(group.value(.ip, "34.1.6." + temporary) == .integer(6))
        #expect(group.value(.ip, "34.1.7." + temporary) == .integer(2), "deprecated")
    }

    @Test func neighboursThatAnswered() {
        let group = agent.bindings(of: .ip, at: .zero)
        #expect(group.value(.ip, "22.1.1.4.192.0.2.1") == .integer(4))
        #expect(group.value(.ip, "22.1.2.4.192.0.2.1") == .octetString([2, 0xFC, 0, 0, 0, 5]))
        #expect(group.value(.ip, "22.1.3.4.192.0.2.1") == .ipAddress(0xC000_0201))
        #expect(group.value(.ip, "22.1.4.4.192.0.2.1") == .integer(3))
        #expect(group.value(.ip, "22.1.4.4.192.0.2.9") == .integer(4))
        #expect(group.value(.ip, "22.1.1.4.192.0.2.7") == nil)
    }

    @Test func statisticsByVersion() {
        let group = agent.bindings(of: .ip, at: .zero)
        #expect(group.value(.ip, "31.1.1.3.1") == .counter32(16996))
        #expect(group.value(.ip, "31.1.1.4.1") == .counter64(16996))
        #expect(group.value(.ip, "31.1.1.5.1") == .counter32(705_032_704), "5,000,000,000 wrapped")
        #expect(group.value(.ip, "31.1.1.6.1") == .counter64(5_000_000_000))
        #expect(group.value(.ip, "31.1.1.30.1") == .counter32(15061))
        #expect(group.value(.ip, "31.1.1.42.1") == .counter32(5))
        #expect(group.value(.ip, "31.1.1.42.2") == nil, "IPv6 has no broadcasts")
        #expect(group.value(.ip, "31.1.1.3.2") == .counter32(64))
        #expect(group.value(.ip, "31.1.1.19.2") == .counter64(63))
        #expect(group.value(.ip, "31.1.1.20.2") == nil, "the file lacks it")
        #expect(group.value(.ip, "31.1.1.46.2") == .timeTicks(0))
        #expect(group.value(.ip, "31.1.1.47.1") == .gauge32(1000))
    }

    @Test func icmpScalarsSkipWhatIsNotTheirs() {
        let group = agent.bindings(of: .icmp, at: .zero)
        let expected: [UInt32] = [
            35, 1, 33, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 34, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
        ]
        for (position, value) in expected.enumerated() {
            #expect(group.value(.icmp, "\(position + 1).0") == .counter32(value), "icmp \(position + 1)")
        }
        #expect(group.isInOrder(under: HostGroup.icmp.root))
    }

    @Test func icmpByVersionAndType() {
        let group = agent.bindings(of: .icmp, at: .zero)
        #expect(group.value(.icmp, "29.1.2.1") == .counter32(35))
        #expect(group.value(.icmp, "29.1.5.1") == .counter32(12))
        #expect(group.value(.icmp, "29.1.4.2") == .counter32(13))
        #expect(group.value(.icmp, "30.1.3.1.3") == .counter32(33))
        #expect(group.value(.icmp, "30.1.4.1.3") == .counter32(34))
        #expect(group.value(.icmp, "30.1.4.1.8") == .counter32(0))
        #expect(group.value(.icmp, "30.1.3.2.1") == .counter32(5))
        #expect(group.value(.icmp, "30.1.4.2.133") == .counter32(8))
    }

    @Test func scalarsOfTCP() {
        let group = agent.bindings(of: .tcp, at: .zero)
        #expect(group.value(.tcp, "1.0") == .integer(1))
        #expect(group.value(.tcp, "3.0") == .integer(120_000))
        #expect(group.value(.tcp, "4.0") == .integer(-1))
        #expect(group.value(.tcp, "5.0") == .counter32(69))
        #expect(group.value(.tcp, "9.0") == .gauge32(7))
        #expect(group.value(.tcp, "10.0") == .counter32(4), "2^32 + 4 wrapped")
        #expect(group.value(.tcp, "17.0") == .counter64(4_294_967_300))
        #expect(group.value(.tcp, "15.0") == .counter32(34))
        #expect(group.isInOrder(under: HostGroup.tcp.root))
    }

    @Test func connectionsOfTCP() {
        let group = agent.bindings(of: .tcp, at: .zero)
        let connection = "192.0.2.2.40000.192.0.2.1.80"
        #expect(group.value(.tcp, "13.1.1." + connection) == .integer(5))
        #expect(group.value(.tcp, "13.1.2." + connection) == .ipAddress(0xC000_0202))
        #expect(group.value(.tcp, "13.1.3." + connection) == .integer(40000))
        #expect(group.value(.tcp, "13.1.4." + connection) == .ipAddress(0xC000_0201))
        #expect(group.value(.tcp, "13.1.5." + connection) == .integer(80))
        #expect(group.value(.tcp, "13.1.1.127.0.0.1.39295.0.0.0.0.0") == .integer(2))
        #expect(group.value(.tcp, "13.1.1.192.0.2.2.22.192.0.2.9.54321") == .integer(5), "of an IPv6 socket")
        #expect(group.value(.tcp, "19.1.7.1.4.192.0.2.2.40001.1.4.192.0.2.1.80") == .integer(11))
        let zeros = "0.0.0.0.0.0.0"
        let linkLocal =
            "2.16.254.128.\(zeros).252.0.255.254.0.0.1.22.2.16.254.128.\(zeros).252.0.255.254.0.0.5.57345"
        #expect(group.value(.tcp, "19.1.7." + linkLocal) == .integer(8))
        #expect(group.value(.tcp, "19.1.8." + linkLocal) == .gauge32(0))
        #expect(group.value(.tcp, "19.1.7.1.4.0.0.0.0.2024.1.4.0.0.0.0.0") == nil, "listeners have their own table")
        #expect(group.value(.tcp, "20.1.4.1.4.0.0.0.0.2024") == .gauge32(0))
        #expect(group.value(.tcp, "20.1.4.2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.22") == .gauge32(0))
    }

    @Test func everyStateOfTCP() {
        // RFC 4022 by the kernel's numbers 1...12; 0 and 13 are none.
        let expected: [Int32?] = [nil, 5, 3, 4, 6, 7, 11, 1, 8, 9, 2, 10, 4, nil]
        for (state, value) in expected.enumerated() {
            let host = Fixtures.machine()
            let digits = String(state, radix: 16)
            host["/proc/net/tcp"] =
                "0: 020200C0:0001 010200C0:0002 \(digits) 00000000:00000000 00:00000000 00000000 0 0 1 1\n"
            let group = HostAgent(files: host, startedAt: .zero).bindings(of: .tcp, at: .zero)
            let found = group.value(.tcp, "13.1.1.192.0.2.2.1.192.0.2.1.2")
            #expect(found == value.map { .integer($0) }, "state \(state)")
        }
    }

    @Test func endpointsOfUDP() {
        let group = agent.bindings(of: .udp, at: .zero)
        #expect(group.value(.udp, "1.0") == .counter32(12688), "both families")
        #expect(group.value(.udp, "2.0") == .counter32(35))
        #expect(group.value(.udp, "3.0") == .counter32(796))
        #expect(group.value(.udp, "4.0") == .counter32(13622))
        #expect(group.value(.udp, "8.0") == .counter64(12688))
        #expect(group.value(.udp, "9.0") == .counter64(13622))
        #expect(group.value(.udp, "5.1.1.127.0.0.1.46611") == .ipAddress(0x7F00_0001))
        #expect(group.value(.udp, "5.1.2.192.0.2.2.55503") == .integer(55503))
        // Two sockets share the port; the old table can show one of them.
        #expect(group.value(.udp, "7.1.8.1.4.127.0.0.1.46611.0.0.0.94937") == .gauge32(0))
        #expect(group.value(.udp, "7.1.8.1.4.127.0.0.1.46611.0.0.0.94938") == .gauge32(0))
        #expect(group.value(.udp, "7.1.8.1.4.192.0.2.2.55503.1.4.192.0.2.1.53.94939") == .gauge32(0))
        #expect(group.value(.udp, "7.1.8.2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.161.0.0.0.8001") == .gauge32(0))
        #expect(group.filter { $0.name.starts(with: oid("1.3.6.1.2.1.7.5.1.1")) }.count == 2)
        #expect(group.isInOrder(under: HostGroup.udp.root))
    }

    @Test func pairedLinesThatDoNotMatch() {
        func parse(_ text: String) -> NamedNumbers {
            .pairedLines(TextCursor(Array(text.utf8)), protocols: ["Ip", "Tcp"])
        }
        #expect(parse("Ip: A B C\nIp: 1 2\n")["IpB"] == 2)
        #expect(parse("Ip: A B C\nIp: 1 2\n")["IpC"] == nil, "fewer numbers than names")
        #expect(parse("Ip: A\nIp: 1 2\n")["IpA"] == 1, "more numbers than names")
        #expect(parse("Ip: A B\nIp: x 2\n").isEmpty)
        #expect(parse("Ip: A\nTcp: B\nTcp: 7\n")["TcpB"] == 7, "a line of numbers is missing")
        #expect(parse("Ip: A\nTcp: B\nTcp: 7\n")["IpA"] == nil)
        #expect(parse("Ip: A").isEmpty)
        #expect(parse("").isEmpty)
    }

    @Test func withoutFilesThereIsNothing() {
        let agent = HostAgent(files: InventedHost(), startedAt: .zero)
        for group in [HostGroup.ip, .icmp, .tcp, .udp] {
            #expect(agent.bindings(of: group, at: .zero).isEmpty, "\(group)")
        }
    }

    @Test func socketsAreCapped() {
        let line = ": 0100007F:997F 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 94933 1\n"
        let text = (0..<(HostLimits.socketCount + 3)).map { "\($0)" + line }.joined()
        #expect(NetworkSocket.parse(TextCursor(Array(text.utf8))).count == HostLimits.socketCount)
    }
}
