// Layer: OrielCommand/Commands. Uses: HostService, EngineState. Used by: Oriel.

import JSON
import SNMP
import SNMPCodec
import Station

extension Command {
    static let agent = Command(
        "agent", "offers this machine through SNMP",
        usage: ["[options]"],
        explanation: [
            "Offers the system, its interfaces, IP, TCP, UDP, storage, devices, processes, memory, load and disks to"
                + " managers until Control-C. Without --listen only this machine itself can ask, at udp:127.0.0.1:161;"
                + " without -c and -u the community is \"public\".",
            "All may be read, and with --writable contact, name and location be set until the agent ends. A user must"
                + " sign and encrypt if there are passwords for that.",
            OptionGroup.secretsNote,
        ],
        options: [
            OptionGroup(
                title: "Where",
                options: [
                    Option(
                        nil, "--listen", "ADDRESS",
                        "a port, an address, or both, with udp:, udp6:, tcp: or tcp6: in front if it is not udp:;"
                            + " several times if needed"
                    ) { settings, text in settings.listen.append(text) },
                    Option(
                        "-e", "--engine-id", "ENGINEID", "the agent's engine ID; without it one made at first use"
                    ) { settings, text throws(UsageError) in
                        settings.session.engineID = try OptionGroup.engineID(text)
                    },
                ]),
            OptionGroup(
                title: "Who may ask",
                options: [
                    Option("-c", "--community", "COMMUNITY", "a community, several times if needed") { settings, text in
                        settings.communities.append(Secret(argument: text))
                    },
                    users,
                ] + OptionGroup.keys + [
                    Option(flag: nil, "--writable", "allow SET") { settings in settings.isWritable = true }
                ]),
            OptionGroup(title: "Output", options: [OptionGroup.json]),
        ],
        examples: [
            "oriel agent --listen 127.0.0.1:1161", "oriel agent -c @community --listen 161 --listen udp6:161",
            "oriel agent -u monitor,SHA-256,@auth.key,AES,@priv.key --listen 161 --listen tcp:161",
        ]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 0)
        return try await invocation.serve()
    }
}

extension Invocation {
    fileprivate func serve() async throws(CommandError) -> ExitStatus {
        let users = try users()
        var communities: [[UInt8]] = []
        for community in settings.communities { communities.append(try community.resolved().octets) }
        if communities.isEmpty, users.isEmpty { communities = [Array("public".utf8)] }
        let endpoints = try endpoints(settings.listen.isEmpty ? ["127.0.0.1"] : settings.listen, defaultPort: 161)
        let engine = try EngineState.start("agent", engineID: settings.session.engineID, console)
        let service = try startAgent(
            HostService.Settings(
                engineID: engine.engineID, engineBoots: engine.boots, communities: communities, users: users,
                isWritable: settings.isWritable),
            endpoints, another: "oriel agent --listen 127.0.0.1:1161")
        defer { service.close() }
        for endpoint in service.endpoints {
            guard settings.display.isJSON else {
                try console.writeLine("listening on \(endpoint.text)")
                continue
            }
            var object = JSONObject()
            object.add("listening", endpoint.text)
            object.add("engineID", engine.engineID.description)
            object.add("engineBoots", Int(engine.boots))
            try console.writeLine(object.text)
        }
        try console.flushOutput()
        // Until the task is cancelled.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        return .success
    }
}
