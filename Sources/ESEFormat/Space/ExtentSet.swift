// Layer: ESEFormat/Space. Uses: Extent. Used by: verification, salvage.
// Which pages: sorted runs, so that a database of millions of pages in thousands of extents costs thousands of runs.
// Invariants: runs ascend, don't overlap and don't touch.

/// A set of pages as sorted runs.
public struct ExtentSet: Hashable, Sendable {
    private var runs: [Run] = []

    private struct Run: Hashable {
        var first: UInt32
        var last: UInt32
    }

    /// Makes an empty set.
    public init() {}

    /// Makes a set of extents in any order; they may overlap. Costs a sort.
    public init(_ extents: some Sequence<Extent>) {
        self.init(sorting: extents.map { Run(first: $0.first.rawValue, last: $0.last.rawValue) })
    }

    /// Makes a set of pages in any order; they may repeat, and page 0 is left out. Costs a sort.
    public init(pages: some Sequence<PageNumber>) {
        self.init(sorting: pages.filter { $0 != .none }.map { Run(first: $0.rawValue, last: $0.rawValue) })
    }

    private init(sorting unsorted: [Run]) {
        var sorted = unsorted
        sorted.sort { $0.first < $1.first }
        for run in sorted { append(run) }
    }

    /// Appends a run that doesn't start before the last one does.
    private mutating func append(_ run: Run) {
        // Runs that touch become one: page numbers end well before the greatest UInt32, so + 1 can't overflow.
        if let last = runs.last, run.first <= last.last + 1 {
            if run.last > last.last { runs[runs.count - 1].last = run.last }
        } else {
            runs.append(run)
        }
    }

    /// Whether there are no pages.
    public var isEmpty: Bool { runs.isEmpty }

    /// How many pages. Linear in runs.
    public var pageCount: Int { runs.reduce(0) { $0 + Int($1.last - $1.first) + 1 } }

    /// How many runs.
    public var extentCount: Int { runs.count }

    /// The runs, ascending.
    public var extents: some RandomAccessCollection<Extent> {
        runs.lazy.map { Extent(last: PageNumber($0.last), pageCount: $0.last - $0.first + 1) }
    }

    /// The pages, ascending.
    public var pages: some Sequence<PageNumber> {
        runs.lazy.flatMap { run in (run.first...run.last).lazy.map { PageNumber($0) } }
    }

    /// The first run that ends at or behind a page.
    private func index(notBefore page: UInt32) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].last < page { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether a page is in it. Binary search.
    public func contains(_ page: PageNumber) -> Bool {
        let index = index(notBefore: page.rawValue)
        return index < runs.count && runs[index].first <= page.rawValue
    }

    /// Whether all pages of an extent are in it. Binary search.
    public func contains(_ extent: Extent) -> Bool {
        let index = index(notBefore: extent.first.rawValue)
        return index < runs.count && runs[index].first <= extent.first.rawValue
            && extent.last.rawValue <= runs[index].last
    }

    /// Whether any page of an extent is in it. Binary search.
    public func overlaps(_ extent: Extent) -> Bool {
        let index = index(notBefore: extent.first.rawValue)
        return index < runs.count && runs[index].first <= extent.last.rawValue
    }

    /// Whether the two have a page in common. Linear in runs.
    public func overlaps(_ other: ExtentSet) -> Bool { !intersection(other).isEmpty }

    /// Adds an extent; false if any of its pages was there already. Adding at the end is constant, else linear in the
    /// runs behind it.
    @discardableResult
    public mutating func insert(_ extent: Extent) -> Bool {
        let new = Run(first: extent.first.rawValue, last: extent.last.rawValue)
        guard let end = runs.last, new.first <= end.last + 1 else {
            runs.append(new)
            return true
        }
        // From the run that touches or overlaps on the left to the last that does so on the right.
        let start = index(notBefore: new.first - 1)
        var stop = start
        var merged = new
        var isNew = true
        while stop < runs.count, runs[stop].first <= new.last + 1 {
            let run = runs[stop]
            if run.first <= new.last, run.last >= new.first { isNew = false }
            merged.first = min(merged.first, run.first)
            merged.last = max(merged.last, run.last)
            stop += 1
        }
        runs.replaceSubrange(start..<stop, with: CollectionOfOne(merged))
        return isNew
    }

    /// Adds a page; false if it was there already, and for page 0.
    @discardableResult
    public mutating func insert(_ page: PageNumber) -> Bool {
        guard let extent = Extent(first: page, pageCount: 1) else { return false }
        return insert(extent)
    }

    /// The pages of either. Linear in runs.
    public func union(_ other: ExtentSet) -> ExtentSet {
        var result = ExtentSet()
        result.runs.reserveCapacity(runs.count + other.runs.count)
        var a = 0
        var b = 0
        while a < runs.count || b < other.runs.count {
            if b == other.runs.count || (a < runs.count && runs[a].first <= other.runs[b].first) {
                result.append(runs[a])
                a += 1
            } else {
                result.append(other.runs[b])
                b += 1
            }
        }
        return result
    }

    /// The pages of both. Linear in runs.
    public func intersection(_ other: ExtentSet) -> ExtentSet {
        var result = ExtentSet()
        var a = 0
        var b = 0
        while a < runs.count, b < other.runs.count {
            let first = max(runs[a].first, other.runs[b].first)
            let last = min(runs[a].last, other.runs[b].last)
            if first <= last { result.append(Run(first: first, last: last)) }
            if runs[a].last < other.runs[b].last { a += 1 } else { b += 1 }
        }
        return result
    }

    /// The pages that the other has not. Linear in runs.
    public func subtracting(_ other: ExtentSet) -> ExtentSet {
        var result = ExtentSet()
        var b = 0
        for run in runs {
            var first = run.first
            while b < other.runs.count, other.runs[b].last < first { b += 1 }
            var c = b
            while c < other.runs.count, other.runs[c].first <= run.last {
                let hole = other.runs[c]
                if hole.first > first { result.append(Run(first: first, last: hole.first - 1)) }
                first = max(first, hole.last + 1)
                if first > run.last { break }
                c += 1
            }
            b = c
            if first <= run.last { result.append(Run(first: first, last: run.last)) }
        }
        return result
    }

    /// The pages that are in more than one of the extents: what two owners claim. Costs a sort.
    public static func overlaps(of extents: some Sequence<Extent>) -> ExtentSet {
        let sorted = extents.sorted { ($0.first, $0.last) < ($1.first, $1.last) }
        var doubled: [Run] = []
        var covered: UInt32 = 0
        for extent in sorted {
            let pages = extent.pages
            if pages.lowerBound <= covered {
                doubled.append(Run(first: pages.lowerBound, last: min(pages.upperBound, covered)))
            }
            covered = max(covered, pages.upperBound)
        }
        return ExtentSet(sorting: doubled)
    }
}

extension ExtentSet: CustomStringConvertible {
    /// The runs, such as `1...6, 9, 12...15`.
    public var description: String {
        runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)...\($0.last)" }.joined(separator: ", ")
    }
}
