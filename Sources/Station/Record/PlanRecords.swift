// Layer: Station/Record. Uses: StationPoller (DevicePlan), StationStore. Used by: RecordingThread, Station.
// What was found on a device as records of the database, and records as what was found earlier.

import JSON
import SNMPCodec
import StationPoller
import StationStore

extension DevicePlan {
    /// What the database is to hold of it, and where each instance's series stands in that.
    var catalogue: DeviceCatalogue {
        var objects = self.objects.map { object in
            var attributes = JSONObject()
            attributes.add("index", .unsigned(UInt64(object.index)))
            for (name, value) in object.attributes.sorted(by: { $0.key < $1.key }) { attributes.add(name, value) }
            return DeviceCatalogue.Object(
                kind: object.kind.rawValue, key: object.key, name: object.name, alias: object.alias,
                attributes: attributes.text)
        }
        var own: [DeviceCatalogue.Series] = []
        for instance in instances {
            let metric = instance.description
            let series = DeviceCatalogue.Series(
                metric: metric.name, oid: instance.oid.description, type: instance.type, unit: metric.unit,
                nature: SeriesNature(metric.nature))
            if let object = instance.object { objects[object].series.append(series) } else { own.append(series) }
        }
        return DeviceCatalogue(series: own, objects: objects, isComplete: shortfall.isEmpty)
    }

    /// The series of the instances, in their order, out of what became of `catalogue`.
    func series(_ result: CatalogueResult) -> [SeriesRecord] {
        var own = result.series.makeIterator()
        var parts = result.objects.map { $0.series.makeIterator() }
        return instances.compactMap { instance in
            if let object = instance.object { parts[object].next() } else { own.next() }
        }
    }

    /// What was recorded of a device earlier.
    init(_ device: DeviceRecord, _ records: [ObjectRecord]) {
        var system = SystemIdentity()
        system.description = device.sysDescr ?? ""
        system.objectID = device.sysObjectID ?? ""
        system.name = device.sysName ?? ""
        system.contact = device.sysContact ?? ""
        system.location = device.sysLocation ?? ""
        let known = records.compactMap { record in PolledObject(record).map { (record.isGone, $0) } }
        self.init(known: known.filter { !$0.0 }.map(\.1), gone: known.filter(\.0).map(\.1), system: system)
    }
}

extension PolledObject {
    /// The object of a record; nil if it is of a kind that this program doesn't know.
    init?(_ record: ObjectRecord) {
        guard let kind = ObjectKind(rawValue: record.kind) else { return nil }
        var attributes: [String: String] = [:]
        var index: UInt32 = 0
        for field in (try? JSONNode(text: record.attributes))?.fields ?? [] {
            switch field.node.value {
            case .string(let text): attributes[field.name] = text
            case .number(let digits) where field.name == "index": index = UInt32(digits) ?? 0
            default: break
            }
        }
        self.init(
            kind: kind, key: record.key, index: index, name: record.name, alias: record.alias, attributes: attributes)
    }
}

extension SeriesNature {
    init(_ nature: MetricNature) {
        switch nature {
        case .counter: self = .counter
        case .gauge: self = .gauge
        case .state: self = .state
        }
    }
}

extension EventRecord {
    /// The event of something that changed on a device.
    init(_ change: PlanChange, time: Int64, device: Int32) {
        let kind: String
        let severity: Severity
        switch change.kind {
        case .restarted: (kind, severity) = ("restart", .warning)
        case .verdictChanged: (kind, severity) = ("walk", (change.after ?? "").isEmpty ? .info : .warning)
        default: (kind, severity) = ("change", .info)
        }
        var detail = JSONObject()
        detail.add("change", change.kind.rawValue)
        detail.add("kind", change.objectKind?.rawValue)
        detail.add("key", change.key)
        detail.add("attribute", change.attribute)
        detail.add("before", change.before)
        detail.add("after", change.after)
        self.init(
            time: time, device: device, kind: kind, severity: severity, title: change.text, detail: detail.text)
    }
}
