// Layer: SNMPAgent. Uses: OIDMap, ManagedSubtree. Used by: agents, simulations, tests.

public import Primitives
public import SNMPCodec

/// A read-only subtree whose bindings are stored and changed by its owner.
public final class StoredSubtree: ManagedSubtree {
    /// All names begin with this.
    public let root: ObjectIdentifier
    /// How many arcs below the root name an object type: 1 when the root is a group of scalars or the entry of one
    /// table, more when whole tables lie below it. Only tells noSuchObject from noSuchInstance.
    public let typeDepth: Int
    /// The bindings. All names begin with `root`.
    public private(set) var contents: OIDMap<SNMPValue>
    private var hints = WalkHints()

    /// Makes a subtree; bindings that do not begin with `root` are left out.
    public init(root: ObjectIdentifier, typeDepth: Int = 1, _ bindings: [VarBind] = []) {
        self.root = root
        self.typeDepth = typeDepth
        contents = OIDMap(bindings, under: root)
    }

    /// Replaces all bindings; those that do not begin with `root` are left out.
    public func replaceAll(_ bindings: [VarBind]) { contents = OIDMap(bindings, under: root) }

    /// Sets one value, or removes it with nil; false, and no change, if `name` does not begin with `root`.
    @discardableResult
    public func set(_ name: ObjectIdentifier, to value: SNMPValue?) -> Bool {
        guard name.starts(with: root) else { return false }
        contents[name] = value
        return true
    }

    /// The stored value, or the exception that says what is missing.
    public func value(of name: ObjectIdentifier, at now: Instant) -> SNMPValue {
        contents[name] ?? contents.absence(of: name, typeLength: root.count + typeDepth)
    }

    /// The next stored binding.
    public func next(after name: ObjectIdentifier, at now: Instant) -> VarBind? {
        hints.next(after: name, in: contents)
    }
}

extension OIDMap where Value == SNMPValue {
    /// The bindings whose names begin with `root`.
    init(_ bindings: [VarBind], under root: ObjectIdentifier) {
        self.init(bindings.lazy.filter { $0.name.starts(with: root) }.map { ($0.name, $0.value) })
    }

    /// What a missing `name` is called: noSuchInstance when some name shares its object type, which is named by the
    /// first `typeLength` arcs, otherwise noSuchObject (RFC 3416, section 4.2.1).
    func absence(of name: ObjectIdentifier, typeLength: Int) -> SNMPValue {
        name.count >= typeLength && !positions(under: name.prefix(typeLength)).isEmpty
            ? .noSuchInstance : .noSuchObject
    }
}
