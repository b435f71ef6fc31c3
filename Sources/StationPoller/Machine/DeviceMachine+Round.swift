// Layer: StationPoller/Machine. Uses: Fetch, DevicePlan. Used by: DeviceMachine.
// A round: sysUpTime and what tells of changed tables first, then all instances of the plan.

import Primitives
import SNMP
import SNMPCodec
import StationSeries

/// The names of a round, each once, and where the instances' values are among them.
struct RoundSheet: Sendable {
    let names: [ObjectIdentifier]
    /// For each instance of the plan the place of its name.
    let places: [Int]
    let interfaceCount: Int?
    let tableLastChange: Int?

    init(_ plan: DevicePlan) {
        var names: [ObjectIdentifier] = [Column.sysUpTime]
        var known: [ObjectIdentifier: Int] = [Column.sysUpTime: 0]
        known.reserveCapacity(plan.instances.count + 3)
        names.reserveCapacity(plan.instances.count + 3)
        func place(_ name: ObjectIdentifier) -> Int {
            if let place = known[name] { return place }
            known[name] = names.count
            names.append(name)
            return names.count - 1
        }
        interfaceCount = plan.interfaceCount == nil ? nil : place(Column.ifNumber)
        tableLastChange = plan.tableLastChange == nil ? nil : place(Column.ifTableLastChange)
        places = plan.instances.map { place($0.oid) }
        self.names = names
    }
}

extension DeviceMachine {
    mutating func beginRound(_ now: Moment) {
        turn?.time = nil
        turn?.roundTrip = nil
        let fetch = Fetch(
            sheet.names, limit: nameLimit, window: options.requestsAtOnce, wantsSamples: true)
        begin(fetch, .round, now)
    }

    /// Looks at what the round begins with, once it is there: did the device restart, are its tables others? True if
    /// they are read now, in place of a round whose values may belong to other ports.
    mutating func readHead(_ roundTrip: Interval, _ now: Moment) -> Bool {
        guard let turn, !turn.headIsRead, let fetch, fetch.status[0] != .open else { return false }
        self.turn?.headIsRead = true
        self.turn?.time = now
        self.turn?.roundTrip = roundTrip
        noteUpTime(fetch.values[0], now)
        func isOther(_ place: Int?, _ before: SNMPValue?) -> Bool {
            guard let place, fetch.status[place] == .value || fetch.status[place] == .missing else { return false }
            return fetch.values[place] != before
        }
        if isOther(sheet.interfaceCount, plan.interfaceCount) || isOther(sheet.tableLastChange, plan.tableLastChange) {
            want(.tableChange)
        }
        guard !turn.didDiscover, let reason, reason > .missing, discoveryBudget.available(at: now.instant) >= 1
        else { return false }
        guard fetch.isQuiet else {
            self.turn?.restartsRound = true
            self.fetch?.giveUp()
            return false
        }
        self.turn?.requests += fetch.requests
        beginDiscovery(reason, now)
        return true
    }

    mutating func roundIsRead(_ fetch: Fetch, _ now: Moment) {
        if turn?.restartsRound == true, turn?.didDiscover == false, let reason {
            return beginDiscovery(reason, now)
        }
        guard fetch.hasAnswer else { return giveUp(fetch, now) }
        var round = emptyRound(now)
        var problems: [String] = []
        var missing = 0
        if reason == .restart {
            // The ports may be others, and that can't be looked up so soon again.
            problems.append("it restarted again, and its tables are not read again yet")
        } else {
            missing = collect(fetch, &round, &problems)
        }
        if !plan.shortfall.isEmpty { problems.append(plan.shortfall) }
        round.text = problems.joined(separator: "; ")
        round.verdict = problems.isEmpty ? .complete : .partial
        if missing > toleratedMissing, turn?.didDiscover == false {
            want(.missing)
        } else {
            toleratedMissing = missing
        }
        setState(.up, round.text)
        finish(round, now)
    }

    /// Puts the values into the round; returns how many instances the device doesn't have.
    private func collect(_ fetch: Fetch, _ round: inout PolledRound, _ problems: inout [String]) -> Int {
        round.values.reserveCapacity(sheet.places.count)
        var (missing, failed, open, others) = (0, 0, 0, 0)
        for (instance, place) in sheet.places.enumerated() {
            switch fetch.status[place] {
            case .value:
                if let value = fetch.values[place].flatMap({ RawValue($0) }) {
                    round.values.append(PolledValue(instance: Int32(clamping: instance), value: value))
                } else {
                    others += 1
                }
            case .missing: missing += 1
            case .failed: failed += 1
            case .open: open += 1
            }
        }
        let count = sheet.places.count
        func report(_ number: Int, _ what: String) {
            if number > 0 { problems.append("\(number) of \(count) values \(what)") }
        }
        report(missing, "are not there any more")
        report(others, "are no numbers")
        report(failed, "could not be read")
        report(open, "were not asked for, as answers took too long or failed")
        if failed + open > 0 {
            if let failure = fetch.failure { problems.append(failure.description) }
            if let refusal = fetch.refusal, fetch.failure == nil { problems.append("the agent answered \(refusal)") }
        }
        return missing
    }
}
