// Layer: OrielCommand/Commands. Uses: StationWeb (ControlAnswer), TableText. Used by: StationCommand.
// Devices as the station that runs, or its data, shows them.

import JSON
import PlatformIO
import Station
import StationWeb

extension Invocation {
    func showChanged(_ answer: ControlAnswer, _ word: String) throws(CommandError) -> ExitStatus {
        if settings.display.isJSON {
            try console.writeLine(answer.body)
            return .success
        }
        let node: JSONNode
        do throws(StationError) { node = try answer.node() } catch { throw CommandError(error) }
        for device in node["devices"]?.elements ?? [] {
            let interval = device["interval"]?.number.map { Quantity.seconds($0) } ?? ""
            let detail = word == "removed" ? "" : " every \(interval)"
            try console.writeLine(
                "\(word) \(device["name"]?.string ?? "") (\(device["address"]?.string ?? ""))\(detail)")
        }
        return .success
    }

    func devices() throws(CommandError) -> [JSONNode] {
        try get("/api/v1/devices")["devices"]?.elements ?? []
    }

    func listDevices(_ devices: [JSONNode], byTraffic: Bool) throws(CommandError) -> ExitStatus {
        for line in deviceLines(devices, byTraffic: byTraffic) { try console.writeLine(line) }
        return .success
    }

    private func deviceLines(_ devices: [JSONNode], byTraffic: Bool) -> [String] {
        var devices = devices
        if byTraffic {
            func traffic(_ node: JSONNode) -> Double { (node["in"]?.number ?? -1) + (node["out"]?.number ?? 0) }
            devices.sort { traffic($0) > traffic($1) }
        }
        if settings.display.isJSON { return devices.map { $0.compactText } }
        var table = TableText(titles: [
            "id", "name", "address", "state", "cpu", "memory", "storage", "in", "out", "interfaces", "round trip",
        ])
        for device in devices {
            func percent(_ name: String) -> TableText.Cell {
                .init(device[name]?.number.map { "\(Int($0.rounded())) %" } ?? "-", isNumber: true)
            }
            func rate(_ name: String) -> TableText.Cell {
                .init(device[name]?.number.map(Quantity.rate) ?? "-", isNumber: true)
            }
            let interfaces = device["interfaces"]
            table.add([
                .init("\(Int(device["id"]?.number ?? 0))", isNumber: true), .init(device["name"]?.string ?? ""),
                .init(device["address"]?.string ?? ""), .init(device["state"]?.string ?? ""), percent("cpu"),
                percent("memory"), percent("storage"), rate("in"), rate("out"),
                .init(
                    "\(Int(interfaces?["up"]?.number ?? 0))/\(Int(interfaces?["total"]?.number ?? 0))", isNumber: true),
                .init(
                    device["roundTrip"]?.number.map { "\(($0 * 100_000).rounded() / 100) ms" } ?? "-", isNumber: true),
            ])
        }
        return table.lines(width: console.outputWidth())
    }

    func top() async throws(CommandError) -> ExitStatus {
        let isRepeated = console.outputHeight() != nil && !settings.display.isJSON
        var rest = settings.count ?? (isRepeated ? .max : 1)
        var drawn = 0
        while !Task.isCancelled {
            let lines = deviceLines(try devices(), byTraffic: true)
            if isRepeated {
                let visible = lines.prefix(max(1, (console.outputHeight() ?? 24) - 1))
                var text = drawn > 0 ? "\u{1B}[\(drawn)A\r" : ""
                for line in visible { text += line + "\u{1B}[K\n" }
                drawn = visible.count
                do throws(IOError) { try console.write(text + "\u{1B}[J") } catch { throw CommandError(error) }
            } else {
                for line in lines { try console.writeLine(line) }
            }
            try console.flushOutput()
            rest -= 1
            if rest == 0 { break }
            try? await Task.sleep(for: .seconds(2))
        }
        return .success
    }
}

extension Quantity {
    /// `10 s`, `5 min`
    fileprivate static func seconds(_ seconds: Double) -> String {
        if seconds >= 60, seconds.truncatingRemainder(dividingBy: 60) == 0 { return "\(Int(seconds / 60)) min" }
        return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }
}
