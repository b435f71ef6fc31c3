// Layer: tests. Uses: HostAgent; HOST-RESOURCES-MIB.

import Primitives
import SNMPCodec
import Testing

@testable import HostAgent

private func type(_ suffix: UInt32...) -> SNMPValue {
    .objectIdentifier(oid("1.3.6.1.2.1.25").appending(contentsOf: suffix) ?? [])
}

private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

@Suite struct HostResourcesTests {
    private let host = Fixtures.machine()

    private func bindings(_ group: HostGroup) -> [VarBind] {
        let bindings = HostAgent(files: host, startedAt: .zero).bindings(of: group, at: .zero)
        #expect(bindings.isInOrder(under: group.root))
        return bindings
    }

    @Test func system() {
        var utmp = [UInt8](repeating: 0, count: UserSessions.recordByteCount * 4 + 5)
        // A boot record, two sessions of users, a process that has ended.
        for (record, kind) in [2, 7, 7, 8].enumerated() {
            let start = record * UserSessions.recordByteCount
            utmp[start + (UInt16(bigEndian: 1) == 1 ? 1 : 0)] = UInt8(kind)
        }
        host.files["/run/utmp"] = utmp
        let group = bindings(.hostSystem)
        #expect(group.value(.hostSystem, "1.0") == .timeTicks(178_829))
        #expect(group.value(.hostSystem, "2.0") == .octetString([7, 234, 11, 20, 22, 21, 43, 7, 0x2D, 3, 30]))
        #expect(group.value(.hostSystem, "3.0") == .integer(6 << 16 | 1), "vda is the second disk by name")
        #expect(group.value(.hostSystem, "4.0") == .string("quiet reboot=k panic=1"))
        #expect(group.value(.hostSystem, "5.0") == .gauge32(2))
        #expect(group.value(.hostSystem, "6.0") == .gauge32(3))
        #expect(group.value(.hostSystem, "7.0") == .integer(32768))
    }

    @Test func systemWithoutFilesHasItsDate() {
        let agent = HostAgent(files: InventedHost(), startedAt: .zero)
        let group = agent.bindings(of: .hostSystem, at: .zero)
        #expect(group.map(\.name) == [oid("1.3.6.1.2.1.25.1.2.0"), oid("1.3.6.1.2.1.25.1.5.0")])
    }

    @Test func memoryAsStorage() {
        let group = bindings(.hostStorage)
        #expect(group.value(.hostStorage, "2.0") == .integer(24_684_096))
        let expected: [(index: Int, kind: UInt32, text: String, total: Int32, used: Int32)] = [
            (1, 2, "Physical memory", 24_684_096, 1_695_328),
            (3, 3, "Virtual memory", 26_781_248, 1_792_480),
            (6, 1, "Memory buffers", 24_684_096, 7540),
            (7, 1, "Cached memory", 1_382_444, 1_382_444),
            (8, 1, "Shared memory", 8788, 8788),
            (10, 3, "Swap space", 2_097_152, 97_152),
            (11, 1, "Available memory", 24_075_200, 0),
        ]
        for row in expected {
            #expect(group.value(.hostStorage, "3.1.1.\(row.index)") == .integer(Int32(row.index)))
            #expect(group.value(.hostStorage, "3.1.2.\(row.index)") == type(2, 1, row.kind), "\(row.text)")
            #expect(group.value(.hostStorage, "3.1.3.\(row.index)") == .string(row.text))
            #expect(group.value(.hostStorage, "3.1.4.\(row.index)") == .integer(1024))
            #expect(group.value(.hostStorage, "3.1.5.\(row.index)") == .integer(row.total), "\(row.text)")
            #expect(group.value(.hostStorage, "3.1.6.\(row.index)") == .integer(row.used), "\(row.text)")
        }
    }

    @Test func fileSystemsAsStorage() {
        let group = bindings(.hostStorage)
        // Numbered by their lines in /proc/mounts: 3 /dev/shm, 4 /, 5 the disc, 6 /home, 7 /srv.
        #expect(group.value(.hostStorage, "3.1.3.34") == .string("/"))
        #expect(group.value(.hostStorage, "3.1.2.34") == type(2, 1, 4))
        #expect(group.value(.hostStorage, "3.1.4.34") == .integer(4096))
        #expect(group.value(.hostStorage, "3.1.5.34") == .integer(66_053_021))
        #expect(group.value(.hostStorage, "3.1.6.34") == .integer(4_110_759))
        #expect(group.value(.hostStorage, "3.1.3.35") == .string("/media/a disc\\"))
        #expect(group.value(.hostStorage, "3.1.2.35") == type(2, 1, 7))
        #expect(group.value(.hostStorage, "3.1.3.36") == nil, "a remote file system is not asked")
        // 2^33 blocks of 4 KiB: four times the unit.
        #expect(group.value(.hostStorage, "3.1.4.37") == .integer(32768))
        #expect(group.value(.hostStorage, "3.1.5.37") == .integer(1 << 30))
        #expect(group.value(.hostStorage, "3.1.6.37") == .integer(1 << 29))
        #expect(group.value(.hostStorage, "3.1.3.31") == nil, "/proc is none")
    }

