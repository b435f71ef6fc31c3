// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// UCD-SNMP-MIB, laTable and systemStats.

import Primitives
import SNMPCodec

/// laTable: the load of the last 1, 5 and 15 minutes as text, in hundredths, and as a number with a fraction.
func loadBindings(_ files: any HostFiles, maximumLoad: Int32) -> [VarBind] {
    var list = BindingList(HostGroup.load.root)
    guard let line = files.value("/proc/loadavg") else { return [] }
    var text = TextCursor(Array(line))
    guard text.nextLine() else { return [] }
    var rows: [Row] = []
    for (index, minutes) in [(UInt32(1), 1), (2, 5), (3, 15)] {
        guard let load = text.word().flatMap({ TextCursor.hundredths($0) }) else { break }
        let isHigh = load > UInt64(max(maximumLoad, 0)) * 100
        let message = isHigh ? "\(minutes) min Load Average too high (= \(decimal(load)))" : ""
        rows.append(
            Row(
                [index],
                [
                    .integer(Int32(index)), .string("Load-\(minutes)"), .string(decimal(load)),
                    .string("\(maximumLoad).00"), .integer(clamping: load), .float(Float(load) / 100),
                    .integer(isHigh ? 1 : 0), .string(message),
                ]))
    }
    list.table([1], columns: [1, 2, 3, 4, 5, 6, 100, 101], rows)
    return list.bindings
}

/// Hundredths with a point: `1.68`.
private func decimal(_ hundredths: UInt64) -> String {
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}

/// systemStats: counters since the machine started, and rates over the last minute or since the agent started.
func statisticsBindings(
    _ activity: (current: ActivityReading, base: (reading: ActivityReading, age: Interval)?)?, pageByteCount: UInt64
) -> [VarBind] {
    var list = BindingList(HostGroup.statistics.root)
    guard let activity else { return [] }
    let statistics = activity.current.statistics
    let paging = activity.current.paging
    list.scalar(1, value: .integer(1))
    list.scalar(2, value: .string("systemStats"))
    rates(activity.current, activity.base, pageByteCount: pageByteCount, into: &list)

    func counter(_ arc: UInt32, _ value: UInt64?) {
        list.scalar(arc, value: value.map { .counter32(wrapping: $0) })
    }
    let all = statistics.all
    counter(50, all?.user)
    counter(51, all?.nice)
    // Raw system time has the time of interrupts in it; that of the kernel alone is ssCpuRawKernel.
    counter(52, all.map { $0.system &+ $0.interrupt &+ $0.softInterrupt })
    counter(53, all?.idle)
    counter(54, all?.wait)
    counter(55, all?.system)
    counter(56, all?.interrupt)
    // Blocks of 512 bytes; the kernel counts KiB.
    counter(57, paging["pgpgout"].map { $0 &* 2 })
    counter(58, paging["pgpgin"].map { $0 &* 2 })
    counter(59, statistics.interrupts)
    counter(60, statistics.contextSwitches)
    counter(61, all?.softInterrupt)
    counter(62, paging["pswpin"])
    counter(63, paging["pswpout"])
    counter(64, all?.steal)
    counter(65, all?.guest)
    counter(66, all?.guestNice)
    list.scalar(67, value: .integer(clamping: UInt64(statistics.processors.count)))
    return list.bindings
}

/// ssSwapIn(3)…ssCpuIdle(11), which take two readings.
private func rates(
    _ current: ActivityReading, _ base: (reading: ActivityReading, age: Interval)?, pageByteCount: UInt64,
    into list: inout BindingList
) {
    guard let (earlier, age) = base, age.inSeconds > 0 else { return }
    func rate(_ now: UInt64?, _ then: UInt64?, scale: Double = 1) -> SNMPValue? {
        guard let now, let then, now >= then else { return nil }
        let perSecond = Double(now - then) * scale / age.inSeconds
        return .integer(perSecond < Double(Int32.max) ? Int32(perSecond.rounded()) : .max)
    }
    func paging(_ name: String, scale: Double) -> SNMPValue? {
        rate(current.paging[name], earlier.paging[name], scale: scale)
    }
    // KiB per second, and blocks of 512 bytes per second.
    list.scalar(3, value: paging("pswpin", scale: Double(pageByteCount) / 1024))
    list.scalar(4, value: paging("pswpout", scale: Double(pageByteCount) / 1024))
    list.scalar(5, value: paging("pgpgout", scale: 2))
    list.scalar(6, value: paging("pgpgin", scale: 2))
    list.scalar(7, value: rate(current.statistics.interrupts, earlier.statistics.interrupts))
    list.scalar(8, value: rate(current.statistics.contextSwitches, earlier.statistics.contextSwitches))
    guard let all = current.statistics.all, let then = earlier.statistics.all else { return }
    list.scalar(9, value: all.percent(since: then) { $0.user &+ $0.nice }.map { .integer($0) })
    list.scalar(
        10, value: all.percent(since: then) { $0.system &+ $0.interrupt &+ $0.softInterrupt }.map { .integer($0) })
    list.scalar(11, value: all.percent(since: then, \.idle).map { .integer($0) })
}
