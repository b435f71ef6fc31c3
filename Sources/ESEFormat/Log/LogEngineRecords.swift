// Layer: ESEFormat/Log. Uses: LogParameters. Used by: LogRecord, recovery, instance.
// Engines and recoveries start and end.

/// An engine starts: no session of before exists any more. ESE's term: LRINIT2.
public struct InitializeRecord: LogRecordFields {
    /// The engine's parameters.
    public var parameters: LogParameters
    /// When.
    public var time: LogTime

    /// Makes a record.
    public init(parameters: LogParameters, time: LogTime) {
        self.parameters = parameters
        self.time = time
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(576)
        parameters = try LogParameters(decoding: record, at: 1)
        time = LogTime(rawValue: record.inside(568))
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .initialize }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 576 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.initialize.rawValue, 0)
        target.put(parameters, 1)
        target.put(time.rawValue, 568)
    }

    /// One line for people.
    public var description: String { "Init2 with \(parameters) at \(time)" }
}

/// An engine ends in order, or recovery does. ESE's term: LRTERMREC2.
public struct TerminateRecord: LogRecordFields {
    /// Which of the kinds it is: `terminate`, `recoveryQuit`, `recoveryQuitKeepingAttachments`.
    public let type: LogRecordType
    /// Where undoing began, for recovery. ESE's term: lgpos.
    public var position: LogPosition
    /// Where redoing began. ESE's term: lgposRedoFrom.
    public var redoFrom: LogPosition
    /// 1: a restore from a backup was the cause.
    public var isHard: UInt8
    /// When.
    public var time: LogTime

    /// Makes a record.
    public init(type: LogRecordType, position: LogPosition, redoFrom: LogPosition, isHard: UInt8, time: LogTime) {
        precondition(
            type == .terminate || type == .recoveryQuit || type == .recoveryQuitKeepingAttachments,
            "a kind with these fields")
        self.type = type
        self.position = position
        self.redoFrom = redoFrom
        self.isHard = isHard
        self.time = time
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(26)
        switch LogRecordType(rawValue: record.inside(0)) {
        case .terminate: type = .terminate
        case .recoveryQuit: type = .recoveryQuit
        case .recoveryQuitKeepingAttachments: type = .recoveryQuitKeepingAttachments
        default: throw FormatError(.badRecord, at: 0)
        }
        position = LogPosition(rawValue: record.inside(1))
        redoFrom = LogPosition(rawValue: record.inside(9))
        isHard = record.inside(17)
        time = LogTime(rawValue: record.inside(18))
        try record.hasAll(encodedByteCount)
    }

    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 26 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(type.rawValue, 0)
        target.put(position.rawValue, 1)
        target.put(redoFrom.rawValue, 9)
        target.put(isHard, 17)
        target.put(time.rawValue, 18)
    }

    /// One line for people.
    public var description: String {
        "\(type) position \(position) redo from \(redoFrom) hard \(isHard) at \(time)"
    }
}

/// Recovery starts to undo what wasn't committed. ESE's term: LRRECOVERYUNDO2.
public struct RecoveryUndoRecord: LogRecordFields {
    /// When.
    public var time: LogTime

    /// Makes a record.
    public init(time: LogTime) {
        self.time = time
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(9)
        time = LogTime(rawValue: record.inside(1))
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { .recoveryUndo }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { 9 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(LogRecordType.recoveryUndo.rawValue, 0)
        target.put(time.rawValue, 1)
    }

    /// One line for people.
    public var description: String { "RecoveryUndo2 at \(time)" }
}
