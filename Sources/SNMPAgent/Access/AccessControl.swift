// Layer: SNMPAgent. Uses: View, SNMPSecurity. Used by: Agent, notification originators.
// The view-based access control model (RFC 3415): who belongs to which group, and what each group may do in which
// context. The tables are configuration; they are not offered as objects.

import SNMPCodec
public import SNMPSecurity

/// A security model by its number (RFC 3411, section 5).
public enum SecurityModel: Int32, Hashable, Sendable, CaseIterable {
    /// SNMPv1 communities.
    case v1 = 1
    /// SNMPv2c communities.
    case v2c = 2
    /// The user-based security model.
    case usm = 3
}

/// What access is asked for: one of the three views of an entry.
public enum AccessKind: Sendable {
    /// GET, GETNEXT and GETBULK.
    case read
    /// SET.
    case write
    /// Notifications.
    case notify
}

/// Why access is denied as a whole (RFC 3415, section 3.2).
public enum AccessDenial: Error, Hashable, Sendable {
    /// The principal belongs to no group.
    case noGroupName
    /// The group has no entry for this context, model and level.
    case noAccessEntry
    /// The entry has no view for this kind of access, or the view holds nothing.
    case noSuchView
}

/// What a group may do (RFC 3415, section 4, vacmAccessTable).
public struct AccessEntry: Hashable, Sendable {
    /// The group.
    public var group: String
    /// The context's name, or the start of it.
    public var context: [UInt8]
    /// Whether `context` is only the start of the names meant.
    public var matchesPrefix: Bool
    /// The security model; nil for any.
    public var model: SecurityModel?
    /// The least security level.
    public var minimumLevel: SecurityLevel
    /// Name of the view that may be read; nil for none.
    public var readView: String?
    /// Name of the view that may be written; nil for none.
    public var writeView: String?
    /// Name of the view that notifications may show; nil for none.
    public var notifyView: String?

    /// Makes an entry; without `context` it is for all contexts.
    public init(
        group: String, context: [UInt8]? = nil, matchesPrefix: Bool = false, model: SecurityModel? = nil,
        minimumLevel: SecurityLevel, readView: String? = nil, writeView: String? = nil, notifyView: String? = nil
    ) {
        self.group = group
        self.context = context ?? []
        self.matchesPrefix = matchesPrefix || context == nil
        self.model = model
        self.minimumLevel = minimumLevel
        self.readView = readView
        self.writeView = writeView
        self.notifyView = notifyView
    }

    /// Whether the entry is one for this access (RFC 3415, section 4, vacmAccessContextMatch and following).
    func applies(_ group: String, _ model: SecurityModel, _ level: SecurityLevel, _ context: [UInt8]) -> Bool {
        self.group == group && (self.model == nil || self.model == model) && minimumLevel <= level
            && (matchesPrefix ? context.starts(with: self.context) : context == self.context)
    }

    /// Whether this entry goes before `other` when both apply (RFC 3415, section 4, vacmAccessTable).
    func goesBefore(_ other: AccessEntry) -> Bool {
        if (model == nil) != (other.model == nil) { return model != nil }
        if matchesPrefix != other.matchesPrefix { return !matchesPrefix }
        if context.count != other.context.count { return context.count > other.context.count }
        return other.minimumLevel < minimumLevel
    }
}

/// The access control of an agent.
public struct AccessControl: Sendable {
    private struct Principal: Hashable {
        let model: SecurityModel
        let name: [UInt8]
    }

    private var groups: [Principal: String] = [:]
    /// The entries of all groups.
    public private(set) var entries: [AccessEntry] = []
    private var views: [String: View] = [:]
    /// The group of principals that were not assigned to one; nil for none, as RFC 3415 has it.
    public var defaultGroup: String?

    /// Makes an access control that allows nothing.
    public init() {}

    /// Everybody who is let in at all may read `view`: every configured community, and every user whose messages are at
    /// least at `minimumUserLevel`.
    public static func readOnly(
        view: View = .all, minimumUserLevel: SecurityLevel = .authNoPriv
    ) -> AccessControl {
        open(view, writable: false, minimumUserLevel)
    }

    /// Everybody who is let in at all may read and write `view`; see `readOnly`.
    public static func readWrite(
        view: View = .all, minimumUserLevel: SecurityLevel = .authNoPriv
    ) -> AccessControl {
        open(view, writable: true, minimumUserLevel)
    }

    private static func open(_ view: View, writable: Bool, _ userLevel: SecurityLevel) -> AccessControl {
        var control = AccessControl()
        control.defaultGroup = "default"
        control.define(view: "default", view)
        for model in SecurityModel.allCases {
            control.allow(
                AccessEntry(
                    group: "default", model: model, minimumLevel: model == .usm ? userLevel : .noAuthNoPriv,
                    readView: "default", writeView: writable ? "default" : nil, notifyView: "default"))
        }
        return control
    }

    /// Puts a principal into a group, instead of the one it was in.
    public mutating func assign(_ model: SecurityModel, _ securityName: [UInt8], to group: String) {
        groups[Principal(model: model, name: securityName)] = group
    }

    /// Adds an entry.
    public mutating func allow(_ entry: AccessEntry) { entries.append(entry) }

    /// Gives a name to a view, instead of the view that had it.
    public mutating func define(view name: String, _ view: View) { views[name] = view }

    /// The view for an access; `View.contains` then decides about each instance (RFC 3415, section 3.2).
    ///
    /// Throws when there is none. Linear in the number of entries; called once per request.
    public func view(
        for kind: AccessKind, model: SecurityModel, securityName: [UInt8], level: SecurityLevel, context: [UInt8]
    ) throws(AccessDenial) -> View {
        guard let group = groups[Principal(model: model, name: securityName)] ?? defaultGroup else {
            throw .noGroupName
        }
        var best: AccessEntry?
        for entry in entries where entry.applies(group, model, level, context) {
            if best.map({ entry.goesBefore($0) }) ?? true { best = entry }
        }
        guard let best else { throw .noAccessEntry }
        let name =
            switch kind {
            case .read: best.readView
            case .write: best.writeView
            case .notify: best.notifyView
            }
        guard let name, let view = views[name], !view.families.isEmpty else { throw .noSuchView }
        return view
    }
}
