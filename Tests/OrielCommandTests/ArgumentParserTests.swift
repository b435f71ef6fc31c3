import SNMPCodec
import SNMPNames
import Testing

@testable import OrielCommand

@Suite struct ArgumentParserTests {
    private func parse(_ arguments: [String], for command: Command = .walk) throws -> (Settings, [String]) {
        var settings = Settings()
        let operands = try ArgumentParser(command.options).parse(arguments, into: &settings)
        return (settings, operands)
    }

    private func message(_ arguments: [String], for command: Command = .walk) -> String? {
        var settings = Settings()
        do throws(UsageError) {
            _ = try ArgumentParser(command.options).parse(arguments, into: &settings)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ["-v2c", "host"], ["-v", "2c", "host"], ["--snmp", "2c", "host"], ["--snmp=2c", "host"], ["host", "-v2c"],
        ["-v2", "--", "host"],
    ])
    func takesAllFormsOfAnArgument(arguments: [String]) throws {
        let (settings, operands) = try parse(arguments)
        #expect(settings.session.version == .v2c)
        #expect(operands == ["host"])
    }

    @Test(arguments: [["-Cr20"], ["-Cr", "20"], ["--max-repetitions=20"]])
    func prefersTheLongestShortForm(arguments: [String]) throws {
        #expect(try parse(arguments).0.maxRepetitions == 20)
    }

    @Test func leavesOperandsAlone() throws {
        #expect(try parse(["a", "-5", "-", "-.5", "--", "-v", "--json"]).1 == ["a", "-5", "-", "-.5", "-v", "--json"])
    }

    @Test(arguments: [
        ("--timeuot", "did you mean --timeout?"), ("--communty", "did you mean --community?"), ("-y", "put -- before"),
        ("-ysecret", "unknown option -y;"), ("-c", "-c needs an argument: -c COMMUNITY"),
        ("--json=1", "--json takes no argument"), ("-v9", "-v: there is no version \"9\"; take 1, 2c or 3"),
        ("-t0", "-t: takes a number of seconds"), ("-r11", "-r: takes a number from 0 to 10"),
        ("-aSHA3", "-a: unknown protocol \"SHA3\""), ("-lauth", "-l: there is no level \"auth\""),
        ("-Ox9", "-O: no output option \"9\""), ("-exyz", "-e: an engine ID has"),
    ])
    func namesWhatIsWrong(argument: String, expected: String) {
        #expect(message([argument])?.contains(expected) == true, "\(message([argument]) ?? "accepted")")
    }

    @Test func readsOutputLetters() throws {
        let (settings, _) = try parse(["-On", "-Oqv", "--output", "et"])
        #expect(settings.display.style == .numeric)
        #expect(settings.display.isQuick && !settings.display.hasEquals && settings.display.valuesOnly)
        #expect(settings.display.numbersForLabels && settings.display.plainTicks)
    }

    /// An option that two rows claim could only ever do what the first one says.
    @Test(arguments: Oriel.commands.map(\.name))
    func optionsAreUnique(name: String) throws {
        let command = try #require(Oriel.commands.first { $0.name == name })
        let options = command.options.flatMap(\.options)
        let forms = options.map(\.long) + options.compactMap(\.short)
        #expect(Set(forms).count == forms.count)
        // An attached argument must not turn one option into another.
        for option in options where option.placeholder == nil {
            for other in options.compactMap(\.short) where other != option.short {
                #expect(option.short.map { !other.hasPrefix($0) } ?? true, "\(other)")
            }
        }
    }
}

@Suite struct DispatchTests {
    @Test func helpComesInAllWays() async {
        let texts = [
            await oriel(["help", "walk"]), await oriel(["walk", "--help"]), await oriel(["walk", "-h"]),
            await oriel(["walk", "host", "--help"]),
        ]
        #expect(texts.allSatisfy { $0.status == 0 && $0.errors.isEmpty && $0.output == HelpText.text(of: .walk) })
        #expect(await oriel(["--help"]).output == HelpText.overview(Oriel.commands))
    }

    @Test func nothingIsAUsageError() async {
        let result = await oriel([])
        #expect(result.status == 2 && result.output.isEmpty && result.errors == HelpText.overview(Oriel.commands))
    }

