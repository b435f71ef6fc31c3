// Layer: SNMPAgent. Uses: ManagedSubtree. Used by: the agent's own objects, applications.
// Objects of which there is one instance each, named by a final 0.

public import Primitives
public import SNMPCodec

/// A scalar object: how it is read and, if it can be, set.
public struct Scalar {
    /// The last arc of the object's name below its group; the instance adds 0.
    public let arc: UInt32
    let read: (Instant) throws(ObjectError) -> SNMPValue
    let write: Writer?

    /// How a scalar is set.
    public struct Writer {
        let check: (SNMPValue) throws(ObjectError) -> Void
        let assign: (SNMPValue) throws(ObjectError) -> Void
        let restore: (SNMPValue) throws(ObjectError) -> Void

        /// Makes a writer.
        /// - Parameters:
        ///   - check: throws wrongType, wrongLength, wrongValue or another status that refuses the value; has no
        ///     effect.
        ///   - assign: makes the assignment; called only with values that passed `check`.
        ///   - restore: takes assignments back: sets the value that was read before the first. Nil: `assign` does.
        public init(
            check: @escaping (SNMPValue) throws(ObjectError) -> Void,
            assign: @escaping (SNMPValue) throws(ObjectError) -> Void,
            restore: ((SNMPValue) throws(ObjectError) -> Void)? = nil
        ) {
            self.check = check
            self.assign = assign
            self.restore = restore ?? assign
        }
    }

    /// A scalar whose value is computed at each request. An exception hides the instance.
    public init(
        _ arc: UInt32, read: @escaping (Instant) throws(ObjectError) -> SNMPValue, write: Writer? = nil
    ) {
        self.arc = arc
        self.read = read
        self.write = write
    }

    /// A scalar that never changes.
    public static func constant(_ arc: UInt32, _ value: SNMPValue) -> Scalar {
        Scalar(arc, read: { (_) throws(ObjectError) in value })
    }

    /// A scalar that keeps its value and can be set to values of the same type that pass `check`.
    public static func stored(
        _ arc: UInt32, _ initial: SNMPValue, check: @escaping (SNMPValue) throws(ObjectError) -> Void = { _ in }
    ) -> Scalar {
        let box = ValueBox(initial)
        return Scalar(
            arc, read: { (_) throws(ObjectError) in box.value },
            write: Writer(
                check: { (value) throws(ObjectError) in
                    guard value.tag == initial.tag else { throw ObjectError(.wrongType) }
                    try check(value)
                },
                assign: { (value) throws(ObjectError) in box.value = value }))
    }
}

private final class ValueBox {
    var value: SNMPValue
    init(_ value: SNMPValue) { self.value = value }
}

/// A group of scalars: a subtree whose instances are named `root.arc.0`.
public final class ScalarGroup: WritableSubtree {
    /// The name of the group.
    public let root: ObjectIdentifier
    private let scalars: [Scalar]
    private var before: [ObjectIdentifier: SNMPValue] = [:]

    /// Makes a group; of scalars with the same arc the first is kept. The root must have at most 126 arcs.
    public init(root: ObjectIdentifier, _ scalars: [Scalar]) {
        precondition(root.count <= ObjectIdentifier.maximumArcCount - 2, "no room for the names of scalars")
        self.root = root
        var seen: Set<UInt32> = []
        self.scalars = scalars.filter { seen.insert($0.arc).inserted }.sorted { $0.arc < $1.arc }
    }

    private func scalar(_ arc: UInt32) -> Scalar? { scalars.first { $0.arc == arc } }

    private func scalar(_ name: ObjectIdentifier) -> Scalar? {
        guard name.count == root.count + 2, name[root.count + 1] == 0 else { return nil }
        return scalar(name[root.count])
    }

    /// The scalar's value; noSuchInstance for other instances than 0 of a scalar that exists.
    public func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue {
        if let scalar = scalar(name) { return try scalar.read(now) }
        return name.count > root.count && scalar(name[root.count]) != nil ? .noSuchInstance : .noSuchObject
    }

    /// The next scalar that has a value.
    public func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind? {
        for scalar in scalars {
            let candidate = root.appending(scalar.arc).appending(0)
            guard name < candidate else { continue }
            let value = try scalar.read(now)
            if !value.isException { return VarBind(candidate, value) }
        }
        return nil
    }

    /// Asks the scalar's writer whether it takes the value.
    public func prepare(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        guard let scalar = scalar(binding.name) else {
            let exists = binding.name.count > root.count && scalar(binding.name[root.count])?.write != nil
            throw ObjectError(exists ? .noCreation : .notWritable)
        }
        guard let write = scalar.write else { throw ObjectError(.notWritable) }
        try write.check(binding.value)
    }

    /// Assigns the value and remembers the one before.
    public func commit(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        guard let scalar = scalar(binding.name), let write = scalar.write else { throw ObjectError(.commitFailed) }
        // A name that occurs twice goes back to what it was before the request.
        if before[binding.name] == nil { before[binding.name] = try scalar.read(now) }
        try write.assign(binding.value)
    }

    /// Assigns the value from before the request.
    public func undo(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError) {
        guard let write = scalar(binding.name)?.write, let old = before[binding.name] else {
            throw ObjectError(.undoFailed)
        }
        try write.restore(old)
    }

    /// Forgets the value from before the request.
    public func release(_ binding: VarBind, of request: SetRequest, at now: Instant) { before[binding.name] = nil }
}
