// Layer: SNMPEngine. Uses: ManagerEngine's requests and outcomes, BulkTuner. Used by: drivers, tests.
// A walk as a state machine: it says what to ask next and takes what came. Progress is measured by the greatest name
// received in each column, which must grow with each answer; without progress there is a bounded number of other
// questions to ask, so no agent can keep a walk going without giving new rows.

public import SNMPCodec

/// How to walk.
public struct WalkOptions: Sendable, Hashable {
    /// Max-repetitions to begin with when nothing is known about the agent.
    public var firstRepetitions = 10
    /// The greatest max-repetitions to try; 1 walks with GETNEXT only.
    public var maximumRepetitions = 64
    /// The most bindings to ask for in one reply: with many columns, max-repetitions stays below this divided by their
    /// number.
    public var maximumBindingsPerReply = 256
    /// Rows after which the walk stops as partial.
    public var maximumRows = 10_000_000
    /// At how many names that the agent fails or loops at to look for a way around, in one walk.
    public var maximumSkips = 8
    /// Whether to ask for the root itself when there is nothing below it.
    public var triesExactRoot = true

    /// The default options.
    public init() {}
}

/// What a walk wants next.
public enum WalkStep {
    /// Send this, and hand the outcome to `receive`.
    case send(Request)
    /// The walk is over.
    case finished(WalkVerdict)
}

/// A walk over one or several subtrees (columns) of an agent.
public struct Walk: Sendable {
    struct Column {
        let root: ObjectIdentifier
        /// The greatest name received, or the root before the first.
        var position: ObjectIdentifier
        var isDone = false
        var hasRows = false
    }

    enum Mode {
        /// GETBULK with the tuner's repetitions, or GETNEXT where there is no GETBULK, for all columns that fit.
        case normal
        /// One GETNEXT for one column, to see whether less works.
        case careful(column: Int)
        /// Looking for a way around a name.
        case detour(Detour)
        /// GET of the root, below which there was nothing.
        case exactRoot
    }

    let options: WalkOptions
    let version: SNMPVersion
    /// Whether GETBULK is to be used.
    var usesBulk: Bool
    var columns: [Column]
    var mode = Mode.normal
    /// Indexes of the columns in the request under way.
    var asked: [Int] = []
    /// Max-repetitions of the request under way.
    var askedRepetitions = 1
    var columnLimit: Int
    /// Names at which detours began.
    var skips = 0
    var skippedAfter: [ObjectIdentifier] = []
    var lastName: ObjectIdentifier?
    var verdict = WalkVerdict(.complete)
    private var isFinished = false
    private var triedRoot = false
    /// Whether answers took repetitions, so that silence may be plain loss.
    var isLossy = false
    /// Times in a row that even a single GETNEXT got no answer.
    var silences = 0

    /// The search for the right size.
    public internal(set) var tuner: BulkTuner
    /// Rows received since they were last taken, in ascending order within each column.
    public internal(set) var rows: [VarBind] = []

    /// Begins a walk over `roots`.
    ///
    /// - Parameters:
    ///   - roots: the subtrees, at least one. Several are asked for side by side, as the columns of a table.
    ///   - version: the version spoken; v1 has no GETBULK.
    ///   - profile: what was learned about the agent.
    public init(
        roots: [ObjectIdentifier], version: SNMPVersion, profile: TargetProfile = TargetProfile(),
        options: WalkOptions = WalkOptions()
    ) {
        precondition(!roots.isEmpty, "a walk needs a root")
        self.options = options
        self.version = version
        columns = roots.map { Column(root: $0, position: $0) }
        tuner = BulkTuner(first: options.firstRepetitions, limit: options.maximumRepetitions, profile: profile)
        usesBulk = version != .v1 && options.maximumRepetitions > 1 && profile.repetitions != 0
        columnLimit = min(max(profile.maximumBindings ?? 32, 1), 64)
    }

    /// Gives the received rows away.
    public mutating func takeRows() -> [VarBind] {
        defer { rows.removeAll(keepingCapacity: true) }
        return rows
    }

    /// Ends the walk where it is.
    public mutating func cancel() { finish(.partial(.cancelled, last: lastName)) }

