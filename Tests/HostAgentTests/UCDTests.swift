// Layer: tests. Uses: HostAgent; UCD-SNMP-MIB and UCD-DISKIO-MIB.

import Primitives
import SNMPCodec
import Testing

@testable import HostAgent

@Suite struct UCDTests {
    private let host = Fixtures.machine()

    private func bindings(_ group: HostGroup, _ settings: HostSettings = HostSettings()) -> [VarBind] {
        let bindings = HostAgent(files: host, settings: settings, startedAt: .zero).bindings(of: group, at: .zero)
        #expect(bindings.isInOrder(under: group.root))
        return bindings
    }

    @Test func memory() {
        let group = bindings(.memory)
        let sizes: [(narrow: Int, wide: Int, value: Int32)] = [
            (3, 18, 2_097_152), (4, 19, 2_000_000), (5, 20, 24_684_096), (6, 21, 22_988_768), (11, 22, 24_988_768),
            (12, 23, 16_000), (13, 24, 8788), (14, 25, 7540), (15, 26, 1_382_444),
        ]
        for size in sizes {
            #expect(group.value(.memory, "\(size.narrow).0") == .integer(size.value), "memory \(size.narrow)")
            #expect(group.value(.memory, "\(size.wide).0") == .counter64(UInt64(size.value)), "memory \(size.wide)")
        }
        #expect(group.value(.memory, "27.0") == .counter64(24_075_200))
        #expect(group.value(.memory, "100.0") == .integer(0))
        #expect(group.value(.memory, "101.0") == .string(""))
    }

    @Test func littleSwapIsAnErrorAndNoneIsNot() {
        host["/proc/meminfo"] = "SwapTotal: 100000 kB\nSwapFree: 15999 kB\n"
        let little = bindings(.memory)
        #expect(little.value(.memory, "100.0") == .integer(1))
        #expect(little.value(.memory, "101.0") == .string("Running out of swap space (15999)"))
        #expect(little.value(.memory, "5.0") == nil)
        host["/proc/meminfo"] = "SwapTotal: 0 kB\nSwapFree: 0 kB\nMemTotal: 4294967296 kB\n"
        let none = bindings(.memory)
        #expect(none.value(.memory, "100.0") == .integer(0))
        #expect(none.value(.memory, "5.0") == .integer(.max), "4 TiB do not fit")
        #expect(none.value(.memory, "20.0") == .counter64(4_294_967_296))
    }

    @Test func diskSpace() {
        var settings = HostSettings()
        settings.minimumFreeDiskPercent = 32
        let group = bindings(.diskSpace, settings)
        let expected: [(column: Int, value: SNMPValue)] = [
            (1, .integer(4)), (2, .string("/")), (3, .string("/dev/vda1")), (4, .integer(-1)), (5, .integer(32)),
            (6, .integer(264_212_084)), (7, .integer(82_622_576)), (8, .integer(16_443_036)), (9, .integer(6)),
            (10, .integer(3)), (11, .gauge32(264_212_084)), (12, .gauge32(0)), (13, .gauge32(82_622_576)),
            (14, .gauge32(0)), (15, .gauge32(16_443_036)), (16, .gauge32(0)), (100, .integer(1)),
            (101, .string("/: less than 32% free (= 31%)")),
        ]
        for (column, value) in expected {
            #expect(group.value(.diskSpace, "1.\(column).4") == value, "column \(column)")
        }
        // 32 TiB in KiB take 35 bits.
        #expect(group.value(.diskSpace, "1.6.7") == .integer(.max))
        #expect(group.value(.diskSpace, "1.11.7") == .gauge32(0))
        #expect(group.value(.diskSpace, "1.12.7") == .gauge32(8))
        #expect(group.value(.diskSpace, "1.100.7") == .integer(0))
        #expect(group.value(.diskSpace, "1.2.6") == nil, "remote")
        #expect(group.value(.diskSpace, "1.10.3") == .integer(0), "no inodes")
    }

