// Layer: OrielCommand/Output. Uses: SNMPEngine (WalkVerdict), SNMPNames. Used by: WalkCommand, TableCommand.
// How a walk ended: in words, as JSON and as exit status.

import JSON
import SNMPCodec
import SNMPEngine
import SNMPNames

extension WalkVerdict {
    /// The outcome in one word, for JSON.
    var keyword: String {
        switch outcome {
        case .complete: "complete"
        case .skippedRows: "skippedRows"
        case .loop: "loop"
        case .partial: "partial"
        }
    }

    /// The exit status: without any row the reason itself, else complete or not.
    var status: ExitStatus {
        guard case .partial(let cause, _) = outcome else { return isComplete ? .success : .incomplete }
        guard rows == 0 else { return .incomplete }
        switch cause {
        case .noAnswer(let failure):
            let status = CommandError.status(of: failure)
            return status == .interrupted ? .incomplete : status
        case .agentError: return .refused
        case .emptyResponses, .rowLimit, .cancelled: return .incomplete
        }
    }

    /// The verdict in a sentence, with the names as people write them.
    func text(_ printer: BindingPrinter) -> String {
        var text =
            switch outcome {
            case .complete: "complete"
            case .skippedRows(let after):
                "rows may be missing: the agent failed after \(after.map(printer.name).joined(separator: ", "))"
            case .loop(let name): "stopped: the agent goes round in circles; the last new name is \(printer.name(name))"
            case .partial(.cancelled, let last): "interrupted" + Self.position(last, printer)
            case .partial(let cause, let last): "not complete: \(cause)" + Self.position(last, printer)
            }
        text += " (\(rows) row\(rows == 1 ? "" : "s"), \(requests) request\(requests == 1 ? "" : "s")"
        if failedRequests > 0 { text += ", \(failedRequests) of them failed" }
        text += ")"
        if !deviations.isEmpty { text += "; tolerated: \(deviations.labels.joined(separator: ", "))" }
        return text
    }

    private static func position(_ last: ObjectIdentifier?, _ printer: BindingPrinter) -> String {
        last.map { "; the last name received is \(printer.name($0))" } ?? ""
    }

    /// The verdict as the last line of JSON output.
    func json(root: ObjectIdentifier) -> JSONObject {
        let names = NameTable.standard
        var object = JSONObject()
        object.add("verdict", keyword)
        object.add("root", names.format(root))
        switch outcome {
        case .complete: break
        case .skippedRows(let after): object.add("after", .array(after.map { .string(names.format($0)) }))
        case .loop(let name): object.add("last", names.format(name))
        case .partial(let cause, let last):
            object.add("cause", cause.description)
            object.add("last", last.map { names.format($0) })
        }
        object.add("rows", rows)
        object.add("requests", requests)
        object.add("failedRequests", failedRequests)
        if !deviations.isEmpty { object.add("tolerated", .array(deviations.labels.map { .string($0) })) }
        return object
    }
}