    /// Writes what was learned about the agent into a profile.
    public func remember(in profile: inout TargetProfile) {
        tuner.remember(in: &profile)
        // GETBULK that is not even answered with one repetition is not asked for again.
        if !usesBulk, version != .v1, options.maximumRepetitions > 1 { profile.repetitions = 0 }
        if columnLimit < min(columns.count, profile.maximumBindings ?? 32) { profile.maximumBindings = columnLimit }
    }

    /// What to do next. After `.send`, the outcome must go to `receive` before the next call.
    public mutating func next() -> WalkStep {
        if !isFinished, verdict.rows >= options.maximumRows {
            finish(.partial(.rowLimit(options.maximumRows), last: lastName))
        }
        if isFinished { return .finished(verdict) }
        if case .detour(let detour) = mode {
            let name = EncodedBindings(name: detour.question)
            return send(detour.isExact ? .get(name) : .getNext(name), [detour.column])
        }
        let active = columns.indices.filter { !columns[$0].isDone }
        guard !active.isEmpty else { return askRoot() }
        if case .careful(let column) = mode {
            return send(.getNext(EncodedBindings(name: columns[column].position)), [column])
        }
        return askColumns(Array(active.prefix(columnLimit)))
    }

    /// The end of the walk; but before "nothing there", the root itself is asked for, which may be an instance.
    private mutating func askRoot() -> WalkStep {
        if options.triesExactRoot, !triedRoot, columns.count == 1, !columns[0].hasRows, columns[0].root.count > 1 {
            triedRoot = true
            mode = .exactRoot
            return send(.get(EncodedBindings(name: columns[0].root)), [0])
        }
        finish(skippedAfter.isEmpty ? .complete : .skippedRows(after: skippedAfter))
        return .finished(verdict)
    }

    private mutating func askColumns(_ wanted: [Int]) -> WalkStep {
        guard let names = encodedPositions(wanted) else {
            columnLimit = max(1, wanted.count / 2)
            return askColumns(Array(wanted.prefix(columnLimit)))
        }
        guard usesBulk else { return send(.getNext(names), wanted) }
        tuner.cap(options.maximumBindingsPerReply / wanted.count)
        var request = Request.getBulk(names, maxRepetitions: tuner.repetitions)
        // A size that never worked is not worth repetitions: a smaller one tells more.
        if !tuner.isProven, tuner.repetitions > 1 { request.retries = isLossy ? 1 : 0 }
        askedRepetitions = tuner.repetitions
        return send(request, wanted)
    }

    /// Nil if the names don't fit into a message, which one name always does.
    private func encodedPositions(_ wanted: [Int]) -> EncodedBindings? {
        if wanted.count == 1 { return EncodedBindings(name: columns[wanted[0]].position) }
        return try? EncodedBindings(names: wanted.map { columns[$0].position })
    }

    private mutating func send(_ request: Request, _ columns: [Int]) -> WalkStep {
        asked = columns
        verdict.requests += 1
        return .send(request)
    }

    mutating func finish(_ outcome: WalkVerdict.Outcome) {
        guard !isFinished else { return }
        isFinished = true
        verdict.outcome = outcome
    }

    /// Takes what became of the request under way. `message` is the one the response points into.
    public mutating func receive(_ outcome: RequestOutcome, _ message: RawSpan) {
        guard !isFinished else { return }
        switch outcome {
        case .failure(let failure): failed(failure)
        case .sent: finish(.partial(.cancelled, last: lastName))
        case .response(let response):
            if response.attempts > 1 { isLossy = true }
            var deviations = response.deviations
            do throws(BERError) {
                let bindings = try response.pdu.variableBindings(message, &deviations)
                if version == .v1, bindings.contains(where: { $0.value.isNewerThanV1 }) {
                    deviations.insert(.newerTypeInV1)
                }
                verdict.deviations.formUnion(deviations)
                if response.pdu.errorStatus == .noError {
                    answered(bindings)
                } else {
                    refused(response.pdu.errorStatus, Int(response.pdu.errorIndexField))
                }
            } catch {
                // The list holds together, but a name or number in it does not: less may leave it out.
                var evidence = TimeoutEvidence(attempts: response.attempts, elapsed: response.roundTrip)
                evidence.malformedReplies = 1
                evidence.lastError = error
                failed(.timeout(evidence))
            }
        }
    }
}
