// Layer: OrielCommand/Commands. Uses: Session, TypedValue. Used by: Oriel.

import SNMP

extension Command {
    static let set = Command(
        "set", "changes the values of objects",
        usage: ["[options] HOST NAME TYPE VALUE [NAME TYPE VALUE]..."],
        explanation: [
            "Sets all values or none, and prints what the device then says they are. A value that begins with a hyphen"
                + " and is no number needs -- somewhere before it.",
            TypedValue.note, namesNote, OptionGroup.hostNote, OptionGroup.secretsNote,
        ],
        options: [.security, .timing, .display, OptionGroup(title: "Other", options: [OptionGroup.profile])],
        examples: [
            "oriel set -c private 192.0.2.1 sysLocation.0 s 'Room 12'",
            "oriel set -c @community 192.0.2.1 ifAdminStatus.3 = down",
        ]
    ) { invocation throws(CommandError) in
        _ = try invocation.operand(0, "HOST")
        _ = try invocation.operand(1, "NAME")
        let bindings = try invocation.bindings(from: 1)
        return try await invocation.exchange { target throws(SNMPError) in try await target.set(bindings) }
    }
}
