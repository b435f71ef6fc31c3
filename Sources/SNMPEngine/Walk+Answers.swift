// Layer: SNMPEngine. Used by: Walk.receive.
// What answers, errors and silence mean for a walk. Trouble is met in the same order everywhere: fewer repetitions,
// fewer columns, one GETNEXT for one column, a detour.

import SNMPCodec

extension Walk {
    // MARK: Failures

    mutating func failed(_ failure: RequestFailure) {
        verdict.failedRequests += 1
        switch failure {
        case .timeout: break
        case .tooLarge where asked.count > 1:
            columnLimit = max(1, asked.count / 2)
            return
        case .cancelled:
            finish(.partial(.cancelled, last: lastName))
            return
        default:
            finish(.partial(.noAnswer(failure), last: lastName))
            return
        }
        switch mode {
        case .normal:
            if usesBulk, tuner.metSilence() { return }
            if asked.count > 1 {
                columnLimit = max(1, asked.count / 2)
            } else if usesBulk {
                mode = .careful(column: asked[0])
            } else {
                metSilence(failure)
            }
        case .detour(let detour): tryNext(detour, afterFailure: true)
        case .careful, .exactRoot: metSilence(failure)
        }
    }

    /// The least that can be asked for got no answer. Where much is lost on the way, that is no proof.
    private mutating func metSilence(_ failure: RequestFailure) {
        silences += 1
        guard isLossy, silences < 3 else {
            finish(.partial(.noAnswer(failure), last: lastName))
            return
        }
    }

    mutating func refused(_ status: ErrorStatus, _ errorIndex: Int) {
        if status == .noSuchName {
            refusedName(errorIndex)
            return
        }
        verdict.failedRequests += 1
        switch mode {
        case .normal:
            if usesBulk, status == .tooBig ? tuner.metTooBig() : tuner.metError() { return }
            if asked.count == 1 {
                if usesBulk {
                    mode = .careful(column: asked[0])
                } else {
                    beginDetour(asked[0], .agentError(status))
                }
            } else if status != .tooBig, errorIndex >= 1, errorIndex <= asked.count {
                // The agent says which column it failed at.
                mode = .careful(column: asked[errorIndex - 1])
            } else {
                columnLimit = max(1, asked.count / 2)
            }
        case .careful(let column): beginDetour(column, .agentError(status))
        case .detour(let detour): tryNext(detour, afterFailure: true)
        case .exactRoot: finish(.partial(.agentError(status), last: nil))
        }
    }

    /// The way of v1 to say "nothing follows"; which column is in the error-index (RFC 1157, section 4.1.3).
    private mutating func refusedName(_ errorIndex: Int) {
        switch mode {
        case .normal where asked.count == 1, .careful:
            columns[asked[0]].isDone = true
            mode = .normal
        case .normal where errorIndex >= 1 && errorIndex <= asked.count:
            columns[asked[errorIndex - 1]].isDone = true
        case .normal: columnLimit = 1
        case .exactRoot: finish(.complete)
        case .detour(let detour) where detour.isExact: tryNext(detour, afterFailure: false)
        case .detour(let detour):
            columns[detour.column].isDone = true
            endDetour(detour)
        }
    }

    // MARK: Answers

    mutating func answered(_ bindings: [VarBind]) {
        switch mode {
        case .exactRoot:
            if let binding = bindings.first, binding.name == columns[0].root, !binding.value.isException {
                columns[0].hasRows = true
                emit(binding)
            }
        case .detour(let detour) where detour.isExact:
            guard let binding = bindings.first, binding.name == detour.question, !binding.value.isException else {
                tryNext(detour, afterFailure: false)
                return
            }
            columns[detour.column].position = binding.name
            emit(binding)
            endDetour(detour)
        case .normal, .careful, .detour:
            if take(bindings) {
                advanced(bindings.count)
            } else {
                verdict.failedRequests += 1
                if !bindings.isEmpty { verdict.deviations.insert(.unorderedNames) }
                noProgress(bindings.isEmpty ? .emptyResponses : nil)
            }
        }
    }

    private mutating func advanced(_ bindingCount: Int) {
        silences = 0
        switch mode {
        case .normal:
            if usesBulk { tuner.succeeded(full: bindingCount >= askedRepetitions * asked.count) }
        case .careful:
            // GETNEXT works where the smallest GETBULK never did.
            if usesBulk, tuner.proven == 0 { usesBulk = false }
            mode = .normal
        case .detour(let detour): endDetour(detour)
        case .exactRoot: break
        }
    }

    private mutating func noProgress(_ cause: PartialCause?) {
        switch mode {
        case .normal where usesBulk || asked.count > 1: mode = .careful(column: asked[0])
        case .normal: beginDetour(asked[0], cause)
        case .careful(let column): beginDetour(column, cause)
        case .detour(let detour): tryNext(detour, afterFailure: false)
        case .exactRoot: break
        }
    }

    /// Takes the rows out of an answer; whether any column got further or came to its end.
    private mutating func take(_ bindings: [VarBind]) -> Bool {
        let firstRow = rows.count
        let before = asked.count > 1 ? columns : []
        let nameBefore = lastName
        var progressed = false
        var isOrdered = true
        for (place, column) in asked.enumerated() {
            let places = stride(from: place, to: bindings.count, by: asked.count)
            if take(places.lazy.map { bindings[$0] }, column, &isOrdered) { progressed = true }
        }
        if !isOrdered {
            verdict.deviations.insert(.unorderedNames)
            if asked.count > 1 {
                // Names may stand in the places of other columns, so nothing here shows how far each of them is.
                rows.removeSubrange(firstRow...)
                columns = before
                lastName = nameBefore
                columnLimit = 1
                verdict.failedRequests += 1
                return true
            }
            sortRows(from: firstRow)
        }
        verdict.rows += rows.count - firstRow
        return progressed
    }

    /// Takes the bindings in the places of a column; whether it got further or came to its end.
    private mutating func take(
        _ bindings: some Sequence<VarBind>, _ column: Int, _ isOrdered: inout Bool
    ) -> Bool {
        let before = columns[column].position
        let root = columns[column].root
        var greatest = before
        var reachedEnd = false
        for binding in bindings {
            if binding.value.isException, binding.value == .endOfMibView || binding.name <= before {
                reachedEnd = true
            } else if binding.name > before, binding.name.starts(with: root) {
                // A row behind the end: some agents swap names inside one response.
                if reachedEnd || (binding.name <= greatest && greatest != before) { isOrdered = false }
                if binding.name > greatest { greatest = binding.name }
                if !binding.value.isException { rows.append(binding) }
            } else if binding.name > before {
                reachedEnd = true
            } else {
                // An agent that jumps back.
                isOrdered = false
            }
        }
        if reachedEnd { columns[column].isDone = true }
        return advance(column, to: greatest) || reachedEnd
    }

    private mutating func advance(_ column: Int, to name: ObjectIdentifier) -> Bool {
        guard name > columns[column].position else { return false }
        columns[column].position = name
        columns[column].hasRows = true
        lastName = name
        return true
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
