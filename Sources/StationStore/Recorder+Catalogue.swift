// Layer: StationStore. Uses: Recorder, Records. Used by: Station.
// A device's whole catalogue, found or made in one transaction.

import ESE

extension Recorder {
    /// Finds the objects and series of a catalogue, makes those that are missing, and writes down what changed.
    ///
    /// Objects are told apart by kind and key, series by object and metric; both keep their numbers as long as the
    /// device is there. Objects that a complete catalogue lacks are marked as gone.
    /// - Parameter now: Microseconds since 1970 UTC.
    /// - Throws: `noDevice`; what writing throws.
    public func record(
        _ catalogue: DeviceCatalogue, of device: Int32, now: Int64
    ) throws(StoreError) -> CatalogueResult {
        try write { (_, tables) throws(JetError) in
            guard try tables.findDevice(device) else { throw tables.fail(.noDevice(device)) }
            var merge = try CatalogueMerge(device, tables)
            return try merge.run(catalogue, now, tables)
        }
    }
}

/// A catalogue and what the database has of it already.
private struct CatalogueMerge {
    private struct ObjectKey: Hashable {
        var kind: String
        var key: String
    }

    private struct SeriesKey: Hashable {
        var object: Int32
        var metric: String
    }

    private let device: Int32
    private var objects: [ObjectKey: ObjectRecord] = [:]
    private var series: [SeriesKey: SeriesRecord] = [:]

    init(_ device: Int32, _ tables: Tables) throws(JetError) {
        self.device = device
        for record in try tables.objectRecords(of: device) {
            objects[ObjectKey(kind: record.kind, key: record.key)] = record
        }
        for record in try tables.seriesRecords(of: device) {
            series[SeriesKey(object: record.object, metric: record.metric)] = record
        }
    }

    mutating func run(_ catalogue: DeviceCatalogue, _ now: Int64, _ tables: Tables) throws(JetError) -> CatalogueResult
    {
        var result = CatalogueResult(series: [], objects: [], gone: [])
        var seen: Set<ObjectKey> = []
        var nextObject = try numbers("object", missingObjects(catalogue), tables)
        for object in catalogue.objects {
            let key = ObjectKey(kind: object.kind, key: object.key)
            let isFirst = seen.insert(key).inserted
            result.objects.append(
                try merge(object, key, now, isFirst: isFirst, next: &nextObject, tables))
        }
        if catalogue.isComplete {
            for record in objects.values.sorted(by: { $0.id < $1.id }) where !record.isGone {
                let key = ObjectKey(kind: record.kind, key: record.key)
                guard !seen.contains(key) else { continue }
                var record = record
                record.isGone = true
                try tables.put(record, isNew: false)
                objects[key] = record
                result.gone.append(record)
            }
        }
        let wanted = catalogue.series.count + catalogue.objects.reduce(0) { $0 + $1.series.count }
        var nextSeries = SeriesNumbers(limit: wanted)
        result.series = try merge(catalogue.series, object: 0, &nextSeries, tables)
        for place in catalogue.objects.indices {
            result.objects[place].series = try merge(
                catalogue.objects[place].series, object: result.objects[place].record.id, &nextSeries, tables)
        }
        try nextSeries.finish(tables)
        return result
    }

    private func missingObjects(_ catalogue: DeviceCatalogue) -> Int {
        var keys: Set<ObjectKey> = []
        for object in catalogue.objects {
            let key = ObjectKey(kind: object.kind, key: object.key)
            if objects[key] == nil { keys.insert(key) }
        }
        return keys.count
    }

    private func numbers(_ kind: String, _ count: Int, _ tables: Tables) throws(JetError) -> Int32 {
        count == 0 ? 0 : try tables.takeNumbers(kind, count)
    }

    private mutating func merge(
        _ object: DeviceCatalogue.Object, _ key: ObjectKey, _ now: Int64, isFirst: Bool, next: inout Int32,
        _ tables: Tables
    ) throws(JetError) -> CatalogueResult.Object {
        guard let before = objects[key] else {
            let record = ObjectRecord(
                id: next, device: device, kind: object.kind, key: object.key, name: object.name, alias: object.alias,
                attributes: object.attributes, firstSeen: now, lastSeen: now, isGone: false)
            next += 1
            try tables.put(record, isNew: true)
            objects[key] = record
            return CatalogueResult.Object(record: record, change: .added, before: nil, series: [])
        }
        // Named twice in one catalogue: the first counts.
        guard isFirst else { return CatalogueResult.Object(record: before, change: .none, before: nil, series: []) }
        var record = before
        (record.name, record.alias, record.attributes) = (object.name, object.alias, object.attributes)
        record.isGone = false
        let isChanged =
            record.name != before.name || record.alias != before.alias || record.attributes != before.attributes
        record.lastSeen = max(now, before.lastSeen)
        if record != before {
            try tables.put(record, isNew: false)
            objects[key] = record
        }
        let change: CatalogueResult.Change = before.isGone ? .returned : isChanged ? .changed : .none
        return CatalogueResult.Object(
            record: record, change: change, before: isChanged ? before : nil, series: [])
    }

    private mutating func merge(
        _ wanted: [DeviceCatalogue.Series], object: Int32, _ numbers: inout SeriesNumbers, _ tables: Tables
    ) throws(JetError) -> [SeriesRecord] {
        var records: [SeriesRecord] = []
        for wish in wanted {
            let key = SeriesKey(object: object, metric: wish.metric)
            let before = series[key]
            let id: Int32 = if let before { before.id } else { try numbers.next(tables) }
            let record = SeriesRecord(
                id: id, device: device, object: object, metric: wish.metric, oid: wish.oid, type: wish.type,
                unit: wish.unit, nature: wish.nature)
            if record != before { try tables.put(record, isNew: before == nil) }
            series[key] = record
            records.append(record)
        }
        return records
    }
}

/// Numbers for new series: taken together when the first is needed, what is left given back at the end.
private struct SeriesNumbers {
    private let limit: Int
    private var following: Int32?

    init(limit: Int) { self.limit = limit }

    mutating func next(_ tables: Tables) throws(JetError) -> Int32 {
        let number: Int32 = if let following { following } else { try tables.takeNumbers("series", limit) }
        following = number + 1
        return number
    }

    func finish(_ tables: Tables) throws(JetError) {
        if let following { try tables.set(setting: "next_series", "\(following)") }
    }
}
