// Layer: tests. Uses: PlatformIO: beginnings of files, addresses of interfaces, units.

import PlatformIO
import Testing

@Suite struct SystemListsTests {
    @Test func beginningOfAFileIsExact() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/f"
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try FileAccess.writeAtomically(path, bytes)
        for limit in [0, 1, 4_095, 4_096, 4_097, 199_999, 200_000, 200_001, 1 << 20] {
            #expect(try FileAccess.readPrefix(path, limit: limit) == Array(bytes.prefix(limit)), "limit \(limit)")
        }
        try FileAccess.writeAtomically(path, [])
        #expect(try FileAccess.readPrefix(path, limit: 10) == [])
    }

    #if os(Linux)
        @Test func listOfTheKernelIsCompleteWithoutALookForItsEnd() throws {
            // Of several pieces, and of one.
            for path in ["/proc/kallsyms", "/proc/mounts", "/proc/net/tcp"] {
                // Connections of other tests come and go between two looks; one pair of looks must agree.
                let agrees = try (0..<200).contains { _ in
                    let whole = try FileAccess.readPrefix(path, limit: 1 << 20)
                    return try FileAccess.readPrefix(path, limit: 1 << 20, longestLine: 512).count == whole.count
                }
                #expect(agrees, "\(path)")
            }
        }
    #endif

    @Test func missingFileAndDirectoryAreErrors() {
        #expect(throws: IOError.self) { try FileAccess.readPrefix("/no/such/file", limit: 10) }
        #expect(throws: IOError.self) { try FileAccess.readPrefix("/", limit: 10) }
        #expect(throws: IOError.self) { try FileAccess.readPrefix("/etc/passwd\0", limit: 10) }
    }

    @Test func loopbackHasItsAddress() throws {
        let addresses = try InterfaceAddress.ipv4()
        let loopback = try #require(addresses.first { $0.address == 0x7F00_0001 })
        #expect(loopback.mask == 0xFF00_0000)
        #expect(!loopback.canBroadcast)
    }

    @Test func unitsArePlausible() {
        #expect(SystemUnits.pageByteCount >= 4096)
        #expect(SystemUnits.pageByteCount & (SystemUnits.pageByteCount - 1) == 0)
        #expect((1...10_000).contains(SystemUnits.ticksPerSecond))
    }
}
