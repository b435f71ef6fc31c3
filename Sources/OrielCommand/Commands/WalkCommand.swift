// Layer: OrielCommand/Commands. Uses: Session, Progress, VerdictText. Used by: Oriel.

import JSON
import PlatformIO
import SNMP
import SNMPCodec
import SNMPEngine

extension Command {
    static let walk = Command(
        "walk", "reads all objects below names",
        usage: ["[options] HOST [NAME...]"],
        explanation: [
            "Prints the objects as they come; without NAME those of mib-2, with . all that there are. How many rows to"
                + " ask for at once is found out along the way and may be kept with --profile.",
            "If the walk is not complete, standard error says why: the agent stopped answering, refused, went round in"
                + " circles, or failed at some rows, which were skipped. The exit status is then 1, or 3 or 4 if not"
                + " a single row came. Control-C ends the walk with what was received.",
            namesNote, OptionGroup.hostNote, OptionGroup.secretsNote,
        ],
        options: [
            .security, .timing,
            OptionGroup(
                title: "Walk",
                options: [
                    maxRepetitions("ask for at most so many rows at once; 1 walks with GETNEXT"),
                    maximumRows, OptionGroup.profile, OptionGroup.verbose,
                ]),
            .display,
        ],
        examples: [
            "oriel walk 192.0.2.1 ifTable", "oriel walk --profile devices.json -c private switch.example",
            "oriel walk --json 192.0.2.1 hrStorage | jq -c 'select(.verdict) // {name, value}'",
        ]
    ) { invocation throws(CommandError) in try await invocation.walk() }

    static let maximumRows = Option(nil, "--rows", "NUMBER", "stop after about so many rows") {
        settings, text throws(UsageError) in
        settings.maximumRows = try OptionGroup.number(text, 1...Int(Int32.max))
    }
}

extension Settings {
    /// How to walk.
    var walkOptions: WalkOptions {
        var options = WalkOptions()
        if let maxRepetitions {
            options.maximumRepetitions = maxRepetitions
            options.firstRepetitions = min(options.firstRepetitions, maxRepetitions)
        }
        if let maximumRows { options.maximumRows = maximumRows }
        return options
    }
}

extension Invocation {
    fileprivate func walk() async throws(CommandError) -> ExitStatus {
        let host = try operand(0, "HOST")
        let roots = operands.count > 1 ? try identifiers(from: 1) : [[1, 3, 6, 1, 2, 1]]
        return try await withSession(host) { session throws(CommandError) in
            var status = ExitStatus.success
            for root in roots {
                let verdict = try await walk(root, session)
                if status == .success { status = verdict.status }
                if case .partial(.cancelled, _) = verdict.outcome { break }
            }
            return status
        }
    }

    private func walk(_ root: ObjectIdentifier, _ session: Session) async throws(CommandError) -> WalkVerdict {
        let printer = BindingPrinter(settings.display)
        let progress = Progress(console, printer)
        // A reader that is gone ends the walk.
        let failure = Locked<CommandError?>(nil)
        let verdict = try await progress.during { () async throws(CommandError) -> WalkVerdict in
            await session.walk(root, settings.walkOptions) { [console] rows in
                progress.received(rows)
                do throws(CommandError) {
                    for row in rows { try console.writeLine(printer.line(row)) }
                    // On a terminal somebody is watching.
                    if console.outputWidth() != nil { try console.flushOutput() }
                    return true
                } catch {
                    failure.withLock { $0 = error }
                    return false
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        if settings.display.isJSON { try console.writeLine(verdict.json(root: root).text) }
        try console.flushOutput()
        report(verdict, root, session)
        return verdict
    }

    /// Tells on standard error how a walk ended, if the user has to know or asked for it.
    func report(_ verdict: WalkVerdict, _ root: ObjectIdentifier, _ session: Session) {
        let printer = BindingPrinter(settings.display)
        let about = "\(session.name): \(printer.name(root)): "
        if settings.isVerbose || !verdict.isComplete {
            console.note(about + verdict.text(printer))
        } else if verdict.rows == 0, !settings.display.isJSON {
            console.note(about + "there is nothing below this name")
        }
    }
}

extension Session {
    /// Walks until `onRows` says false.
    func walk(
        _ root: ObjectIdentifier, _ options: WalkOptions, onRows: @escaping @Sendable ([VarBind]) -> Bool
    ) async -> WalkVerdict {
        // A task of its own can end itself without ending the caller's.
        let task = Task { [target] in
            await target.walk([root], options: options) { rows in
                if !onRows(rows) { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
