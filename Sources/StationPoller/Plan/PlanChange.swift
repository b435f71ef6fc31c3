// Layer: StationPoller/Plan. Uses: DevicePlan. Used by: the device machine, callers, who record them as events.
// What is different on a device since its tables were last read.

/// A difference between two plans, or what a device did.
public struct PlanChange: Hashable, Sendable {
    /// What kind of difference.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The device was read for the first time.
        case found
        /// It restarted.
        case restarted
        /// sysName, sysDescr, sysObjectID, sysContact or sysLocation is another one: `attribute` says which.
        case systemChanged
        /// There is a new interface, processor or storage area.
        case objectAdded
        /// One is not there any more.
        case objectGone
        /// One that was gone is there again.
        case objectReturned
        /// One has another name.
        case objectRenamed
        /// One has another ifAlias.
        case aliasChanged
        /// One has another index in the device's tables.
        case indexChanged
        /// One has another speed, type, address ...: `attribute` says which.
        case attributeChanged
        /// The tables could be read less or more completely than before.
        case verdictChanged
        /// There were more changes than are worth listing.
        case more
    }

    /// What kind.
    public var kind: Kind
    /// The object's kind; nil: the device itself.
    public var objectKind: ObjectKind?
    /// The object's key.
    public var key: String?
    /// The MIB object that changed, such as `sysName`.
    public var attribute: String?
    /// What it was.
    public var before: String?
    /// What it is.
    public var after: String?
    /// The change for people, without the device's name and without a full stop.
    public var text: String

    /// Makes a change.
    public init(
        _ kind: Kind, of object: PolledObject? = nil, attribute: String? = nil, before: String? = nil,
        after: String? = nil, text: String
    ) {
        self.kind = kind
        objectKind = object?.kind
        key = object?.key
        self.attribute = attribute
        self.before = before
        self.after = after
        self.text = text
    }

    /// The most changes that are listed one by one.
    static let limit = 200
}

extension PlanChange {
    /// What is different between two plans whose objects are matched by kind and key.
    static func between(_ old: DevicePlan, _ new: DevicePlan) -> [PlanChange] {
        var changes = systemChanges(old.system, new.system)
        var before: [String: PolledObject] = [:]
        for object in old.objects { before[object.identity] = object }
        var past: Set<String> = []
        for object in old.gone { past.insert(object.identity) }
        var others = 0
        func add(_ list: [PlanChange]) {
            for change in list {
                if changes.count < limit { changes.append(change) } else { others += 1 }
            }
        }
        for object in new.objects {
            if let earlier = before.removeValue(forKey: object.identity) {
                add(objectChanges(earlier, object))
            } else if past.contains(object.identity) {
                add([PlanChange(.objectReturned, of: object, text: "\(object.title) is there again")])
            } else {
                add([PlanChange(.objectAdded, of: object, text: "new \(object.title)")])
            }
        }
        for object in old.objects where before[object.identity] != nil {
            add([PlanChange(.objectGone, of: object, text: "\(object.title) is not there any more")])
        }
        if others > 0 { changes.append(PlanChange(.more, text: "\(others) more changes")) }
        if old.shortfall != new.shortfall {
            changes.append(
                PlanChange(
                    .verdictChanged, before: old.shortfall, after: new.shortfall,
                    text: new.shortfall.isEmpty ? "the tables can be read completely" : new.shortfall))
        }
        return changes
    }

    private static func systemChanges(_ old: SystemIdentity, _ new: SystemIdentity) -> [PlanChange] {
        let fields: [(String, String, String)] = [
            ("sysName", old.name, new.name), ("sysDescr", old.description, new.description),
            ("sysObjectID", old.objectID, new.objectID), ("sysContact", old.contact, new.contact),
            ("sysLocation", old.location, new.location),
        ]
        return fields.compactMap { attribute, before, after in
            guard before != after else { return nil }
            return PlanChange(
                .systemChanged, attribute: attribute, before: before, after: after,
                text: "\(attribute) was \(quoted(before)) and is \(quoted(after))")
        }
    }

    private static let nameAttributes: Set<String> = ["ifName", "hrStorageDescr"]

    private static func objectChanges(_ old: PolledObject, _ new: PolledObject) -> [PlanChange] {
        var changes: [PlanChange] = []
        if old.name != new.name {
            changes.append(
                PlanChange(
                    .objectRenamed, of: new, before: old.name, after: new.name,
                    text: "\(old.title) is called \(quoted(new.name)) now"))
        }
        if old.alias != new.alias {
            changes.append(
                PlanChange(
                    .aliasChanged, of: new, attribute: "ifAlias", before: old.alias, after: new.alias,
                    text: "ifAlias of \(new.title) was \(quoted(old.alias)) and is \(quoted(new.alias))"))
        }
        if old.index != new.index {
            changes.append(
                PlanChange(
                    .indexChanged, of: new, before: "\(old.index)", after: "\(new.index)",
                    text: "\(new.title) has the index \(new.index), after \(old.index)"))
        }
        for attribute in Set(old.attributes.keys).union(new.attributes.keys).sorted() {
            let before = old.attributes[attribute] ?? ""
            let after = new.attributes[attribute] ?? ""
            // What the object is called was told above.
            let isName = before == old.name && after == new.name
            guard before != after, !isName, !nameAttributes.contains(attribute) else { continue }
            changes.append(
                PlanChange(
                    .attributeChanged, of: new, attribute: attribute, before: before, after: after,
                    text: "\(attribute) of \(new.title) was \(quoted(before)) and is \(quoted(after))"))
        }
        return changes
    }

    private static func quoted(_ text: String) -> String { text.isEmpty ? "empty" : "\"\(text)\"" }
}

extension PolledObject {
    /// Kind and key together.
    var identity: String { kind.rawValue + "/" + key }

    /// What it is and what it is called, for people.
    var title: String {
        let word =
            switch kind {
            case .interface: "interface"
            case .processor: "processor"
            case .storage: "storage"
            }
        return name.isEmpty ? "\(word) \(index)" : "\(word) \(name)"
    }
}
