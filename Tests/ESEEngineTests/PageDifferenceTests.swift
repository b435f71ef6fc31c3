// Differences of values and before-images of pages.

import ESEEngine
import ESEFormat
import Primitives
import Testing

@Suite struct PageDifferenceTests {
    private func apply(_ difference: [UInt8], _ old: [UInt8], _ isLarge: Bool, limit: Int) throws(JetError) -> [UInt8] {
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 8)
        defer { target.deallocate() }
        let count = try difference.lend { (difference) throws(JetError) in
            try old.lend { (old) throws(JetError) in
                try DataDifference.apply(difference, to: old, isLarge: isLarge, into: target)
            }
        }
        return [UInt8](target[..<count])
    }

    private func encode(_ old: [UInt8], _ new: [UInt8], _ isLarge: Bool, room: Int) -> [UInt8]? {
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, room), alignment: 8)
        defer { target.deallocate() }
        let part = UnsafeMutableRawBufferPointer(rebasing: target[..<room])
        let count = old.lend { old in
            new.lend { DataDifference.encode(from: old, to: $0, isLarge: isLarge, into: part) }
        }
        return count.map { [UInt8](target[..<$0]) }
    }

    @Test(arguments: [false, true]) func differencesMakeTheNewValue(_ isLarge: Bool) throws {
        var random = SeededRandom(seed: isLarge ? 3 : 4)
        for round in 0..<2_000 {
            let old = random.bytes(random.below(round % 7 == 0 ? 3_000 : 60))
            var new = old
            for _ in 0..<random.below(4) {
                let place = random.below(new.count + 1)
                switch random.below(3) {
                case 0: new.insert(contentsOf: random.bytes(random.below(400)), at: place)
                case 1: new.removeSubrange(place..<min(new.count, place + random.below(20)))
                default: if place < new.count { new[place] ^= 1 }
                }
            }
            let difference = try #require(encode(old, new, isLarge, room: new.count + 12))
            #expect(try apply(difference, old, isLarge, limit: new.count) == new, "round \(round)")
            if old == new { #expect(difference.isEmpty) }
            if !difference.isEmpty {
                #expect(encode(old, new, isLarge, room: difference.count - 1) == nil)
                #expect(encode(old, new, isLarge, room: difference.count) == difference)
            }
            // A value that is cut is malformed or shorter, but never a trap.
            if new.count > 0 { _ = try? apply(difference, old, isLarge, limit: new.count - 1) }
            var damaged = difference + random.bytes(random.below(4))
            for _ in 0..<random.below(4) where !damaged.isEmpty {
                damaged[random.below(damaged.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = try? apply(damaged, old, isLarge, limit: 4_000)
        }
    }

    @Test func layoutIsThatOfTheLog() throws {
        // One byte at 4 in place of another: offset and flag, count, byte.
        #expect(encode([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 9, 6], false, room: 9) == [4, 0x20, 1, 9])
        #expect(encode([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 9, 6], true, room: 9) == [4, 0, 0x20, 1, 9])
        // Inserted; replaced by fewer; taken away.
        #expect(encode([1, 2], [1, 7, 8, 2], false, room: 9) == [1, 0x40, 2, 7, 8])
        #expect(encode([1, 2, 3, 4], [1, 9, 4], false, room: 9) == [1, 0, 1, 2, 9])
        #expect(encode([1, 2, 3, 4], [1, 4], false, room: 9) == [1, 0, 0, 2])
        // Fields far apart are two entries.
        let old = [UInt8](repeating: 0, count: 12)
        var new = old
        (new[1], new[9]) = (5, 6)
        #expect(encode(old, new, false, room: 20) == [1, 0x20, 1, 5, 9, 0x20, 1, 6])
        #expect(throws: JetError.logFileCorrupt) { try apply([3, 0x20, 1, 5, 2, 0x20, 1, 6], old, false, limit: 12) }
        #expect(throws: JetError.logFileCorrupt) { try apply([13, 0x20, 1, 5], old, false, limit: 20) }
        #expect(throws: JetError.logFileCorrupt) { try apply([1, 0x40, 4, 5], old, false, limit: 20) }
    }

    @Test(arguments: writtenSizes, [false, true]) func imagesBringPagesBack(_ size: PageSize, compresses: Bool) throws {
        var random = SeededRandom(seed: UInt64(size.byteCount))
        for round in 0..<30 {
            let test = TestPage(size)
            var line = 0
            while random.below(100) > 1 {
                let node = ModelNode([9, UInt8(line >> 8), UInt8(line & 255), 1], random.bytes(1 + random.below(90)))
                guard test.fits(node) else { break }
                test.insert(line, node)
                line += 1
                if random.oneIn(5) { test.page.delete(at: line - 1) }
                line = test.page.nodeCount
            }
            test.page.flags.insert(.newChecksum)
            test.page.databaseTime = DatabaseTime(77)
            let image = BeforeImage(of: test.page, databaseTime: DatabaseTime(80), compresses: compresses)
            let back = TestPage(size)
            try image.restore(to: back.page, number: test.number, databaseTime: DatabaseTime(77))
            #expect(back.nodes == test.nodes && back.defect == nil, "round \(round)")
            #expect(back.page.freeByteCount == test.page.freeByteCount && back.page.flags == [.leaf, .newRecordFormat])
            for _ in 0..<20 {
                var bytes = image.bytes
                bytes[random.below(min(bytes.count, 60))] = UInt8(truncatingIfNeeded: random.next())
                if random.oneIn(3) { bytes.removeLast(random.below(bytes.count)) }
                let flags = BeforeImageFlags(rawValue: UInt32(random.below(4)))
                try? BeforeImage(flags: flags, bytes: bytes).restore(
                    to: back.page, number: test.number, databaseTime: DatabaseTime(1))
            }
        }
    }
}
