// Layer: StationPoller/Plan. Uses: TableStep, ObjectMatch. Used by: the device machine.
// Makes a plan out of what walks bring, row by row, and takes nothing on trust: tables may have holes, no end, and texts
// as long as datagrams.

import SNMPCodec
import StationSeries

/// A plan in the making.
struct PlanBuilder: Sendable {
    /// What was found in a row.
    struct Row: Sendable {
        var attributes: [String: String] = [:]
        var metrics: [(metric: Int, type: SampleType)] = []

        /// Puts in what was known and could not be read this time.
        mutating func fill(from object: PolledObject) {
            attributes.merge(object.attributes) { new, _ in new }
            if attributes["ifAlias"] == nil, !object.alias.isEmpty { attributes["ifAlias"] = object.alias }
        }
    }

    /// The most rows of a table.
    static let maximumRows = 10_000
    /// The most octets of texts of a device.
    static let maximumTextOctets = 4 << 20

    let previous: DevicePlan
    /// Whether the device restarted since `previous`: then the same index says less.
    var hasRestarted: Bool
    var system: SystemIdentity
    var interfaceCount: SNMPValue?
    var tableLastChange: SNMPValue?
    private(set) var rows: [ObjectKind: [UInt32: Row]] = [:]
    var scalars: [(metric: Int, type: SampleType)] = []
    /// Kinds whose tables were not read to their end.
    private(set) var incomplete: Set<ObjectKind> = []
    private(set) var complaints: [String] = []
    private var textOctets = 0
    private var isOutOfRows = false

    init(previous: DevicePlan, hasRestarted: Bool) {
        self.previous = previous
        self.hasRestarted = hasRestarted
        system = previous.system
    }

    /// Takes a row of a walk. False when no more rows are taken, so that the walk can end.
    mutating func take(_ binding: VarBind, of step: TableStep) -> Bool {
        guard binding.name.count >= 2, let index = binding.name.last else { return true }
        let length = binding.name.count - 1
        guard
            let role = step.columns.first(where: { $0.oid.count == length && binding.name.starts(with: $0.oid) })?.role
        else { return true }
        var row: Row
        if let known = rows[step.kind]?[index] {
            row = known
        } else {
            guard rows[step.kind]?.count ?? 0 < Self.maximumRows else {
                isOutOfRows = true
                return false
            }
            row = Row()
        }
        switch role {
        case .metric(let metric):
            guard let sample = RawValue(binding.value), !row.metrics.contains(where: { $0.metric == metric })
            else { break }
            row.metrics.append((metric, sample.type))
        case .attribute(let name): row.attributes[name] = text(binding.value, name)
        }
        rows[step.kind, default: [:]][index] = row
        return true
    }

    private mutating func text(_ value: SNMPValue, _ attribute: String) -> String? {
        let text: String?
        if attribute == "ifPhysAddress", case .octetString(let octets) = value {
            text = CleanText.address(octets)
        } else {
            text = CleanText.text(value)
        }
        textOctets += text?.utf8.count ?? 0
        return textOctets <= Self.maximumTextOctets ? text : nil
    }

    /// Whether an interface lacks a wide counter, so that the narrow ones are worth a walk.
    var needsNarrowCounters: Bool {
        let wide = Catalogue.metrics.filter { $0.preferredOver != nil }.map(\.number)
        return (rows[.interface] ?? [:]).values.contains { row in
            wide.contains { metric in !row.metrics.contains { $0.metric == metric } }
        }
    }

    /// Takes note that a table could not be read to its end; `reason` is for people.
    mutating func complain(_ step: TableStep, _ reason: String) {
        incomplete.insert(step.kind)
        complaints.append("\(step.title): \(reason)")
    }

    // MARK: The plan

    /// The plan, with the objects that were known recognised.
    func plan() -> DevicePlan {
        var plan = DevicePlan()
        plan.revision = previous.revision + 1
        plan.system = system
        plan.interfaceCount = interfaceCount
        plan.tableLastChange = tableLastChange
        var reasons = complaints
        if isOutOfRows { reasons.append("a table has more than \(Self.maximumRows) rows") }
        if textOctets > Self.maximumTextOctets { reasons.append("its texts are too long to be kept") }

        for scalar in scalars {
            let oid = Catalogue.metrics[scalar.metric].oid
            plan.instances.append(PolledInstance(object: nil, metric: scalar.metric, oid: oid, type: scalar.type))
        }
        var unpolled = 0
        // Interfaces last: there may be more of them than can be polled.
        for kind in [ObjectKind.processor, .storage, .interface] {
            unpolled += addObjects(kind, to: &plan)
        }
        if unpolled > 0 {
            let limit = DevicePlan.maximumInstances
            reasons.append("\(unpolled) of its \(plan.objects.count) objects are not polled: the limit is \(limit) values")
        }
        plan.shortfall = reasons.joined(separator: "; ")
        plan.gone = goneObjects(plan)
        return plan
    }

