// Layer: tests. Used by: all tests of HostAgent.
// Files as kernels write them, and a whole machine made of them.

import HostAgent

enum Fixtures {
    /// Linux 6.18, four interfaces; the loopback's line has the widest numbers.
    static let netDev = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo: 6089169   13887    0    0    0     0          0         0  6089169   13887    0    0    0     0       0          0
          ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
          eth0: 111673349    3182    1    2    3     4          5        82    95997    1293    6    7    8     9      10         11

        """

    /// Linux 2.4: no blank behind the colon once the number is wide.
    static let oldNetDev = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:2776770   11307    0    0    0     0          0         0  2776770   11307    0    0    0     0       0          0
          eth0:18446744073709551615 4294967297    0    0    0     0          0        10 4294967296 99    0    0    0     0       0          0

        """

    static let snmp = """
        Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits
        Ip: 2 64 16996 1 2 3 4 5 16981 15060 8 9 10 11 12 13 14 15 16 15061
        Icmp: InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps
        Icmp: 35 1 99 33 2 3 4 5 6 7 8 9 10 11 34 12 98 97 13 14 15 16 17 18 19 20 21 22 23
        IcmpMsg: InType3 InType8 OutType3
        IcmpMsg: 33 2 34
        Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
        Tcp: 1 200 120000 -1 69 21 33 1 7 4294967300 1651 5 2 34 0
        Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
        Udp: 12588 34 796 13422 796 0 0 0 0

        """

    static let netstat = """
        TcpExt: SyncookiesSent SyncookiesRecv
        TcpExt: 0 0
        IpExt: InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets OutOctets
        IpExt: 1 2 3 4 5 6 5000000000 6159016

        """

    static let snmp6 = """
        Ip6InReceives                   	64
        Ip6InDelivers                   	63
        Ip6InOctets                     	5096
        Icmp6InMsgs                     	5
        Icmp6InErrors                   	1
        Icmp6OutMsgs                    	13
        Icmp6OutErrors                  	0
        Icmp6InType1                    	5
        Icmp6OutType133                 	8
        Udp6InDatagrams                 	100
        Udp6NoPorts                     	1
        Udp6InErrors                    	0
        Udp6OutDatagrams                	200

        """

    static let tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1592 1 00000000efeccd13 100 0 0 10 0
           1: 0100007F:997F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 94933 1 0000000042347be8 100 0 0 10 0
           2: 020200C0:9C40 010200C0:0050 01 00000000:00000000 02:000A1B2C 00000000  1000        0 5001 2 0000000000000000 20 4 30 10 -1
           3: 020200C0:9C41 010200C0:0050 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000000000000000

        """

    static let tcp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7001 1 0000000000000000 100 0 0 10 0
           1: 0000000000000000FFFF0000020200C0:0016 0000000000000000FFFF0000090200C0:D431 01 00000000:00000000 02:00050000 00000000     0        0 7002 2 0000000000000000 20 4 29 10 -1
           2: 000080FE00000000FF00FC00010000FE:0016 000080FE00000000FF00FC00050000FE:E001 08 00000000:00000000 02:00050000 00000000     0        0 7003 2 0000000000000000 20 4 29 10 -1

        """

    static let udp = """
           sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
         2340: 0100007F:B613 00000000:0000 07 00000000:00000340 00:00000000 00000000     0        0 94937 2 00000000c54aaa39 0
         2341: 0100007F:B613 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 94938 2 00000000c54aaa3a 0
        11232: 020200C0:D8CF 010200C0:0035 01 00000000:00000000 00:00000000 00000000     0        0 94939 2 0000000044bda582 0

        """

    static let udp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
         1000: 00000000000000000000000000000000:00A1 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 8001 2 0000000000000000 0

        """

    static let ifInet6 = """
        fe8000000000000000fc00fffe000001 04 40 20 80     eth0
        00000000000000000000000000000001 01 80 10 80       lo
        fd000000000000000000000000000002 04 40 00 82     eth0
        fd0000000000000000000000000000aa 04 40 00 21     eth0

        """

    static let arp = """
        IP address       HW type     Flags       HW address            Mask     Device
        192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
        192.0.2.7        0x1         0x0         00:00:00:00:00:00     *        eth0
        192.0.2.9        0x1         0x6         02:fc:00:00:00:09     *        eth0

        """

    static let meminfo = """
        MemTotal:       24684096 kB
        MemFree:        22988768 kB
        MemAvailable:   24075200 kB
        Buffers:            7540 kB
        Cached:          1210912 kB
        SwapTotal:       2097152 kB
        SwapFree:        2000000 kB
        Shmem:              8788 kB
        SReclaimable:     171532 kB
        HugePages_Total:       0

        """

    static let stat = """
        cpu  97340 44 17717 235769 4679 3 549 555 6 7
        cpu0 43829 23 8157 125201 668 0 137 247 0 0
        cpu1 53510 20 9559 110568 4011 0 412 308 0 0
        intr 808966 0 0 0 5
        ctxt 1113794
        btime 1795224099
        processes 24481
        procs_running 3
        procs_blocked 0
        softirq 590495 0 73906 4

        """

    static let vmstat = """
        nr_free_pages 942763
        pgpgin 5277269
        pgpgout 1882268
        pswpin 11
        pswpout 12

        """

    static let mounts = """
        proc /proc proc rw,relatime 0 0
        sysfs /sys sysfs rw,relatime 0 0
        tmpfs /dev/shm tmpfs rw,relatime,size=24684096k 0 0
        /dev/vda1 / ext4 rw,relatime,discard,resuid=65534 0 0
        cdrom /media/a\\040disc\\134 iso9660 ro,relatime 0 0
        fileserver:/home /home nfs4 rw,relatime,vers=4.2 0 0
        /dev/vdb1 /srv xfs rw,relatime 0 0

        """

    static let diskstats = """
           7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
         254       0 vda 180020 29988 10554538 306145 61307 32826 3764536 31702 0 64832 346751 11539 0 1066248 8435 8769 468
         254       1 vda1 1 2 3 4 5 6 7 8 9 10 11

        """

    static let cpuinfo = """
        processor	: 0
        vendor_id	: AuthenticAMD
        model name	: AMD EPYC

        """

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
            "/proc/net/dev": netDev, "/proc/net/snmp": snmp, "/proc/net/netstat": netstat, "/proc/net/snmp6": snmp6,
            "/proc/net/tcp": tcp, "/proc/net/tcp6": tcp6, "/proc/net/udp": udp, "/proc/net/udp6": udp6,
            "/proc/net/if_inet6": ifInet6, "/proc/net/arp": arp, "/proc/meminfo": meminfo, "/proc/stat": stat,
            "/proc/vmstat": vmstat, "/proc/mounts": mounts, "/proc/diskstats": diskstats, "/proc/cpuinfo": cpuinfo,
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
