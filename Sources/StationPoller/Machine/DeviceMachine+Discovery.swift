// Layer: StationPoller/Machine. Uses: PlanBuilder. Used by: DeviceMachine.
// Finding out what a device has: who it is, which scalars it knows, and its tables one after the other.

import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import StationSeries

extension DeviceMachine {
    private static let identityNames: [ObjectIdentifier] = [
        Column.sysUpTime, Column.sysDescr, Column.sysObjectID, Column.sysContact, Column.sysName, Column.sysLocation,
        Column.ifNumber, Column.ifTableLastChange,
    ]

    mutating func beginDiscovery(_ reason: DiscoveryReason, _ now: Moment) {
        if let pending = self.reason, pending == reason { self.reason = nil }
        discoveryBudget.take(1, at: now.instant)
        turn?.didDiscover = true
        turn?.restartsRound = false
        // What may have happened before the first answer isn't known.
        let builder = PlanBuilder(previous: plan, hasRestarted: reason >= .restart)
        discovery = Discovery(
            reason: reason, isFirst: !hasPlan, deadline: now.instant + options.discoveryLimit, builder: builder)
        begin(Fetch(Self.identityNames, limit: nameLimit, window: 1, wantsSamples: false), .identity, now)
    }

    mutating func identityIsRead(_ fetch: Fetch, _ now: Moment) {
        guard fetch.hasAnswer else { return giveUp(fetch, now) }
        setState(.up, "")
        noteUpTime(fetch.values[0], now)
        if reason == .restart {
            reason = nil
            let reason = max(discovery?.reason ?? .restart, .restart)
            discovery?.reason = reason
            discovery?.builder.hasRestarted = true
        }
        func text(_ place: Int, or earlier: String) -> String {
            switch fetch.status[place] {
            case .value: fetch.values[place].flatMap { CleanText.text($0) } ?? ""
            case .missing: ""
            case .open, .failed: earlier
            }
        }
        let earlier = plan.system
        var system = SystemIdentity()
        system.description = text(1, or: earlier.description)
        system.objectID = text(2, or: earlier.objectID)
        system.contact = text(3, or: earlier.contact)
        system.name = text(4, or: earlier.name)
        system.location = text(5, or: earlier.location)
        discovery?.builder.system = system
        let (count, change) = (number(fetch.values[6]), number(fetch.values[7]))
        discovery?.builder.interfaceCount = count
        discovery?.builder.tableLastChange = change
        let scalars = Fetch(
            Catalogue.scalars.map(\.oid), limit: nameLimit, window: options.requestsAtOnce, wantsSamples: true)
        begin(scalars, .scalars, now)
    }

    /// A value that can be compared with later ones; nil for strings.
    private func number(_ value: SNMPValue?) -> SNMPValue? { value.flatMap { RawValue($0) == nil ? nil : $0 } }

    mutating func scalarsAreRead(_ fetch: Fetch, _ now: Moment) {
        var known: [Int: SampleType] = [:]
        for instance in plan.instances where instance.object == nil { known[instance.metric] = instance.type }
        for (place, metric) in Catalogue.scalars.enumerated() {
            let sample = fetch.values[place].flatMap { RawValue($0) }
            // What could not be read this time stays.
            let isOpen = fetch.status[place] == .open || fetch.status[place] == .failed
            guard let type = sample?.type ?? (isOpen ? known[metric.number] : nil) else { continue }
            discovery?.builder.scalars.append((metric.number, type))
        }
        self.fetch = nil
        beginTable(.interfaces, now)
    }

    private mutating func beginTable(_ step: TableStep, _ now: Moment) {
        guard let discovery else { return }
        guard now.instant < discovery.deadline else {
            self.discovery?.builder.complain(step, "reading the device took too long")
            return nextTable(after: step, now)
        }
        let number = nextNumber()
        activity = .walking(number, step)
        let columns = step.columns.map(\.oid)
        actions.append(
            .walk(
                number: number, columns: columns, maximumRows: columns.count * PlanBuilder.maximumRows,
                until: discovery.deadline))
    }

    mutating func nextTable(after step: TableStep, _ now: Moment) {
        switch step {
        case .interfaces: beginTable(.extended, now)
        case .extended:
            let isNarrow = discovery?.builder.needsNarrowCounters == true
            beginTable(isNarrow ? .narrow : .processors, now)
        case .narrow: beginTable(.processors, now)
        case .processors: beginTable(.storage, now)
        case .storage: discoveryIsOver(now)
        }
    }

    private mutating func discoveryIsOver(_ now: Moment) {
        guard let discovery else { return }
        self.discovery = nil
        discoveries += 1
        let next = discovery.builder.plan()
        var changes: [PlanChange] = []
        if discovery.reason == .restart {
            let since = turn?.upTime.map { "; it is up for \(UpTimeReading.text($0))" } ?? ""
            changes.append(PlanChange(.restarted, text: "it restarted" + since))
        }
        if discovery.isFirst, plan.objects.isEmpty, plan.gone.isEmpty {
            changes.append(PlanChange(.found, text: "found \(next.summary)"))
            if !next.shortfall.isEmpty {
                changes.append(PlanChange(.verdictChanged, before: "", after: next.shortfall, text: next.shortfall))
            }
        } else {
            changes += PlanChange.between(plan, next)
        }
        var same = next
        same.revision = plan.revision
        if discovery.isFirst || same != plan || !changes.isEmpty {
            plan = next
            sheet = RoundSheet(next)
            actions.append(.plan(next, changes))
        }
        hasPlan = true
        // Devices that were found together need not be read again together: half an hour to an hour the first time.
        let share = Schedule.share(of: device)
        let wait = discovery.isFirst ? options.rediscovery.inSeconds * (0.5 + share / 2) : options.rediscovery.inSeconds
        nextDiscovery = now.instant + .fractionalSeconds(wait)
        nameLimit = min(nameLimit * 2, options.namesPerRequest)
        if reason == .missing { reason = nil }
        beginRound(now)
    }

    /// Ends a turn whose requests could not even be sent.
    mutating func giveUp(_ fetch: Fetch, _ now: Moment) {
        if let discovery, discovery.reason != .first { want(discovery.reason) }
        discovery = nil
        var round = emptyRound(now)
        round.verdict = .none
        round.text = fetch.failure?.advice ?? fetch.refusal.map { "the agent answers \($0)" } ?? "nothing was asked"
        message = round.text
        finish(round, now)
    }
}