    @Test func load() {
        let group = bindings(.load)
        #expect(group.value(.load, "1.2.1") == .string("Load-1"))
        #expect(group.value(.load, "1.2.3") == .string("Load-15"))
        #expect(group.value(.load, "1.3.1") == .string("1.68"))
        #expect(group.value(.load, "1.3.2") == .string("10.05"))
        #expect(group.value(.load, "1.3.3") == .string("0.50"))
        #expect(group.value(.load, "1.4.1") == .string("12.00"))
        #expect(group.value(.load, "1.5.2") == .integer(1005))
        #expect(group.value(.load, "1.6.1") == .float(1.68))
        #expect(group.value(.load, "1.100.2") == .integer(0))
        var settings = HostSettings()
        settings.maximumLoad = 10
        let high = bindings(.load, settings)
        #expect(high.value(.load, "1.100.2") == .integer(1))
        #expect(high.value(.load, "1.101.2") == .string("5 min Load Average too high (= 10.05)"))
        #expect(high.value(.load, "1.100.1") == .integer(0))
        host["/proc/loadavg"] = "1.68 x"
        #expect(bindings(.load).value(.load, "1.1.1") == .integer(1))
        #expect(bindings(.load).value(.load, "1.1.2") == nil)
    }

    @Test func rawStatistics() {
        let group = bindings(.statistics)
        let expected: [UInt32: UInt32] = [
            50: 97340, 51: 44, 52: 17717 + 3 + 549, 53: 235_769, 54: 4679, 55: 17717, 56: 3, 57: 3_764_536,
            58: 10_554_538, 59: 808_966, 60: 1_113_794, 61: 549, 62: 11, 63: 12, 64: 555, 65: 6, 66: 7,
        ]
        for (arc, value) in expected {
            #expect(group.value(.statistics, "\(arc).0") == .counter32(value), "systemStats \(arc)")
        }
        #expect(group.value(.statistics, "2.0") == .string("systemStats"))
        #expect(group.value(.statistics, "67.0") == .integer(2))
        #expect(group.value(.statistics, "9.0") == nil, "no rates from one reading")
    }

    @Test func ratesFromTwoReadings() {
        let agent = HostAgent(files: host, startedAt: .zero)
        host["/proc/stat"] = Fixtures.stat
            .replacing("cpu  97340 44 17717 235769", with: "cpu  97640 144 17817 236269")
            .replacing("808966", with: "809966").replacing("1113794", with: "1113794")
        host["/proc/vmstat"] = Fixtures.vmstat
            .replacing("5277269", with: "5277369").replacing("pswpin 11", with: "pswpin 111")
        let group = agent.bindings(of: .statistics, at: Instant(nanoseconds: 10_000_000_000))
        let expected: [Int: Int32] = [
            3: 40, 4: 0, 5: 0, 6: 20, 7: 100, 8: 0,
            // Of 1000 ticks: 300 user and 100 nice, 100 system, 500 idle.
            9: 40, 10: 10, 11: 50,
        ]
        for (arc, value) in expected {
            #expect(group.value(.statistics, "\(arc).0") == .integer(value), "systemStats \(arc)")
        }
        #expect(group.isInOrder(under: HostGroup.statistics.root))
    }

    @Test func diskActivity() {
        let group = bindings(.diskActivity)
        let expected: [(column: Int, value: SNMPValue)] = [
            (1, .integer(2)), (2, .string("vda")), (3, .counter32(1_108_956_160)), (4, .counter32(1_927_442_432)),
            (5, .counter32(180_020)), (6, .counter32(61_307)), (12, .counter64(5_403_923_456)),
            (13, .counter64(1_927_442_432)), (14, .counter64(64_832_000)),
        ]
        for (column, value) in expected {
            #expect(group.value(.diskActivity, "1.1.\(column).2") == value, "column \(column)")
        }
        #expect(group.value(.diskActivity, "1.1.2.3") == .string("vda1"))
    }

    @Test func oldKernelWithShortLines() {
        host["/proc/stat"] = "cpu 1 2 3 4\ncpu0 1 2 3 4\n"
        let group = bindings(.statistics)
        #expect(group.value(.statistics, "53.0") == .counter32(4))
        #expect(group.value(.statistics, "54.0") == .counter32(0))
        #expect(group.value(.statistics, "59.0") == nil)
        host["/proc/stat"] = "cpu 1 2 3\n"
        #expect(bindings(.statistics).value(.statistics, "53.0") == nil)
        host["/proc/stat"] = nil
        #expect(bindings(.statistics).isEmpty)
    }
}
