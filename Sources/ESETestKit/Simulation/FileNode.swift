// Layer: ESETestKit/Simulation. Used by: DiskState.
// A file's bytes, as they are read and as they are durable, with the changes between.

import Primitives

/// A file, whatever its names are. ESE has no name for it; Unix: inode.
final class FileNode {
    /// A change that isn't durable.
    struct Change {
        enum Action {
            case write(offset: Int, bytes: [UInt8])
            case size(Int)
        }

        /// Orders changes of all files and names.
        var sequence: Int
        var action: Action
    }

    /// What is read.
    private(set) var content: [UInt8]
    /// What is on the disk for sure.
    private(set) var durable: [UInt8]
    /// What leads from `durable` to `content`, oldest first.
    private(set) var pending: [Change] = []
    /// Whether somebody has it open for writing.
    var isLocked = false

    init(_ bytes: [UInt8] = []) {
        content = bytes
        durable = bytes
    }

    init(copying other: FileNode) {
        content = other.content
        durable = other.durable
        pending = other.pending
    }

    func write(_ bytes: [UInt8], at offset: Int, sequence: Int) {
        guard !bytes.isEmpty else { return }
        let change = Change(sequence: sequence, action: .write(offset: offset, bytes: bytes))
        FileNode.apply(change.action, to: &content)
        pending.append(change)
    }

    func setByteCount(_ count: Int, sequence: Int) {
        guard count != content.count else { return }
        let change = Change(sequence: sequence, action: .size(count))
        FileNode.apply(change.action, to: &content)
        pending.append(change)
    }

    /// Everything becomes durable.
    func sync() {
        for change in pending { FileNode.apply(change.action, to: &durable) }
        pending = []
    }

    func flip(_ offset: Int, _ bit: Int) {
        if offset < content.count { content[offset] ^= 1 << UInt8(bit) }
        if offset < durable.count { durable[offset] ^= 1 << UInt8(bit) }
    }

    /// Decides what of the pending changes reached the disk; the others will never. What is read stays the same
    /// unless `isRestart`.
    func settle(
        _ loss: SettledLoss, sectorByteCount: Int, random: inout SeededRandom, summary: inout PowerFailureSummary,
        isRestart: Bool
    ) {
        for change in pending {
            let fate = loss.fate(of: change.sequence, &random)
            switch (change.action, fate) {
            case (_, .kept):
                FileNode.apply(change.action, to: &durable)
                summary.keptCount += 1
            case (.write(let offset, let bytes), .torn):
                for part in FileNode.tear(bytes, at: offset, sectorByteCount, &random) {
                    FileNode.apply(.write(offset: part.offset, bytes: part.bytes), to: &durable)
                }
                summary.tornCount += 1
            case (.write(let offset, let bytes), .lostButSized):
                // The file became longer before its bytes came.
                let end = offset + bytes.count
                if end > durable.count { FileNode.apply(.size(end), to: &durable) }
                summary.lostCount += 1
            case (.size, .torn), (.size, .lostButSized), (_, .lost):
                summary.lostCount += 1
            }
        }
        pending = []
        if isRestart {
            content = durable
            isLocked = false
        }
    }

    static func apply(_ action: Change.Action, to bytes: inout [UInt8]) {
        switch action {
        case .size(let count):
            if count < bytes.count {
                bytes.removeLast(bytes.count - count)
            } else {
                bytes.append(contentsOf: [UInt8](repeating: 0, count: count - bytes.count))
            }
        case .write(let offset, let new):
            let end = offset + new.count
            if end > bytes.count { bytes.append(contentsOf: [UInt8](repeating: 0, count: end - bytes.count)) }
            bytes.replaceSubrange(offset..<end, with: new)
        }
    }

    /// The parts of a write that fall into one sector each.
    static func sectors(_ bytes: [UInt8], at offset: Int, _ size: Int) -> [(offset: Int, bytes: [UInt8])] {
        var parts: [(offset: Int, bytes: [UInt8])] = []
        var place = offset
        let end = offset + bytes.count
        while place < end {
            let next = min((place / size + 1) * size, end)
            parts.append((place, Array(bytes[(place - offset)..<(next - offset)])))
            place = next
        }
        return parts
    }

    /// Some sectors of a write, never all: the first ones or any; none of a write of one sector.
    static func tear(
        _ bytes: [UInt8], at offset: Int, _ size: Int, _ random: inout SeededRandom
    ) -> [(offset: Int, bytes: [UInt8])] {
        let parts = sectors(bytes, at: offset, size)
        guard parts.count > 1 else { return [] }
        if random.oneIn(2) { return Array(parts.prefix(Int.random(in: 1..<parts.count, using: &random))) }
        let missing = Int.random(in: parts.indices, using: &random)
        return parts.indices.filter { $0 != missing && random.oneIn(2) }.map { parts[$0] }
    }
}

/// How the changes of one power failure, or of one failed sync, are decided.
struct SettledLoss {
    enum Fate { case kept, lost, torn, lostButSized }

    /// Never `any`.
    let loss: PowerLoss
    /// With `inOrder`, the first change that isn't there in whole.
    let cut: Int

    /// - Parameter sequences: those of the changes to be decided.
    init(_ loss: PowerLoss, sequences: some Collection<Int>, _ random: inout SeededRandom) {
        switch loss {
        case .any:
            self.loss =
                [.keepsAll, .losesAll, .inOrder, .inOrder, .mixed, .mixed, .mixed].randomElement(
                    using: &random) ?? .mixed
        default: self.loss = loss
        }
        let first = sequences.min() ?? 0
        let last = sequences.max() ?? 0
        cut = Int.random(in: first...(last + 1), using: &random)
    }

    func fate(of sequence: Int, _ random: inout SeededRandom) -> Fate {
        switch loss {
        case .keepsAll: return .kept
        case .losesAll: return .lost
        case .inOrder: return sequence < cut ? .kept : sequence == cut && random.oneIn(2) ? .torn : .lost
        case .any, .mixed:
            switch random.next() % 8 {
            case 0...2: return .kept
            case 3...4: return .torn
            case 5: return .lostButSized
            default: return .lost
            }
        }
    }
}
