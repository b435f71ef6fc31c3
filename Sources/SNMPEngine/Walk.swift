// Layer: SNMPEngine. Uses: ManagerEngine's requests and outcomes, BulkTuner. Used by: drivers, tests.
// A walk as a state machine: it says what to ask next and takes what came. Progress is measured by the greatest name received
// in each column, which must grow with each answer, so that no agent can keep a walk going for ever.

public import SNMPCodec

/// How to walk.
public struct WalkOptions: Sendable, Hashable {
    /// Max-repetitions to begin with when nothing is known about the agent.
    public var firstRepetitions = 10
    /// The greatest max-repetitions to try; 1 walks with GETNEXT only.
    public var maximumRepetitions = 64
    /// Rows after which the walk stops as partial.
    public var maximumRows = 10_000_000
    /// How often to look for a way around a name that the agent fails or loops at, in one walk.
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
    private struct Column {
        let root: ObjectIdentifier
        /// The greatest name received, or the root before the first.
        var position: ObjectIdentifier
        /// Where to ask from instead of `position`, on the way around a failing name.
        var detour: ObjectIdentifier?
        var isDone = false
        var hasRows = false
    }

    private enum Mode {
        /// GETBULK with the tuner's repetitions.
        case bulk
        /// One GETNEXT for one column, to see whether less works.
        case single
        /// GET of a name that a detour would step over.
        case exact(ObjectIdentifier)
        /// GET of the root.
        case exactRoot
    }

    private let options: WalkOptions
    private let canBulk: Bool
    private var columns: [Column]
    private var mode: Mode
    /// Indexes of the columns in the request under way.
    private var asked: [Int] = []
    private var columnLimit: Int
    private var skips = 0
    /// Detours tried at the position where the agent fails now.
    private var detours = 0
    private var skippedAfter: [ObjectIdentifier] = []
    private var lastName: ObjectIdentifier?
    private var verdict = WalkVerdict(.complete)
    private var isFinished = false
    private var triedRoot = false
    /// Why the last answer was no progress.
    private var trouble: PartialCause?

