// Layer: tests. Uses: HostAgent on machines whose files are damaged at random.
// Whatever the files say, every group comes out in order, or empty, and nothing traps.

import Primitives
import SNMPCodec
import Testing

@testable import HostAgent

@Suite struct MutationTests {
    /// Damages some of the bytes: changed, removed, doubled, cut, replaced by what breaks careless parsers.
    private func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        let awkward = [
            "18446744073709551615", "-9223372036854775808", "99999999999999999999999", "\n", ":", " ", "\0", "(", ")",
            "0x", "FFFFFFFF", "\u{FF}", "\\777", "",
        ]
        for _ in 0...(random.next() % 4) {
            guard !bytes.isEmpty else { return Array("\n:".utf8) }
            let position = Int(random.next() % UInt64(bytes.count))
            let length = min(Int(random.next() % 40), bytes.count - position)
            switch random.next() % 7 {
            case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.removeSubrange(position..<(position + length))
            case 2: bytes.insert(contentsOf: bytes[position..<(position + length)], at: position)
            case 3: bytes.removeSubrange(position...)
            case 4: bytes.removeSubrange(..<position)
            default:
                let text = awkward[Int(random.next() % UInt64(awkward.count))]
                // In place of a word, so that it is read as one.
                let end = bytes[position...].firstIndex { $0 == 0x20 || $0 == 0x0A } ?? bytes.endIndex
                bytes.replaceSubrange(position..<end, with: Array(text.utf8))
            }
        }
        return bytes
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedFilesLeaveEveryGroupInOrder(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let whole = Fixtures.machine()
        let paths = whole.files.keys.sorted()
        for round in 0..<25 {
            let host = Fixtures.machine()
            for path in paths where random.oneIn(3) {
                host.files[path] = random.oneIn(20) ? nil : whole.files[path].map { mutate($0, &random) }
            }
            host.wallDeciseconds = random.oneIn(4) ? Int64(bitPattern: random.next()) : 0
            host.utcOffset = Int(truncatingIfNeeded: random.next())
            host.ticksPerSecond = random.oneIn(10) ? 0 : 100
            host.pageByteCount = random.oneIn(10) ? .max : 4096
            if random.oneIn(4) {
                host.spaces["/"] = FileSystemSpace(
                    blockByteCount: random.next(), blockCount: random.next(), freeBlockCount: random.next(),
                    availableBlockCount: random.next(), inodeCount: random.next(), freeInodeCount: random.next())
            }
            let agent = HostAgent(files: host, startedAt: .zero)
            for step in [Int64(0), 7, 70] {
                let now = Instant(nanoseconds: step * 1_000_000_000)
                for group in HostGroup.allCases {
                    let bindings = agent.bindings(of: group, at: now)
                    #expect(bindings.isInOrder(under: group.root), "seed \(seed), round \(round), \(group)")
                }
                // What the second reading is compared with.
                for path in paths where random.oneIn(6) {
                    host.files[path] = host.files[path].map { mutate($0, &random) }
                }
            }
        }
    }

    @Test func everyFileCutAtEveryPlace() {
        let whole = Fixtures.machine()
        for path in whole.files.keys.sorted() {
            guard let bytes = whole.files[path] else { continue }
            let host = Fixtures.machine()
            // Every length of short files, twenty of long ones.
            for length in stride(from: 0, to: bytes.count, by: max(bytes.count / 20, 1)) {
                host.files[path] = Array(bytes.prefix(length))
                let agent = HostAgent(files: host, startedAt: .zero)
                for group in HostGroup.allCases {
                    #expect(
                        agent.bindings(of: group, at: .zero).isInOrder(under: group.root), "\(path) \(length) \(group)")
                }
            }
        }
    }

    @Test func eachFileMissingLeavesTheOthersAlone() {
        let whole = Fixtures.machine()
        let complete = HostAgent(files: whole, startedAt: .zero)
        for path in whole.files.keys.sorted() {
            let host = Fixtures.machine()
            host.files[path] = nil
            let agent = HostAgent(files: host, startedAt: .zero)
            for group in HostGroup.allCases {
                let names = Set(agent.bindings(of: group, at: .zero).map(\.name))
                // What is left is part of what there was, but for file systems and disks, which are numbered anew.
                guard !path.hasPrefix("/proc/mounts"), !path.hasPrefix("/sys/block") else { continue }
                let before = Set(complete.bindings(of: group, at: .zero).map(\.name))
                #expect(names.isSubset(of: before), "\(path), \(group)")
            }
        }
    }
}