    @Test(arguments: [
        (["wlak"], "unknown command wlak; did you mean walk?"), (["get"], "get: HOST is missing"),
        (["get", "127.0.0.1"], "NAME is missing"), (["get", "127.0.0.1", "sysDecsr.0"], "did you mean"),
        (["get", "-v3", "127.0.0.1", "sysDescr.0"], "SNMPv3 needs a user: -u USER"),
        (["get", "-v2c", "-u", "x", "127.0.0.1", "sysDescr.0"], "-u names an SNMPv3 user"),
        (["get", "-u", "x", "-X", "12345678", "127.0.0.1", "sysDescr.0"], "-X needs a password too: -A PASSWORD"),
        (["get", "-u", "x", "-A", "short", "127.0.0.1", "sysDescr.0"], "at least 8 octets"),
        (["get", "-u", "x", "-l", "authPriv", "-A", "12345678", "127.0.0.1", "sysDescr.0"], "-l authPriv needs"),
        (["get", "[::1", "sysDescr.0"], "brackets don't match"),
        (["bulk", "-v1", "127.0.0.1", "sysDescr"], "SNMPv1 has no GETBULK"),
        (["inform", "-v1", "127.0.0.1", "", "coldStart"], "SNMPv1 has no informs"),
        (["set", "127.0.0.1", "sysName.0", "s"], "VALUE is missing"),
        (["set", "127.0.0.1", "ifAdminStatus.1", "=", "dwn"], "not one of up down testing"),
        (["set", "127.0.0.1", "sysName.0", "q", "1"], "there is no type \"q\""),
        (["trap", "-v1", "127.0.0.1", "", "1.2.3", "6", "1", ""], "\"1.2.3\" is not an IPv4 address"),
        (["trap", "127.0.0.1", "soon", "coldStart"], "UPTIME is a number"),
        (["table", "127.0.0.1", "sysDescr"], "SNMPv2-MIB::sysDescr is no table"),
        (["table", "127.0.0.1", "ifTable", "ifName"], "ifName is no column of IF-MIB::ifEntry"),
        (["agent", "x"], "there is an operand too many: x"),
        (["listen", "-u", "a,b", "0"], "--user takes NAME"),
    ])
    func explainsWrongUse(arguments: [String], expected: String) async {
        let result = await oriel(arguments)
        #expect(result.status == 2, "\(result)")
        #expect(result.errors.contains(expected), "\(result)")
        #expect(result.output.isEmpty)
    }

    @Test func unknownHostIsALocalFailure() async {
        let result = await oriel(["get", "no-such-host.invalid", "sysDescr.0"])
        #expect(result.status == 5, "\(result)")
        #expect(result.errors.contains("cannot resolve \"no-such-host.invalid\""))
    }

    @Test func failuresAreJSONToo() async throws {
        let result = await oriel(["get", "--json", "-v3", "127.0.0.1", "sysDescr.0"])
        let object = try #require(result.objects.first)
        #expect(object["error"] as? String == "usage")
        #expect((object["message"] as? String)?.contains("-u USER") == true)
    }

    @Test func namesTranslate() async throws {
        let result = await oriel(["names", "ifOperStatus", "1.3.6.1.2.1.1.3.0", "linkDown"])
        #expect(result.status == 0)
        #expect(result.lines.first == "IF-MIB::ifOperStatus = 1.3.6.1.2.1.2.2.1.8")
        #expect(result.output.contains("up(1) down(2)"))
        #expect(result.output.contains("SNMPv2-MIB::sysUpTime.0 = 1.3.6.1.2.1.1.3.0\n    scalar; TimeTicks"))
        #expect(result.output.contains("notification with ifIndex, ifAdminStatus, ifOperStatus"))
        let objects = await oriel(["names", "--json", "ifOperStatus"]).objects
        #expect((objects.first?["labels"] as? [String: Int])?["up"] == 1)
        #expect(await oriel(["names"]).lines.count == NameTable.standard.count)
        let found = await oriel(["names", "*HCInOct*"])
        #expect(found.lines.contains("IF-MIB::ifHCInOctets 1.3.6.1.2.1.31.1.1.1.6"))
        #expect(await oriel(["names", "*no such text*"]).status == 1)
    }
}
