// Layer: StationTests. Uses: Station (DeviceSpec). Used by: nothing.

import JSON
import StationStore
import Testing

@testable import Station

@Suite struct DeviceSpecTests {
    @Test func readsAFileOfDevices() throws {
        let specs = try DeviceSpec.list(
            """
            {"devices": [
              {"host": "192.0.2.1"},
              {"host": "switch.example", "name": "core", "version": "1", "community": "private", "interval": 10},
              {"host": "udp6:[::1]:1161", "interval": 2.5, "user": {"name": "monitor", "auth": "SHA-256",
               "authPassword": "authentication", "priv": "AES", "privPassword": "encryption", "context": "vrf"}}]}
            """)
        #expect(specs.count == 3)
        #expect(specs[0] == DeviceSpec(host: "192.0.2.1", security: .v2c(community: Array("public".utf8))))
        #expect(specs[0].effectiveName == "192.0.2.1" && specs[0].intervalMilliseconds == 60_000)
        #expect(specs[1].effectiveName == "core" && specs[1].intervalMilliseconds == 10_000)
        #expect(specs[1].security == .v1(community: Array("private".utf8)))
        #expect(specs[2].intervalMilliseconds == 2_500)
        let user = try #require(specs[2].security.user)
        #expect(user.contextName == "vrf" && user.authentication?.protocolName == "SHA-256")
    }

    @Test func anArrayWillDo() throws {
        #expect(try DeviceSpec.list(#"[{"host": "a"}, {"host": "b"}]"#).map(\.host) == ["a", "b"])
    }

    @Test(arguments: [
        ("{", "line 1"), (#"{"devices": 5}"#, "line 1"), ("[{\n\"name\": \"a\"}]", "\"host\""),
        ("[{\"host\": \"a\",\n\"colour\": 1}]", "line 2"), (#"[{"host": 5}]"#, "string"),
        (#"[{"host": "a", "interval": 0.5}]"#, "interval"), (#"[{"host": "a", "interval": "1"}]"#, "interval"),
        (#"[{"host": "a", "version": "4"}]"#, "4"), (#"[{"host": "a", "version": "3"}]"#, "user"),
        (#"[{"host": "a", "community": "x", "user": {"name": "u"}}]"#, "not both"),
        (#"[{"host": "a", "user": {"name": "u", "auth": "SHA"}}]"#, "authPassword"),
        (#"[{"host": "a", "user": {"name": "u", "auth": "ROT13", "authPassword": "12345678"}}]"#, "ROT13"),
        (#"[{"host": "a", "user": {"name": "u", "authPassword": "short"}}]"#, "8 octets"),
        (#"[{"host": "a", "user": {"name": "u", "privPassword": "12345678"}}]"#, "authentication"),
    ])
    func saysWhatIsWrong(text: String, expected: String) {
        let error = #expect(throws: StationError.self) { try DeviceSpec.list(text) }
        #expect(error?.description.contains(expected) == true, "\(text): \(error?.description ?? "")")
    }

    @Test func errorsShowNoSecrets() {
        let text = #"[{"host": "a", "user": {"name": "u", "auth": "SHA", "authPassword": "hidden1"}}]"#
        let error = #expect(throws: StationError.self) { try DeviceSpec.list(text) }
        #expect(error?.description.contains("hidden1") == false)
        #expect(!"\(DeviceSpec(host: "a", security: .v2c(community: Array("hidden".utf8))))".contains("hidden"))
    }

    @Test func goesThroughJSONUnchanged() throws {
        let specs = [
            DeviceSpec(name: "a \"b\"", host: "tcp:192.0.2.1", security: .v1(community: Array("c".utf8))),
            DeviceSpec(
                host: "b",
                security: .v3(
                    DeviceUser(
                        name: "u", authentication: .init(protocolName: "SHA", password: Array("12345678".utf8)),
                        privacy: .init(protocolName: "AES", password: Array("87654321".utf8)), contextName: "x")),
                intervalMilliseconds: 1_500),
        ]
        let text = JSONValue.array(specs.map { .object($0.json) }).text
        #expect(try DeviceSpec.list(text) == specs)
    }
}
