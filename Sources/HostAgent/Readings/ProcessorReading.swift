// Layer: HostAgent/Readings. Uses: Access. Used by: HostSampler, device and statistics groups.
// /proc/stat, and how busy processors were over the last minute.

import Primitives

/// The time that a processor, or all together, spent, in ticks since the machine started.
struct ProcessorTimes: Hashable {
    var user: UInt64 = 0
    var nice: UInt64 = 0
    var system: UInt64 = 0
    var idle: UInt64 = 0
    var wait: UInt64 = 0
    var interrupt: UInt64 = 0
    var softInterrupt: UInt64 = 0
    var steal: UInt64 = 0
    var guest: UInt64 = 0
    var guestNice: UInt64 = 0

    /// Reads the numbers of a line; kernels of old have fewer of them, but at least four.
    fileprivate init?(_ text: inout TextCursor) {
        guard let user = text.number(), let nice = text.number(), let system = text.number(),
            let idle = text.number()
        else { return nil }
        self.user = user
        self.nice = nice
        self.system = system
        self.idle = idle
        wait = text.number() ?? 0
        interrupt = text.number() ?? 0
        softInterrupt = text.number() ?? 0
        steal = text.number() ?? 0
        guest = text.number() ?? 0
        guestNice = text.number() ?? 0
    }

    init() {}

    /// All ticks. Time of guests is part of `user` and `nice`.
    var total: UInt64 { user &+ nice &+ system &+ idle &+ wait &+ interrupt &+ softInterrupt &+ steal }
    /// Ticks without work.
    var unused: UInt64 { idle &+ wait }
}

/// What `/proc/stat` says.
struct KernelStatistics: Hashable {
    /// All processors together.
    var all: ProcessorTimes?
    /// Each processor by its number, ascending.
    var processors: [(number: UInt32, times: ProcessorTimes)] = []
    /// Interrupts since the machine started.
    var interrupts: UInt64?
    /// Context switches since the machine started.
    var contextSwitches: UInt64?

    static func == (a: KernelStatistics, b: KernelStatistics) -> Bool {
        a.all == b.all && a.interrupts == b.interrupts && a.contextSwitches == b.contextSwitches
            && a.processors.elementsEqual(b.processors, by: ==)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(all) }

    static func parse(_ text: TextCursor) -> KernelStatistics {
        var text = text
        var result = KernelStatistics()
        while text.nextLine() {
            guard let word = text.word() else { continue }
            if word.starts(with: "cpu".utf8) {
                guard let times = ProcessorTimes(&text) else { continue }
                if word.count == 3 {
                    result.all = times
                } else if let number = TextCursor.decimal(word.dropFirst(3)), let small = UInt32(exactly: number),
                    result.processors.count < HostLimits.processorCount
                {
                    result.processors.append((small, times))
                }
            } else if word.elementsEqual("intr".utf8) {
                result.interrupts = text.number()
            } else if word.elementsEqual("ctxt".utf8) {
                result.contextSwitches = text.number()
            }
        }
        result.processors.sort { $0.number < $1.number }
        return result
    }
}

/// Counters of the whole machine at one time, from which rates are made.
struct ActivityReading {
    var statistics: KernelStatistics
    /// pgpgin and pgpgout in KiB, pswpin and pswpout in pages (`/proc/vmstat`).
    var paging: NamedNumbers
}

/// Readings of the last minute, thinned out.
struct ActivityHistory {
    private var readings: [(at: Instant, reading: ActivityReading)] = []

    /// The least distance of two readings that are kept.
    static let spacing: Interval = .seconds(5)
    /// How far back averages reach.
    static let window: Interval = .seconds(60)

    /// Remembers a reading. Readings must come in the order of time.
    mutating func add(_ reading: ActivityReading, at now: Instant) {
        if let last = readings.last, now - last.at < ActivityHistory.spacing { return }
        readings.append((now, reading))
        // The newest of those a window ago or earlier stays: the average shall span the whole window.
        while readings.count > 2, now - readings[1].at >= ActivityHistory.window { readings.removeFirst() }
    }

    /// The reading that averages at `now` start from, and how long ago it was; nil if there is none from before.
    func base(at now: Instant) -> (reading: ActivityReading, age: Interval)? {
        guard let first = readings.first, first.at < now else { return nil }
        return (first.reading, now - first.at)
    }
}

extension ProcessorTimes {
    /// How many percent of the time since `earlier` were spent on `part`, rounded, 0...100; nil if no time passed.
    func percent(since earlier: ProcessorTimes, _ part: (ProcessorTimes) -> UInt64) -> Int32? {
        guard total > earlier.total else { return nil }
        let whole = total - earlier.total
        let share = part(self) > part(earlier) ? min(part(self) - part(earlier), whole) : 0
        return Int32((Double(share) * 100 / Double(whole)).rounded())
    }

    /// How many percent of the time since `earlier` the processor was busy (hrProcessorLoad).
    func load(since earlier: ProcessorTimes) -> Int32? { percent(since: earlier, \.unused).map { 100 - $0 } }
}