    /// Adds the objects of a kind; returns how many of them get no instances.
    private func addObjects(_ kind: ObjectKind, to plan: inout DevicePlan) -> Int {
        // hrDeviceDescr describes printers and disks too; what makes a processor is its load.
        var found = (rows[kind] ?? [:]).filter { !$0.value.metrics.isEmpty }.sorted { $0.key < $1.key }
        let live = previous.objects.filter { $0.kind == kind }
        let known = live + previous.gone.filter { $0.kind == kind }
        let matches = match(kind, found, known, liveCount: live.count)
        if incomplete.contains(kind) {
            for (place, match) in matches.enumerated() {
                if let match { found[place].value.fill(from: known[match]) }
            }
        }
        var keys = Set(known.map(\.key))
        var unpolled = 0
        let before = previousInstances(kind)
        for (place, (index, row)) in found.enumerated() {
            let match = matches[place]
            let key = match.map { known[$0].key } ?? newKey(index, &keys)
            plan.objects.append(object(kind, key, index, row, ordinal: place))
            var metrics = row.metrics
            if incomplete.contains(kind), match != nil {
                // What the walk didn't reach this time is asked for as before.
                for earlier in before[key] ?? [] where !metrics.contains(where: { $0.metric == earlier.metric }) {
                    metrics.append((earlier.metric, earlier.type))
                }
            }
            if !addInstances(metrics, index, to: &plan) { unpolled += 1 }
        }
        guard incomplete.contains(kind) else { return unpolled }
        let matched = Set(matches.compactMap { $0 })
        let indexes = Set(found.map(\.key))
        for (place, earlier) in live.enumerated() where !matched.contains(place) && !indexes.contains(earlier.index) {
            plan.objects.append(earlier)
            let metrics = (before[earlier.key] ?? []).map { (metric: $0.metric, type: $0.type) }
            if !addInstances(metrics, earlier.index, to: &plan) { unpolled += 1 }
        }
        return unpolled
    }

    private func match(
        _ kind: ObjectKind, _ found: [(key: UInt32, value: Row)], _ known: [PolledObject], liveCount: Int
    ) -> [Int?] {
        func clue(_ index: UInt32, _ attributes: [String: String]) -> ObjectClue {
            switch kind {
            case .interface:
                ObjectClue(
                    index: index, name: attributes["ifName"] ?? "", secondName: attributes["ifDescr"] ?? "",
                    address: attributes["ifPhysAddress"] ?? "")
            // Processors have no names of their own.
            case .processor: ObjectClue(index: index, name: "\(index)", secondName: "", address: "")
            case .storage:
                ObjectClue(index: index, name: attributes["hrStorageDescr"] ?? "", secondName: "", address: "")
            }
        }
        var match = ObjectMatch(
            found: found.map { clue($0.key, $0.value.attributes) }, known: known.map { clue($0.index, $0.attributes) })
        if kind == .interface {
            // After a restart any port may have got the index; the address then has to agree.
            match.matchRenamed { found, known in
                hasRestarted ? !found.address.isEmpty && found.address == known.address : found.address == known.address
            }
        }
        return match.result
    }

    private func newKey(_ index: UInt32, _ keys: inout Set<String>) -> String {
        var key = "\(index)"
        var number = 1
        while !keys.insert(key).inserted {
            number += 1
            key = "\(index)/\(number)"
        }
        return key
    }

    private func object(
        _ kind: ObjectKind, _ key: String, _ index: UInt32, _ row: Row, ordinal: Int
    ) -> PolledObject {
        var attributes = row.attributes
        var object = PolledObject(kind: kind, key: key, index: index, name: "")
        switch kind {
        case .interface:
            object.alias = attributes.removeValue(forKey: "ifAlias") ?? ""
            let name = attributes["ifName"] ?? ""
            object.name = name.isEmpty ? attributes["ifDescr"] ?? "" : name
        case .processor: object.name = "cpu\(ordinal)"
        case .storage: object.name = attributes["hrStorageDescr"] ?? ""
        }
        object.attributes = attributes
        return object
    }

    /// Adds the instances of the object that was added last; false when they don't fit.
    private func addInstances(
        _ metrics: [(metric: Int, type: SampleType)], _ index: UInt32, to plan: inout DevicePlan
    ) -> Bool {
        let names = Set(metrics.compactMap { Catalogue.metrics[$0.metric].preferredOver })
        let wanted = metrics.filter { !names.contains(Catalogue.metrics[$0.metric].name) }
            .sorted { $0.metric < $1.metric }
        guard plan.instances.count + wanted.count <= DevicePlan.maximumInstances else { return false }
        for (metric, type) in wanted {
            let oid = Catalogue.metrics[metric].oid.appending(index)
            plan.instances.append(
                PolledInstance(object: plan.objects.count - 1, metric: metric, oid: oid, type: type))
        }
        return true
    }

    private func previousInstances(_ kind: ObjectKind) -> [String: [PolledInstance]] {
        guard incomplete.contains(kind) else { return [:] }
        var result: [String: [PolledInstance]] = [:]
        for instance in previous.instances {
            guard let object = instance.object, previous.objects[object].kind == kind else { continue }
            result[previous.objects[object].key, default: []].append(instance)
        }
        return result
    }

    /// What is not there any more: of long ago and now, the newest kept.
    private func goneObjects(_ plan: DevicePlan) -> [PolledObject] {
        let present = Set(plan.objects.map(\.identity))
        let gone = (previous.gone + previous.objects).filter { !present.contains($0.identity) }
        return Array(gone.suffix(DevicePlan.maximumGone))
    }
}
