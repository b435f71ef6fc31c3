// Layer: SNMPAgent. Uses: SNMPCodec. Used by: ObjectRegistry, everything that offers objects.
// What an implementer of managed objects provides: read access by name and by order, and, for objects that can be set,
// the phases of a SET. Names come in complete, instance part included.

public import Primitives
public import SNMPCodec

/// Why an object could not be read or set, as the error-status that says so (RFC 3416, section 3). Four octets, cheap
/// to throw.
public struct ObjectError: Error, Hashable, Sendable {
    /// The error-status. Reading reports every failure as genErr, whatever stands here (RFC 3416, section 4.2.1).
    public let status: ErrorStatus

    /// Makes an error.
    public init(_ status: ErrorStatus) { self.status = status }
}

/// A part of the tree of objects with an implementation of its own.
///
/// An agent calls it from one thread at a time, while a request is processed; an implementation that waits makes the
/// whole agent wait.
public protocol ManagedSubtree: AnyObject {
    /// All names offered begin with this.
    var root: ObjectIdentifier { get }

    /// The value of the instance `name`, which begins with `root`.
    ///
    /// `.noSuchObject` when no object of this type exists, `.noSuchInstance` when only this instance is missing
    /// (RFC 3416, section 4.2.1). Throws when reading fails; the request is then answered with genErr.
    func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue

    /// The first instance after `name` in lexicographic order, with its value; nil when there is none below `root`.
    ///
    /// `name` may be any name, also one before `root`. Throws when reading fails; the request is then answered with
    /// genErr.
    func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind?
}

/// All bindings of one SET request, for implementations whose objects depend on each other (rows of a table).
public struct SetRequest: Sendable {
    /// The bindings in their order.
    public let bindings: [VarBind]

    /// Makes a request.
    public init(_ bindings: [VarBind]) { self.bindings = bindings }

    /// The new value that the request has for `name`; nil if it has none.
    public func value(for name: ObjectIdentifier) -> SNMPValue? { bindings.last { $0.name == name }?.value }
}

/// A subtree whose objects can be set (RFC 3416, section 4.2.5).
///
/// A SET runs in phases over all its bindings, across all subtrees: each binding is prepared; if all succeed, each is
/// committed; if one of these fails, those already committed are undone in reverse order. At the end each prepared
/// binding is released, whatever happened.
public protocol WritableSubtree: ManagedSubtree {
    /// Checks whether the assignment will succeed and reserves what it takes, without visible effect.
    ///
    /// Throws notWritable, wrongType, wrongLength, wrongEncoding, wrongValue, noCreation, inconsistentName,
    /// inconsistentValue or resourceUnavailable; anything else is answered as genErr.
    func prepare(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError)

    /// Makes the assignment. Whatever it throws is answered as commitFailed, after all is undone.
    func commit(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError)

    /// Takes the assignment back. Called only after `commit` succeeded. Whatever it throws is answered as undoFailed.
    func undo(_ binding: VarBind, of request: SetRequest, at now: Instant) throws(ObjectError)

    /// Frees what `prepare` reserved. Called once for each binding that was prepared, at the end of the request.
    func release(_ binding: VarBind, of request: SetRequest, at now: Instant)
}

extension WritableSubtree {
    /// Does nothing: for implementations that reserve nothing.
    public func release(_ binding: VarBind, of request: SetRequest, at now: Instant) {}
}
