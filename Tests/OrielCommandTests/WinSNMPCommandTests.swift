import Foundation
import Testing

@testable import OrielCommand

/// A secret that must never appear in any output.
private let hidden = "h1dden-s3cret"

@Suite struct WinSNMPCommandTests {
    private let scratch: Scratch
    private let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path + "/etc/winsnmp.json"
    }

    private func winsnmp(_ arguments: String...) async -> CommandResult {
        await oriel(["winsnmp"] + arguments + ["--database", path])
    }

    @Test func entitiesComeAndGo() async throws {
        let added = await winsnmp(
            "entity", "add", "core", "192.0.2.1:1161", "-v", "3", "-t", "2.5", "-r0", "--trap-port", "1162",
            "--context", "monitor", "-e", "80001f880472696773656e64", "--message-size", "1472")
        #expect(added.status == 0 && added.output == "added entity core\n", "\(added)")
        #expect(added.errors.contains("there is no context \"monitor\" yet"), "\(added)")
        let plain = await winsnmp("entity", "add", "access", "tcp:[2001:db8::1]")
        #expect(plain.status == 0 && plain.errors.isEmpty, "\(plain)")
        let list = await winsnmp("entity", "list")
        #expect(
            list.lines == [
                "NAME    ADDRESS      TRANSPORT  PORT  TRAP PORT  VERSION  TIMEOUT  RETRIES  CONTEXT",
                "access  2001:db8::1  tcp         161        162  2c",
                "core    192.0.2.1    udp        1161       1162  3        2.5 s          0  monitor",
            ], "\(list)")
        let json = await winsnmp("entity", "list", "core", "--json")
        #expect(json.objects.count == 1)
        let core = try #require(json.objects.first)
        #expect(core["address"] as? String == "192.0.2.1" && core["requestPort"] as? Int == 1161)
        #expect(core["version"] as? String == "3" && core["timeoutCentiseconds"] as? Int == 250)
        #expect(core["engineID"] as? String == "0x80001f880472696773656e64" && core["retries"] as? Int == 0)
        #expect(await winsnmp("entity", "add", "core", "192.0.2.9", "--port", "9").output == "replaced entity core\n")
        #expect(
            await winsnmp("entity", "remove", "core", "access").lines == [
                "removed entity core", "removed entity access",
            ])
        let empty = await winsnmp("entity", "list")
        #expect(empty.status == 0 && empty.output.isEmpty && empty.errors.contains("there are no entities in \(path)"))
    }

    @Test func contextsComeAndGoWithoutTheirSecrets() async throws {
        let file = try scratch.file("auth", hidden + "\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        var results = [
            await winsnmp("context", "add", "readers", "--community", "public"),
            await winsnmp("context", "add", "writers", "--community", hidden),
            await winsnmp("context", "add", "env", "--community-env", "WRITERS"),
            await winsnmp(
                "context", "add", "mon", "--user", "u", "--auth", "SHA-256", "--auth-password-file", file, "--priv",
                "AES-256-C", "--priv-password-env", "PRIV", "--level", "authNoPriv", "-n", "vlan-7", "-E",
                "8000000001020304"),
        ]
        #expect(results.allSatisfy { $0.status == 0 && $0.errors.isEmpty }, "\(results)")
        let list = await winsnmp("context", "list")
        #expect(
            list.lines == [
                "NAME     USER  LEVEL       AUTH     PRIV            CONTEXT NAME  SECRETS",
                "env                                                               variable WRITERS",
                "mon      u     authNoPriv  SHA-256  AES-256 reeder  vlan-7        file \(file), variable PRIV",
                "readers                                                           \"public\"",
                "writers                                                           <literal>",
            ], "\(list)")
        let json = await winsnmp("context", "list", "--json")
        let objects = json.objects
        #expect(objects.map { $0["name"] as? String } == ["env", "mon", "readers", "writers"])
        #expect((objects[0]["community"] as? [String: Any])?["environment"] as? String == "WRITERS")
        #expect(objects[1]["level"] as? String == "authNoPriv" && objects[1]["keyExtension"] as? String == "reeder")
        #expect((objects[1]["authPassword"] as? [String: Any])?["file"] as? String == file)
        #expect((objects[2]["community"] as? [String: Any])?["literal"] as? String == "public")
        #expect((objects[3]["community"] as? [String: Any])?["literal"] is NSNull)
        results += [list, json, await winsnmp("context", "remove", "writers", "--json")]
        #expect(results.last?.objects.first?["change"] as? String == "removed")
        #expect(!results.map(\.description).joined().contains(hidden))
        #expect(try !String(contentsOfFile: path, encoding: .utf8).contains(hidden))
    }

    @Test func filesThatCannotBeReadAreNews() async throws {
        let open = try scratch.file("open", hidden)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
        for file in [open, scratch.path + "/missing"] {
            let result = await winsnmp("context", "add", "c", "--community-file", file)
            #expect(result.status == 0 && result.errors.contains("WinSNMP will not be able to use this context: "))
            #expect(result.errors.contains(file) && !result.errors.contains(hidden), "\(result)")
        }
    }

    @Test(arguments: [
        [], ["entity"], ["entities", "list"], ["entity", "show"], ["entity", "add"], ["entity", "add", "a"],
        ["entity", "add", "a", "192.0.2.1", "b"], ["entity", "add", "", "192.0.2.1"],
        ["entity", "add", "a", "300.1.1.1"],
        ["entity", "add", "a", "192.0.2.1:0"], ["entity", "add", "a", "udp6:host"], ["entity", "add", "a", "a b"],
        ["entity", "add", "a", "192.0.2.1", "--port", "0"], ["entity", "add", "a", "192.0.2.1", "--version", "4"],
        ["entity", "add", "a", "192.0.2.1", "--timeout", "0"], ["entity", "add", "a", "192.0.2.1", "--retries", "-1"],
        ["entity", "add", "a", "192.0.2.1", "--timeout", "nan"], ["entity", "add", "a", "192.0.2.1", "--user", "u"],
        ["entity", "add", "a", "192.0.2.1", "--engine-id", "80"], ["entity", "list", "--port", "5"],
        ["entity", "remove"], ["context", "remove", "--community", "x", "a"], ["context", "add", "a"],
        ["context", "add", "a", "b", "--community", "x"], ["context", "add", "a", "--community", ""],
        ["context", "add", "a", "--community", "x", "--user", "u"],
        ["context", "add", "a", "--community", "x", "-l", "authPriv"],
        ["context", "add", "a", "--community", "x", "--community-env", "Y"],
        ["context", "add", "a", "--community-env", "1"],
        ["context", "add", "a", "--community-file", "relative"], ["context", "add", "a", "--user", ""],
        ["context", "add", "a", "--user", "u", "--auth", "SHA"],
        ["context", "add", "a", "--user", "u", "--priv", "AES"],
        ["context", "add", "a", "--user", "u", "--priv-password-env", "P"],
        ["context", "add", "a", "--user", "u", "--level", "authNoPriv"],
        ["context", "add", "a", "--user", "u", "--auth-password", hidden], ["context", "add", "a", "--port", "1"],
    ])
    func wrongArgumentsAreStatusTwo(arguments: [String]) async {
        let result = await oriel(["winsnmp"] + arguments + ["--database", path])
        #expect(result.status == 2 && result.errors.hasPrefix("oriel: winsnmp: "), "\(arguments): \(result)")
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!result.errors.contains(hidden))
    }

    @Test func unknownNamesAreStatusOne() async throws {
        _ = await winsnmp("entity", "add", "core-switch", "192.0.2.1")
        for action in ["list", "remove"] {
            let result = await winsnmp("entity", action, "core-swich")
            #expect(result.status == 1 && result.errors.contains("did you mean core-switch?"), "\(result)")
            #expect(await winsnmp("context", action, "x").status == 1)
        }
    }

    @Test func damagedDatabasesAreStatusFive() async throws {
        let file = try scratch.file("bad.json", "{\"entities\": [\n{\"name\": 5}]}")
        let result = await oriel(["winsnmp", "entity", "list", "--json", "--database", file])
        #expect(result.status == 5 && result.errors.contains("\(file), line 2, entities[0].name"), "\(result)")
        #expect(result.objects.last?["error"] as? String == "localFailure")
    }

    @Test func theEnvironmentNamesTheDatabase() async throws {
        let arguments = ["winsnmp", "entity", "add", "a", "192.0.2.1"]
        for (environment, file) in [
            (["WINSNMP_DATABASE": scratch.path + "/1.json", "HOME": "/nonexistent"], "/1.json"),
            (["WINSNMP_DATABASE": scratch.path + "/d", "HOME": "/nonexistent"], "/d/winsnmp.edb"),
            (["XDG_CONFIG_HOME": scratch.path + "/x"], "/x/oriel/winsnmp/winsnmp.edb"),
            (["HOME": scratch.path], "/.config/oriel/winsnmp/winsnmp.edb"),
        ] {
            let result = await oriel(arguments, environment: environment)
            #expect(result.status == 0, "\(result)")
            #expect(FileManager.default.fileExists(atPath: scratch.path + file), "\(file)")
        }
        #expect(await oriel(arguments).status == 5)
    }

    @Test func theFileOfBeforeIsTakenOver() async throws {
        let environment = ["HOME": scratch.path]
        let old = scratch.path + "/.config/oriel/winsnmp.json"
        _ = await oriel(["winsnmp", "entity", "add", "old", "192.0.2.1", "--database", old])
        #expect(await oriel(["winsnmp", "entity", "list"], environment: environment).output.contains("old"))
        #expect(FileManager.default.fileExists(atPath: old))
        #expect(await oriel(["winsnmp", "entity", "add", "new", "192.0.2.1"], environment: environment).status == 0)
        let list = await oriel(["winsnmp", "entity", "list"], environment: environment)
        #expect(list.output.contains("old") && list.output.contains("new"), "\(list)")
        #expect(FileManager.default.fileExists(atPath: old + ".imported"))
        #expect(!FileManager.default.fileExists(atPath: old))
    }

    @Test func entriesGoThroughATextAndBack() async throws {
        let directory = scratch.path + "/d"
        _ = await winsnmp("entity", "add", "core", "192.0.2.1", "--context", "mon")
        _ = await winsnmp("context", "add", "mon", "--community", hidden)
        let text = scratch.path + "/out.json"
        let exported = await winsnmp("export", text)
        #expect(exported.status == 0 && exported.output == "exported 1 entity and 1 context\n", "\(exported)")
        let attributes = try FileManager.default.attributesOfItem(atPath: text)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let imported = await oriel(["winsnmp", "import", text, "--database", directory])
        #expect(imported.status == 0 && imported.output == "imported 1 entity and 1 context\n", "\(imported)")
        let again = await oriel(["winsnmp", "import", text, "--database", directory, "--json"])
        #expect(again.objects.first?["replaced"] as? Int == 2, "\(again)")
        let out = scratch.path + "/again.json"
        #expect(await oriel(["winsnmp", "export", out, "--database", directory]).status == 0)
        #expect(try String(contentsOfFile: out, encoding: .utf8) == String(contentsOfFile: text, encoding: .utf8))
        // What is there is not written over, and nothing is printed.
        let refused = await winsnmp("export", text)
        #expect(refused.status == 2)
        #expect(!"\(exported)\(imported)\(again)\(refused)".contains(hidden))
        for arguments in [
            ["import"], ["import", "a", "b"], ["export"], ["import", text, "--port", "5"], ["list", "a"],
        ] {
            #expect(await oriel(["winsnmp"] + arguments + ["--database", directory]).status == 2, "\(arguments)")
        }
        #expect(await winsnmp("import", scratch.path + "/none.json").status == 5)
    }

    @Test func devicesOfTheStationAreListedAndLeftToIt() async throws {
        let environment = ["HOME": scratch.path, "ORIEL_DATA": scratch.path + "/station"]
        func run(_ arguments: String...) async -> CommandResult { await oriel(arguments, environment: environment) }
        var results: [CommandResult] = []
        for name in ["core-1", "both"] {
            results.append(await run("station", "add", "192.0.2.7:1161", "--name", name, "-c", hidden))
        }
        results.append(await run("winsnmp", "entity", "add", "both", "192.0.2.1"))
        #expect(results.allSatisfy { $0.status == 0 }, "\(results)")
        #expect(results[2].errors.contains("the station has an entity \"both\" too; yours counts"), "\(results[2])")
        let list = await run("winsnmp", "entity", "list")
        #expect(
            list.lines == [
                "NAME    ADDRESS    TRANSPORT  PORT  TRAP PORT  VERSION  TIMEOUT  RETRIES  CONTEXT  SOURCE",
                "both    192.0.2.1  udp         161        162  2c                                  own",
                "core-1  192.0.2.7  udp        1161        162  2c                         core-1   station",
            ], "\(list)")
        #expect(list.errors.contains("what is of the station is changed with oriel station"), "\(list)")
        let contexts = await run("winsnmp", "context", "list", "--json")
        #expect(contexts.objects.map { $0["source"] as? String } == ["station", "station"])
        let community = contexts.objects.first?["community"] as? [String: Any]
        #expect((community?["keyFile"] as? String)?.hasSuffix("/station/key") == true, "\(contexts)")
        let both = await run("winsnmp", "list")
        #expect(both.output.contains("ADDRESS") && both.output.contains("SECRETS"), "\(both)")
        let removed = await run("winsnmp", "entity", "remove", "core-1")
        #expect(removed.status == 1 && removed.errors.contains("change it with oriel station"), "\(removed)")
        #expect(await run("winsnmp", "entity", "remove", "both").status == 0)
        // Then the station's counts.
        #expect(await run("winsnmp", "entity", "list", "both").output.contains("station"))
        // Another database alone shows no station.
        let alone = await run("winsnmp", "entity", "list", "--database", scratch.path + "/other")
        #expect(alone.output.isEmpty && alone.status == 0)
        #expect(!"\(results)\(list)\(contexts)\(both)\(removed)".contains(hidden))
    }
}