    @Test func greatestSizesFit() {
        let size = ScaledSize(unit: 4096, total: .max, used: .max)
        #expect(size.unit == 1 << 30)
        #expect(size.total > UInt64(Int32.max), "no unit is large enough; the value is clamped where it is written")
        #expect(ScaledSize(unit: 0, total: 5, used: 1) == ScaledSize(unit: 1, total: 5, used: 1))
    }

    @Test func numbersOfFileSystemsLast() {
        let agent = HostAgent(files: host, startedAt: .zero)
        host["/proc/mounts"] = "/dev/vdb1 /srv xfs rw 0 0\n/dev/vdc /new ext4 ro 0 0\n/dev/vda1 / ext4 rw 0 0\n"
        host.spaces["/new"] = FileSystemSpace(
            blockByteCount: 1, blockCount: 1, freeBlockCount: 1, availableBlockCount: 1)
        _ = agent.bindings(of: .hostStorage, at: .zero)
        let first = agent.bindings(of: .diskSpace, at: .zero)
        host["/proc/mounts"] = Fixtures.mounts
        let second = agent.bindings(of: .diskSpace, at: seconds(10))
        #expect(first.value(.diskSpace, "1.2.1") == .string("/srv"))
        #expect(second.value(.diskSpace, "1.2.1") == .string("/srv"))
        #expect(first.value(.diskSpace, "1.2.2") == .string("/new"))
        #expect(second.value(.diskSpace, "1.2.2") == nil)
        #expect(second.value(.diskSpace, "1.2.3") == .string("/"))
    }

    @Test func devices() {
        let group = bindings(.hostDevices)
        let (cpu, net, disk) = (3 << 16 | 1, 4 << 16 | 4, 6 << 16)
        #expect(group.value(.hostDevices, "2.1.2.\(cpu)") == type(3, 1, 3))
        #expect(group.value(.hostDevices, "2.1.3.\(cpu)") == .string("AMD EPYC"))
        #expect(group.value(.hostDevices, "2.1.5.\(cpu)") == .integer(2))
        #expect(group.value(.hostDevices, "2.1.6.\(cpu)") == nil)
        #expect(group.value(.hostDevices, "2.1.2.\(net)") == type(3, 1, 4))
        #expect(group.value(.hostDevices, "2.1.3.\(net)") == .string("network interface eth0"))
        #expect(group.value(.hostDevices, "2.1.5.\(net)") == .integer(2))
        #expect(group.value(.hostDevices, "2.1.5.\(4 << 16 | 2)") == .integer(5))
        #expect(group.value(.hostDevices, "2.1.6.\(net)") == .counter32(7))
        #expect(group.value(.hostDevices, "4.1.1.\(net)") == .integer(4))
        #expect(group.value(.hostDevices, "2.1.3.\(disk)") == .string("DVD-ROM (/dev/sr0)"))
        #expect(group.value(.hostDevices, "2.1.3.\(disk + 1)") == .string("(/dev/vda)"))
        #expect(group.value(.hostDevices, "6.1.1.\(disk)") == .integer(2))
        #expect(group.value(.hostDevices, "6.1.3.\(disk)") == .integer(1))
        #expect(group.value(.hostDevices, "6.1.4.\(disk + 1)") == .integer(268_435_456))
        #expect(group.value(.hostDevices, "6.1.2.\(disk + 1)") == .integer(3))
    }

    @Test func fileSystemsAsDevices() {
        let group = bindings(.hostDevices)
        #expect(group.value(.hostDevices, "8.1.2.4") == .string("/"))
        #expect(group.value(.hostDevices, "8.1.3.4") == .string(""))
        #expect(group.value(.hostDevices, "8.1.4.4") == type(3, 9, 23))
        #expect(group.value(.hostDevices, "8.1.5.4") == .integer(1))
        #expect(group.value(.hostDevices, "8.1.6.4") == .integer(1))
        #expect(group.value(.hostDevices, "8.1.7.4") == .integer(34))
        #expect(group.value(.hostDevices, "8.1.8.4") == .octetString([0, 0, 1, 1, 0, 0, 0, 0]))
        #expect(group.value(.hostDevices, "8.1.5.5") == .integer(2))
        #expect(group.value(.hostDevices, "8.1.4.5") == type(3, 9, 12))
        #expect(group.value(.hostDevices, "8.1.3.6") == .string("fileserver:/home"))
        #expect(group.value(.hostDevices, "8.1.7.6") == .integer(0))
    }

