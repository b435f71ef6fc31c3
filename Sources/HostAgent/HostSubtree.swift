// Layer: HostAgent. Uses: HostAgent, SNMPAgent. Used by: agents that offer this machine.
// The groups and the system group as subtrees of an agent.

import Primitives
public import SNMPAgent
import SNMPCodec

/// A group as a subtree of an agent: its bindings, kept for half of what the group's values may be old. Its readings
/// are kept for the other half.
///
/// Not `SnapshotSubtree`, since a group has scalars and tables side by side, and to tell a missing object from a
/// missing instance takes to know which is which.
final class HostSubtree: ManagedSubtree {
    /// Bindings and when they were put together.
    private struct Snapshot {
        let part: HostAgent.Part
        var contents = OIDMap<SNMPValue>()
        var taken: Instant?
    }

    let root: ObjectIdentifier
    private let host: HostAgent
    private let group: HostGroup
    private let maximumAge: Interval
    private let entries: [ObjectIdentifier]
    /// The scalars, or the whole group.
    private var main: Snapshot
    /// The tables of a group whose scalars come apart from them.
    private var tables: Snapshot?

    init(_ host: HostAgent, _ group: HostGroup) {
        self.host = host
        self.group = group
        let root = group.root
        self.root = root
        maximumAge = group.maximumAge / 2
        entries = group.tableEntries.compactMap { root.appending(contentsOf: $0) }
        let isSplit = group == .tcp || group == .udp
        main = Snapshot(part: isSplit ? .scalars : .all)
        tables = isSplit ? Snapshot(part: .tables) : nil
    }

    private func refresh(_ snapshot: inout Snapshot, _ now: Instant) {
        if let taken = snapshot.taken, now >= taken, now - taken < maximumAge { return }
        let bindings = host.bindings(of: group, snapshot.part, at: now)
        snapshot.contents = OIDMap(bindings.lazy.map { ($0.name, $0.value) })
        snapshot.taken = now
    }

    /// Brings the tables up to date; nil if they are with the scalars.
    private func refreshedTables(_ now: Instant) -> OIDMap<SNMPValue>? {
        guard tables != nil else { return nil }
        if var snapshot = tables.take() {
            refresh(&snapshot, now)
            tables = snapshot
        }
        return tables?.contents
    }

    func value(of name: ObjectIdentifier, at now: Instant) -> SNMPValue {
        if entries.contains(where: { name.starts(with: $0) }), let tables = refreshedTables(now) {
            return tables[name] ?? tables.absence(of: name, under: root, entries: entries)
        }
        refresh(&main, now)
        return main.contents[name] ?? main.contents.absence(of: name, under: root, entries: entries)
    }

    func next(after name: ObjectIdentifier, at now: Instant) -> VarBind? {
        refresh(&main, now)
        let scalar = main.contents.next(after: name).map { VarBind($0.key, $0.value) }
        // Tables that end before the name, or begin behind the scalar, need not be looked at.
        let needsTables = entries.contains { entry in
            let endsBefore = entry.nextSibling.map { $0 <= name } ?? false
            let beginsBehind = scalar.map { $0.name < entry } ?? false
            return !endsBefore && !beginsBehind
        }
        guard needsTables, let row = refreshedTables(now)?.next(after: name) else { return scalar }
        if let scalar, scalar.name < row.key { return scalar }
        return VarBind(row.key, row.value)
    }
}

extension OIDMap where Value == SNMPValue {
    /// What a missing name is called: a name below a column or a scalar that exists misses the instance, any other name
    /// the object (RFC 3416, section 4.2.1).
    fileprivate func absence(
        of name: ObjectIdentifier, under root: ObjectIdentifier, entries: [ObjectIdentifier]
    ) -> SNMPValue {
        let entry = entries.first { name.starts(with: $0) }
        let typeLength = (entry ?? root).count + 1
        guard name.count >= typeLength else { return .noSuchObject }
        let type = name.prefix(typeLength)
        // Between the group and the entry of a table there is no object.
        guard entry != nil || !entries.contains(where: { $0.starts(with: type) }) else { return .noSuchObject }
        return positions(under: type).isEmpty ? .noSuchObject : .noSuchInstance
    }
}

/// The system group as a subtree of an agent.
final class SystemSubtree: WritableSubtree {
    let root = HostAgent.systemRoot
    private let host: HostAgent
    private let sysOREntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 9, 1]
    /// The settings before the request, for the way back.
    private var before: HostSettings?

    init(_ host: HostAgent) { self.host = host }

    private func bindings(at now: Instant) -> OIDMap<SNMPValue> {
        OIDMap(host.systemBindings(at: now).lazy.map { ($0.name, $0.value) })
    }

    func value(of name: ObjectIdentifier, at now: Instant) -> SNMPValue {
        let contents = bindings(at: now)
        return contents[name] ?? contents.absence(of: name, under: root, entries: [sysOREntry])
    }

    func next(after name: ObjectIdentifier, at now: Instant) -> VarBind? {
        bindings(at: now).next(after: name).map { VarBind($0.key, $0.value) }
    }

    /// The string that `name` is the instance of.
    private func string(_ name: ObjectIdentifier) throws(ObjectError) -> SystemString {
        guard name.count > root.count, let string = SystemString(rawValue: name[root.count]) else {
            throw ObjectError(.notWritable)
        }
        guard name.count == root.count + 2, name[root.count + 1] == 0 else { throw ObjectError(.noCreation) }
        return string
    }

    func prepare(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        _ = try string(binding.name)
        if let refusal = SystemString.refusal(of: binding.value) { throw ObjectError(refusal) }
    }

    func commit(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        let string = try string(binding.name)
        guard let text = binding.value.asText else { throw ObjectError(.commitFailed) }
        // The first of a request's assignments keeps them: a name that occurs twice goes back all the way.
        if before == nil { before = host.settings }
        host.setSystemString(string, to: text)
    }

    func undo(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        guard let before else { throw ObjectError(.undoFailed) }
        let string = try string(binding.name)
        let old: String? =
            switch string {
            case .contact: before.contact
            case .name: before.name
            case .location: before.location
            }
        host.setSystemString(string, to: old)
    }

    func release(_ binding: VarBind, of request: SetRequest, at now: Instant) { before = nil }
}

extension HostAgent {
    /// Offers the system group and the given groups, all of them unless told otherwise, in the default context of
    /// `agent`, which keeps this host alive.
    ///
    /// Throws `overlaps` if the agent offers something at or around one of the roots already; those before it are then
    /// registered.
    public func register(
        into agent: Agent, groups: [HostGroup] = HostGroup.allCases
    ) throws(RegistrationError) {
        for subtree in subtrees(groups: groups) { try agent.register(subtree) }
    }

    /// The same as subtrees, for other contexts or registries.
    public func subtrees(groups: [HostGroup] = HostGroup.allCases) -> [any ManagedSubtree] {
        [SystemSubtree(self)] + groups.map { HostSubtree(self, $0) }
    }
}
