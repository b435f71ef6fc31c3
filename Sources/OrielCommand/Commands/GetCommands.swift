// Layer: OrielCommand/Commands. Uses: Session, BindingPrinter. Used by: Oriel.
// get, next and bulk: one request, its bindings printed.

import SNMP
import SNMPCodec

extension Command {
    static let get = Command(
        "get", "reads the values of objects",
        usage: ["[options] HOST NAME..."],
        explanation: [
            "Prints each object with its value. Long lists are sent in parts of what the device takes.",
            namesNote, OptionGroup.hostNote, OptionGroup.secretsNote,
            "The exit status is 1 if the agent does not have all objects.",
        ],
        options: [.security, .timing, .display, OptionGroup(title: "Other", options: [OptionGroup.profile])],
        examples: [
            "oriel get 192.0.2.1 sysDescr.0 sysUpTime.0",
            "oriel get -u admin -a SHA-256 -A @auth.key -x AES -X @priv.key router.example IF-MIB::ifHCInOctets.3",
            "oriel get --json tcp:192.0.2.1 1.3.6.1.2.1.1.5.0",
        ]
    ) { invocation throws(CommandError) in
        let names = try invocation.identifiers(from: 1)
        return try await invocation.exchange { target throws(SNMPError) in try await target.get(names) }
    }

    static let next = Command(
        "next", "reads the objects that follow names",
        usage: ["[options] HOST NAME..."],
        explanation: [
            "Prints for each name the object that comes after it in the device (GETNEXT).",
            namesNote, OptionGroup.hostNote, OptionGroup.secretsNote,
            "The exit status is 1 if nothing follows one of the names.",
        ],
        options: [.security, .timing, .display, OptionGroup(title: "Other", options: [OptionGroup.profile])],
        examples: ["oriel next 192.0.2.1 sysDescr", "oriel next -v1 -c private 192.0.2.1 ifDescr.2 ifType.2"]
    ) { invocation throws(CommandError) in
        let names = try invocation.identifiers(from: 1)
        return try await invocation.exchange { target throws(SNMPError) in try await target.getNext(names) }
    }

    static let bulk = Command(
        "bulk", "reads many objects that follow names, with one request",
        usage: ["[options] HOST NAME..."],
        explanation: [
            "Sends one GETBULK and prints what came. The device may return less than was asked for. To read all that"
                + " there is below a name, use walk.",
            namesNote, OptionGroup.hostNote, OptionGroup.secretsNote,
        ],
        options: [
            .security, .timing,
            OptionGroup(
                title: "GETBULK",
                options: [
                    maxRepetitions("how many successors of each name to ask for; without it 10"),
                    Option("-Cn", "--non-repeaters", "NUMBER", "how many names at the front are asked for once only") {
                        settings, text throws(UsageError) in
                        settings.nonRepeaters = try OptionGroup.number(text, 0...Int(Int32.max))
                    },
                ]),
            .display, OptionGroup(title: "Other", options: [OptionGroup.profile]),
        ],
        examples: [
            "oriel bulk -Cr20 192.0.2.1 ifDescr",
            "oriel bulk -Cn1 -Cr5 192.0.2.1 sysUpTime ifInOctets ifOutOctets",
        ]
    ) { invocation throws(CommandError) in
        let names = try invocation.identifiers(from: 1)
        let settings = invocation.settings
        guard settings.session.effectiveVersion != .v1 else {
            throw CommandError(.usage, "SNMPv1 has no GETBULK; take -v 2c, or oriel next")
        }
        return try await invocation.exchange { target throws(SNMPError) in
            try await target.getBulk(
                names, nonRepeaters: settings.nonRepeaters, maxRepetitions: settings.maxRepetitions ?? 10)
        }
    }

    static let namesNote =
        "NAME is numeric (1.3.6.1.2.1.1.1.0) or one of the built-in names, with or without its module: sysDescr.0,"
        + " IF-MIB::ifDescr.3. oriel names lists them."

    static func maxRepetitions(_ help: String) -> Option {
        Option("-Cr", "--max-repetitions", "NUMBER", help) { settings, text throws(UsageError) in
            settings.maxRepetitions = try OptionGroup.number(text, 1...Int(Int32.max))
        }
    }
}

extension Invocation {
    /// Asks the device that the first operand names, and prints the bindings of the answer.
    func exchange(
        _ operation: (SNMPTarget) async throws(SNMPError) -> [VarBind]
    ) async throws(CommandError) -> ExitStatus {
        let bindings = try await withSession(operands[0]) { session throws(CommandError) in
            try await session.perform(operation)
        }
        let printer = BindingPrinter(settings.display)
        for binding in bindings { try console.writeLine(printer.line(binding)) }
        return bindings.contains { $0.value.isException } ? .incomplete : .success
    }
}
