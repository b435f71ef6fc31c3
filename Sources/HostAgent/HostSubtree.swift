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
    let root: ObjectIdentifier
    private let host: HostAgent
    private let group: HostGroup
    private let maximumAge: Interval
    private let entries: [ObjectIdentifier]
    private var contents = OIDMap<SNMPValue>()
    private var taken: Instant?

    init(_ host: HostAgent, _ group: HostGroup) {
        self.host = host
        self.group = group
        let root = group.root
        self.root = root
        maximumAge = group.maximumAge / 2
        entries = group.tableEntries.compactMap { root.appending(contentsOf: $0) }
    }

    private func refresh(_ now: Instant) {
        if let taken, now >= taken, now - taken < maximumAge { return }
        contents = OIDMap(host.bindings(of: group, at: now).lazy.map { ($0.name, $0.value) })
        taken = now
    }

    func value(of name: ObjectIdentifier, at now: Instant) -> SNMPValue {
        refresh(now)
        return contents[name] ?? absence(of: name)
    }

    private func absence(of name: ObjectIdentifier) -> SNMPValue {
        contents.absence(of: name, under: root, entries: entries)
    }

    func next(after name: ObjectIdentifier, at now: Instant) -> VarBind? {
        refresh(now)
        return contents.next(after: name).map { VarBind($0.key, $0.value) }
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