    /// The search for the right size; kept in a profile afterwards.
    public private(set) var tuner: BulkTuner
    /// Rows received since they were last taken, in ascending order within each column.
    public private(set) var rows: [VarBind] = []

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
        columns = roots.map { Column(root: $0, position: $0) }
        tuner = BulkTuner(first: options.firstRepetitions, limit: options.maximumRepetitions, profile: profile)
        canBulk = version != .v1 && options.maximumRepetitions > 1
        mode = canBulk ? .bulk : .single
        columnLimit = min(max(profile.maximumBindings ?? 32, 1), 64)
    }

    /// Gives the received rows away.
    public mutating func takeRows() -> [VarBind] {
        defer { rows.removeAll(keepingCapacity: true) }
        return rows
    }

    /// Ends the walk where it is.
    public mutating func cancel() { finish(.partial(.cancelled, last: lastName)) }

    /// What to do next. After `.send`, the outcome must go to `receive` before the next call.
    public mutating func next() -> WalkStep {
        if isFinished { return .finished(verdict) }
        if verdict.rows >= options.maximumRows {
            finish(.partial(.rowLimit(options.maximumRows), last: lastName))
            return .finished(verdict)
        }
        let active = columns.indices.filter { !columns[$0].isDone }
        guard let first = active.first else {
            if options.triesExactRoot, !triedRoot, columns.count == 1, !columns[0].hasRows, columns[0].root.count > 1 {
                triedRoot = true
                mode = .exactRoot
                return send(.get(EncodedBindings(name: columns[0].root)), [0])
            }
            finish(skippedAfter.isEmpty ? .complete : .skippedRows(after: skippedAfter))
            return .finished(verdict)
        }
        switch mode {
        case .exactRoot, .exact:
            guard case .exact(let name) = mode else { mode = .single; return next() }
            return send(.get(EncodedBindings(name: name)), [first])
        case .single where !canBulk && trouble == nil:
            // Without GETBULK, columns still go side by side.
            asked = Array(active.prefix(columnLimit))
        case .single:
            asked = [first]
        case .bulk:
            asked = Array(active.prefix(columnLimit))
        }
        let names = asked.map { columns[$0].detour ?? columns[$0].position }
        guard let encoded = names.count == 1 ? EncodedBindings(name: names[0]) : try? EncodedBindings(names: names) else {
            columnLimit = max(1, columnLimit / 2)
            return next()
        }
        guard case .bulk = mode else { return send(.getNext(encoded), asked) }
        var request = Request.getBulk(encoded, maxRepetitions: tuner.repetitions)
        // A size that never worked is not worth a repetition: a smaller one tells more.
        if !tuner.isProven, tuner.repetitions > 1 { request.retries = 0 }
        return send(request, asked)
    }

    private mutating func send(_ request: Request, _ columns: [Int]) -> WalkStep {
        asked = columns
        verdict.requests += 1
        return .send(request)
    }

    private mutating func finish(_ outcome: WalkVerdict.Outcome) {
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
            var deviations = response.deviations
            do throws(BERError) {
                let bindings = try response.pdu.variableBindings(message, &deviations)
                verdict.deviations.formUnion(deviations)
                if response.pdu.errorStatus == .noError {
                    answered(bindings)
                } else {
                    refused(response.pdu.errorStatus, Int(response.pdu.errorIndexField))
                }
            } catch {
                // The list holds together, but a name or number in it does not: less may leave it out.
                let evidence = TimeoutEvidence(
                    attempts: response.attempts, elapsed: response.roundTrip, malformedReplies: 1, lastError: error)
                failed(.timeout(evidence))
            }
        }
    }

    // MARK: Failures

    private mutating func failed(_ failure: RequestFailure) {
        verdict.failedRequests += 1
        guard case .timeout = failure else {
            if case .cancelled = failure {
                finish(.partial(.cancelled, last: lastName))
            } else if case .tooLarge = failure, asked.count > 1 {
                columnLimit = max(1, asked.count / 2)
            } else {
                finish(.partial(.noAnswer(failure), last: lastName))
            }
            return
        }
        switch mode {
        case .bulk:
            if tuner.metSilence() { return }
            if asked.count > 1 {
                columnLimit = max(1, asked.count / 2)
                return
            }
            trouble = .noAnswer(failure)
            mode = .single
        case .single where asked.count > 1:
            columnLimit = max(1, asked.count / 2)
        case .single, .exact, .exactRoot:
            finish(.partial(.noAnswer(failure), last: lastName))
        }
    }

    private mutating func refused(_ status: ErrorStatus, _ errorIndex: Int) {
        if status == .noSuchName {
            // The way of v1 to say "nothing follows"; which column is in the error-index.
            switch mode {
            case .exact: detour()
            case .exactRoot: finish(.complete)
            default:
                let column = errorIndex >= 1 && errorIndex <= asked.count ? asked[errorIndex - 1] : asked[0]
                columns[column].isDone = true
            }
            return
        }
        verdict.failedRequests += 1
        switch mode {
        case .bulk:
            if status == .tooBig ? tuner.metTooBig() : tuner.metError() { return }
            if asked.count > 1 {
                columnLimit = max(1, asked.count / 2)
                return
            }
            trouble = .agentError(status)
            mode = .single
        case .single where asked.count > 1:
            columnLimit = max(1, asked.count / 2)
        case .single:
            trouble = .agentError(status)
            detour()
        case .exact: detour()
        case .exactRoot: finish(.partial(.agentError(status), last: nil))
        }
    }

    /// Looks for a way around the name that the agent fails or loops at: from just below it, then over its next siblings,
    /// each of which is asked for itself before it is stepped over; then over the whole column.
    private mutating func detour() {
        guard let column = asked.first else { return }
        skips += 1
        detours += 1
        let position = columns[column].position
        guard skips <= options.maximumSkips, detours <= 4 else {
            switch trouble {
            case .some(.agentError(let status)): finish(.partial(.agentError(status), last: lastName))
            case .some(let cause): finish(.partial(cause, last: lastName))
            case nil: finish(.loop(at: position))
            }
            return
        }
        let from = columns[column].detour ?? position
        if detours == 1, position.count < ObjectIdentifier.maximumArcCount, columns[column].hasRows {
            columns[column].detour = position.appending(0)
            mode = .single
            return
        }
        let base = detours <= 2 ? position : from
        guard let sibling = base.nextSibling, sibling.starts(with: columns[column].root), sibling.count == base.count
        else {
            columns[column].isDone = true
            skippedAfter.append(position)
            detours = 0
            trouble = nil
            mode = canBulk ? .bulk : .single
            return
        }
        columns[column].detour = sibling
        mode = .exact(sibling)
    }

    // MARK: Answers

    private mutating func answered(_ bindings: [VarBind]) {
        switch mode {
        case .exactRoot:
            if let binding = bindings.first, binding.name == columns[0].root, !binding.value.isException {
                columns[0].hasRows = true
                emit(binding)
            }
            return
        case .exact(let name):
            // The row that the detour steps over, if there is one; then on from behind it.
            if let binding = bindings.first, binding.name == name, !binding.value.isException, let column = asked.first {
                columns[column].hasRows = true
                columns[column].position = name
                emit(binding)
            }
            mode = .single
            return
        case .bulk, .single: break
        }
        guard !bindings.isEmpty else {
            verdict.failedRequests += 1
            noProgress(.emptyResponses)
            return
        }
        var progressed = false
        for (place, column) in asked.enumerated() {
            if take(bindings, place, column) { progressed = true }
        }
        guard progressed else {
            verdict.failedRequests += 1
            verdict.deviations.insert(.unorderedNames)
            noProgress(nil)
            return
        }
        if let column = asked.first, columns[column].detour != nil {
            skippedAfterDetour(column)
        }
        detours = 0
        trouble = nil
        guard canBulk else {
            mode = .single
            return
        }
        if case .bulk = mode {
            tuner.succeeded(full: bindings.count >= tuner.repetitions * asked.count)
        }
        mode = .bulk
    }

    private mutating func skippedAfterDetour(_ column: Int) {
        columns[column].detour = nil
        // From just below a name nothing can have been left out; over a sibling something may have been.
        if detours > 1, let lastName { skippedAfter.append(lastName) }
    }

    private mutating func noProgress(_ cause: PartialCause?) {
        trouble = cause
        if case .bulk = mode {
            mode = .single
            return
        }
        if asked.count > 1 {
            columnLimit = 1
            return
        }
        detour()
    }

    /// Takes the bindings of one column out of an answer; whether it got further or came to its end.
    private mutating func take(_ bindings: [VarBind], _ place: Int, _ column: Int) -> Bool {
        let before = columns[column].position
        let root = columns[column].root
        let firstRow = rows.count
        var greatest = before
        var isOrdered = true
        var reachedEnd = false
        var index = place
        while index < bindings.count {
            let binding = bindings[index]
            index += asked.count
            if binding.value == .endOfMibView {
                reachedEnd = true
                break
            }
            guard binding.name.starts(with: root), binding.name != root || before == root else {
                // Beyond the subtree is its end; before it is an agent that jumps back.
                if binding.name > root {
                    reachedEnd = true
                    break
                }
                isOrdered = false
                continue
            }
            guard binding.name > before || (binding.name == root && !columns[column].hasRows) else {
                isOrdered = false
                continue
            }
            if binding.name <= greatest, greatest != before || columns[column].hasRows { isOrdered = false }
            if binding.name > greatest { greatest = binding.name }
            if !binding.value.isException { rows.append(binding) }
        }
        if !isOrdered {
            verdict.deviations.insert(.unorderedNames)
            sortRows(from: firstRow)
        }
        let isNew = greatest > before
        if isNew {
            columns[column].position = greatest
            columns[column].hasRows = true
            lastName = greatest
            // What the detour stepped over is noted by the caller.
        }
        verdict.rows += rows.count - firstRow
        if reachedEnd {
            columns[column].isDone = true
            return true
        }
        return isNew
    }

    /// Puts the rows from `start` on into order and drops repeated names.
    private mutating func sortRows(from start: Int) {
        var tail = Array(rows[start...])
        tail.sort { $0.name < $1.name }
        rows.removeSubrange(start...)
        for row in tail where rows.count == start || rows[rows.count - 1].name != row.name { rows.append(row) }
    }

    private mutating func emit(_ binding: VarBind) {
        rows.append(binding)
        verdict.rows += 1
        lastName = binding.name
    }
}