    @Test func loadOfProcessorsIsThatOfTheLastMinute() {
        let agent = HostAgent(files: host, startedAt: .zero)
        func load(at now: Instant) -> SNMPValue? {
            agent.bindings(of: .hostDevices, at: now).value(.hostDevices, "3.1.2.\(3 << 16)")
        }
        #expect(load(at: .zero) == nil, "nothing to compare with")
        func line(busy: Int, idle: Int) -> String { "cpu0 \(1000 + busy) 0 0 \(1000 + idle) 0 0 0 0 0 0\n" }
        host["/proc/stat"] = line(busy: 0, idle: 0)
        let later = HostAgent(files: host, startedAt: .zero)
        func laterLoad(_ now: Int64) -> SNMPValue? {
            later.bindings(of: .hostDevices, at: seconds(now)).value(.hostDevices, "3.1.2.\(3 << 16)")
        }
        // Busy for 30 s, then idle.
        host["/proc/stat"] = line(busy: 3000, idle: 0)
        #expect(laterLoad(30) == .integer(100))
        host["/proc/stat"] = line(busy: 3000, idle: 3000)
        #expect(laterLoad(60) == .integer(50))
        host["/proc/stat"] = line(busy: 3000, idle: 6000)
        #expect(laterLoad(90) == .integer(0), "the busy half minute is over a minute ago")
    }

    @Test func loadWithoutProgressOrBackwards() {
        var earlier = ProcessorTimes()
        earlier.user = 100
        earlier.idle = 100
        var now = earlier
        #expect(now.load(since: earlier) == nil)
        now.idle = 50
        #expect(now.load(since: earlier) == nil)
        now.idle = 90
        now.user = 130
        #expect(now.load(since: earlier) == 100, "the idle time went back, as it does on some kernels")
    }

    @Test func software() {
        let group = bindings(.hostSoftware)
        #expect(group.value(.hostSoftware, "1.0") == .integer(1))
        let expected: [(number: Int, values: [SNMPValue])] = [
            (
                1,
                [
                    .integer(1), .string("init"), .objectIdentifier([0, 0]), .string("/sbin/init"),
                    .string("--verbose two words"), .integer(4), .integer(2),
                ]
            ),
            (
                2,
                [
                    .integer(2), .string("kthreadd"), .objectIdentifier([0, 0]), .string(""), .string(""), .integer(2),
                    .integer(2),
                ]
            ),
            (
                24485,
                [
                    .integer(24485), .string("a) S (b)"), .objectIdentifier([0, 0]), .string("cat"), .string(""),
                    .integer(4), .integer(1),
                ]
            ),
        ]
        for row in expected {
            for (position, value) in row.values.enumerated() {
                #expect(group.value(.hostSoftware, "2.1.\(position + 1).\(row.number)") == value)
            }
        }
        let performance = bindings(.hostSoftwarePerformance)
        #expect(performance.value(.hostSoftwarePerformance, "1.1.1.24485") == .integer(400))
        #expect(performance.value(.hostSoftwarePerformance, "1.1.2.24485") == .integer(1448))
        #expect(performance.value(.hostSoftwarePerformance, "1.1.2.2") == .integer(0))
    }

    @Test func argumentsCanBeHidden() {
        var settings = HostSettings()
        settings.showsProcessArguments = false
        let agent = HostAgent(files: host, settings: settings, startedAt: .zero)
        let group = agent.bindings(of: .hostSoftware, at: .zero)
        #expect(group.value(.hostSoftware, "2.1.4.1") == .string("/sbin/init"))
        #expect(group.value(.hostSoftware, "2.1.5.1") == .string(""))
    }

    @Test func processorTimeInOtherTicks() {
        host.ticksPerSecond = 250
        host.pageByteCount = 16384
        let group = bindings(.hostSoftwarePerformance)
        #expect(group.value(.hostSoftwarePerformance, "1.1.1.24485") == .integer(160))
        #expect(group.value(.hostSoftwarePerformance, "1.1.2.24485") == .integer(5792))
    }

    @Test(arguments: ["", "5", "5 (x", "5 )x(", "5 (x) ", "5 (x) S 1", "5 (x) SS 1 2 3 4 5 6 7 8 9 10 11 12"])
    func malformedProcessIsLeftOut(_ text: String) { #expect(Process(5, stat: Array(text.utf8)) == nil) }

    @Test func longCommandLineIsCut() {
        host["/proc/1/cmdline"] =
            String(repeating: "p", count: 200) + "\0" + String(repeating: "q", count: 200) + "\0"
        let group = bindings(.hostSoftware)
        #expect(group.value(.hostSoftware, "2.1.4.1") == .string(String(repeating: "p", count: 128)))
        #expect(group.value(.hostSoftware, "2.1.5.1") == .string(String(repeating: "q", count: 128)))
    }
}
