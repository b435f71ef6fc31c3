// Layer: ESEEngine/1-Page. Uses: SplitLines. Used by: SplitPlan.
// What the lines of a page weigh, and which prefix saves most among some of them. ESE's names: LINEINFO, PREFIXINFO.

import ESEFormat

/// Sums over the lines of a page that is to be split.
struct SplitWeights {
    /// A prefix: the key of a line, counted from the first one of its page, and what it saves there.
    struct Prefix {
        let line: Int
        let savings: Int
    }

    /// The bytes that nodes and prefix of a page share.
    let available: Int
    private let count: Int
    /// Bytes of all lines before one, with whole keys and tags.
    private let sums: [Int]
    /// Same, of what rollbacks may need beyond.
    private let reservedSums: [Int]
    /// What a line would save with the key before it as prefix.
    private let shared: [Int]

    init(_ lines: SplitLines, _ reserved: (Int) -> Int) {
        let count = lines.count
        var sums = [0]
        var reservedSums = [0]
        var shared: [Int] = []
        sums.reserveCapacity(count + 1)
        reservedSums.reserveCapacity(count + 1)
        shared.reserveCapacity(count)
        var before = BytePieces.empty
        for line in 0..<count {
            let node = lines[line]
            var extra = 0
            if lines.page.isLeaf, let source = lines.sourceLine(line) {
                extra = reserved(source)
                if line == lines.operationLine, lines.operation.recorded != .none {
                    // What the node grows by it takes from what was reserved for it.
                    extra = max(0, extra + lines.page.node(source).data.byteCount - node.data.byteCount)
                }
            }
            sums.append(sums[line] + node.byteCount + 4)
            reservedSums.append(reservedSums[line] + extra)
            shared.append(max(0, node.key.commonByteCount(with: before) - Page.prefixOverhead))
            before = node.key
        }
        self.count = count
        self.sums = sums
        self.reservedSums = reservedSums
        self.shared = shared
        available = Page.availableByteCount(lines.page.size)
    }

    /// Bytes of lines without a prefix.
    func byteCount(_ lines: Range<Int>) -> Int { sums[lines.upperBound] - sums[lines.lowerBound] }

    /// What rollbacks may need for lines.
    func reserved(_ lines: Range<Int>) -> Int { reservedSums[lines.upperBound] - reservedSums[lines.lowerBound] }

    /// Whether the lines before one fit on the page they are on.
    func fitsSource(_ split: Int) -> Bool { fits(0..<split) }

    /// Whether those from one on fit on a page.
    func fitsNew(_ split: Int) -> Bool { fits(split..<count) }

    private func fits(_ lines: Range<Int>) -> Bool {
        let most = byteCount(lines) + reserved(lines)
        return most <= available || most - (prefix(lines)?.savings ?? 0) <= available
    }

    /// The line that halves the bytes best, 1..<count.
    func evenLine() -> Int {
        var best = 1
        var least = Int.max
        for line in 1..<max(2, count) {
            let difference = abs(2 * (sums[line] + reservedSums[line]) - sums[count] - reservedSums[count])
            if difference < least { (best, least) = (line, difference) }
        }
        return best
    }

    /// The line whose key saves most as the prefix of a page with these lines; nil if none saves anything. Keys ascend,
    /// so what two lines share is the least that neighbours between them share.
    func prefix(_ lines: Range<Int>) -> Prefix? {
        let start = lines.lowerBound
        let count = lines.count
        guard count > 1 else { return nil }
        // For each line the sum over those before it, found from that of the nearest one which shares less.
        var before = [Int](repeating: 0, count: count)
        var stack: [Int] = [0]
        for line in 1..<count {
            let own = shared[start + line]
            while stack.count > 1, shared[start + stack[stack.count - 1]] >= own { stack.removeLast() }
            let less = stack[stack.count - 1]
            before[line] = before[less] + (line - less) * own
            stack.append(line)
        }
        // Same from behind; what a line shares with the next one is noted at the next.
        var best: Prefix?
        var behind = [Int](repeating: 0, count: count)
        stack = [count - 1]
        for line in stride(from: count - 1, through: 0, by: -1) {
            if line < count - 1 {
                let own = shared[start + line + 1]
                while stack.count > 1, shared[start + stack[stack.count - 1] + 1] >= own { stack.removeLast() }
                let less = stack[stack.count - 1]
                behind[line] = behind[less] + (less - line) * own
                stack.append(line)
            }
            let savings = before[line] + behind[line] - Page.prefixOverhead
            if savings > (best?.savings ?? 0) { best = Prefix(line: line, savings: savings) }
        }
        return best
    }
}
