// Layer: tests. Used by: all tests of HostAgent.
// Files as kernels write them, and a whole machine made of them.

import Foundation
import HostAgent
import PlatformIO

enum Fixtures {
    /// A file below `Files`, as a kernel wrote it or as made up from one.
    private static func file(_ path: String) -> String {
        let root = Bundle.module.resourcePath ?? ""
        guard let text = try? FileAccess.readText("\(root)/Files\(path)") else {
            preconditionFailure("the test file \(path) is missing")
        }
        return text
    }

    static let netDev = file("/proc/net/dev")
    /// Linux 2.4: no blank behind the colon once the number is wide.
    static let oldNetDev = file("/proc/net/dev-2.4")
    static let stat = file("/proc/stat")
    static let vmstat = file("/proc/vmstat")
    static let mounts = file("/proc/mounts")

    /// Files that a machine has as they are.
    private static let files = [
        "/proc/net/dev", "/proc/net/snmp", "/proc/net/netstat", "/proc/net/snmp6", "/proc/net/tcp", "/proc/net/tcp6",
        "/proc/net/udp", "/proc/net/udp6", "/proc/net/if_inet6", "/proc/net/arp", "/proc/meminfo", "/proc/stat",
        "/proc/vmstat", "/proc/mounts", "/proc/diskstats", "/proc/cpuinfo",
    ]

    /// A process with a name made to mislead, and what its command line says.
    static let processStat =
        "24485 (a) S (b)) R 24477 24477 22817 0 -1 4194560 101 0 0 0 250 150 0 0 20 0 1 0 178831 3133440 362 "
        + "18446744073709551615 94356793507840 94356793527721 140736846780848 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n"

    static let kernelThreadStat =
        "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 3 0 0 20 0 1 0 0 0 0 18446744073709551615 0 0 0 0 0 0 0\n"

    static let initStat =
        "1 (init) S 0 1 1 0 -1 4194560 0 0 0 0 10 20 0 0 20 0 1 0 3 1000 250 18446744073709551615 1 1 0 0 0 0 0\n"

    /// A machine that has all of this.
    static func machine() -> InventedHost {
        let host = InventedHost([
            "/proc/loadavg": "1.68 10.05 0.5 3/146 24481\n", "/proc/uptime": "1788.29 2357.69\n",
            "/proc/cmdline": "quiet reboot=k panic=1\n", "/proc/sys/kernel/pid_max": "32768\n",
            "/proc/sys/net/ipv4/ipfrag_time": "30\n", "/proc/sys/net/ipv6/conf/all/forwarding": "0\n",
            "/proc/sys/net/ipv6/conf/all/hop_limit": "64\n", "/proc/1/stat": initStat,
            "/proc/1/cmdline": "/sbin/init\0--verbose\0two words\0", "/proc/2/stat": kernelThreadStat,
            "/proc/24485/stat": processStat, "/proc/24485/cmdline": "cat", "/sys/block/vda/size": "536870912\n",
            "/sys/block/vda/ro": "0\n", "/sys/block/vda/removable": "0\n",
            "/sys/block/sr0/size": "2048\n", "/sys/block/sr0/ro": "1\n", "/sys/block/sr0/removable": "1\n",
            "/sys/block/sr0/device/model": "DVD-ROM         \n", "/sys/block/loop0/size": "100\n",
        ])
        for path in files { host[path] = file(path) }
        host.addInterface(
            "lo", index: 1,
            [
                "mtu": "65536", "address": "00:00:00:00:00:00", "operstate": "unknown", "flags": "0x9", "type": "772",
                "ifalias": "", "carrier_changes": "0",
            ])
        host.addInterface(
            "ifb0", index: 2,
            [
                "mtu": "1500", "address": "82:ac:56:49:5f:76", "operstate": "down", "flags": "0x82", "type": "1",
                "ifalias": "", "carrier_changes": "0",
            ])
        host.addInterface(
            "eth0", index: 4,
            [
                "mtu": "1400", "speed": "10000", "address": "02:fc:00:00:00:01", "operstate": "up", "flags": "0x1103",
                "type": "1", "ifalias": "to the core", "carrier_changes": "2",
            ])
        host.directories.insert("/sys/class/net/eth0/device")
        host.identity = HostIdentity(
            system: "Linux", node: "vm", release: "6.18.44", version: "#1 SMP", machine: "x86_64")
        host.ipv4Addresses = [
            HostIPv4Address(interfaceName: "lo", address: 0x7F00_0001, mask: 0xFF00_0000, canBroadcast: false),
            HostIPv4Address(interfaceName: "eth0:1", address: 0xC000_0202, mask: 0xFFFF_FF00, canBroadcast: true),
            HostIPv4Address(interfaceName: "gone0", address: 0x0A00_0001, mask: 0xFF00_0000, canBroadcast: true),
        ]
        host.spaces = [
            "/": FileSystemSpace(
                blockByteCount: 4096, blockCount: 66_053_021, freeBlockCount: 61_942_262,
                availableBlockCount: 20_655_644, inodeCount: 1_000_000, freeInodeCount: 974_000),
            "/dev/shm": FileSystemSpace(
                blockByteCount: 4096, blockCount: 6_171_024, freeBlockCount: 6_171_024,
                availableBlockCount: 6_171_024),
            "/media/a disc\\": FileSystemSpace(
                blockByteCount: 2048, blockCount: 350_000, freeBlockCount: 0, availableBlockCount: 0),
            // 32 TiB, half of it used.
            "/srv": FileSystemSpace(
                blockByteCount: 4096, blockCount: 1 << 33, freeBlockCount: 1 << 32, availableBlockCount: 1 << 32),
            // Must never be asked for.
            "/home": FileSystemSpace(
                blockByteCount: 1, blockCount: 1, freeBlockCount: 1, availableBlockCount: 1),
        ]
        // 2026-11-21 01:51:43.7 UTC
        host.wallDeciseconds = 17_952_259_037
        host.utcOffset = -(3 * 3600 + 30 * 60)
        return host
    }
}
