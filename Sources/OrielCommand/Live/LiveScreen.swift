// Layer: OrielCommand/Live. Uses: LiveChange, Console. Used by: LiveCommand.
// The live view as text. On a terminal it is drawn over itself, line by line, so that nothing flickers and the last
// state stays when the program ends.

import PlatformIO
import Primitives
import SNMPNames

/// Shows readings.
final class LiveScreen {
    private let source: String
    private let console: Console
    private let isRedrawn: Bool
    /// Lines of the last picture, above the cursor.
    private var drawnLines = 0
    private var isFirst = true

    init(source: String, console: Console, isRedrawn: Bool) {
        self.source = source
        self.console = console
        self.isRedrawn = isRedrawn
    }

    /// Hides the cursor.
    func begin() throws(CommandError) { if isRedrawn { try put("\u{1B}[?25l") } }

    /// Brings the cursor back. The last picture stays.
    func end() {
        guard isRedrawn else { return }
        // If the terminal is gone, there is no cursor to bring back.
        try? put("\u{1B}[?25h")
    }

    private func put(_ text: String) throws(CommandError) {
        do throws(IOError) {
            try console.write(text)
            try console.flush()
        } catch {
            throw CommandError(error)
        }
    }

    /// Shows a change.
    func show(_ change: LiveChange) throws(CommandError) {
        let height = isRedrawn ? console.outputHeight() : nil
        let width = max(40, min(console.outputWidth() ?? 100, 120))
        let lines = picture(change, width: width, height: height)
        guard isRedrawn else {
            let block = (isFirst ? "" : "\n") + lines.joined(separator: "\n") + "\n"
            isFirst = false
            return try put(block)
        }
        var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A\r" : ""
        let visible = lines.prefix(max(1, (height ?? 24) - 1))
        for line in visible { text += Self.clipped(line, console.outputWidth() ?? width) + "\u{1B}[K\n" }
        // What is left of a longer picture.
        text += "\u{1B}[J"
        drawnLines = visible.count
        try put(text)
    }

    /// Says in place of a picture why there is none.
    func trouble(_ message: String) {
        guard isRedrawn else { return console.note(message) }
        let width = console.outputWidth() ?? 80
        // The next picture is drawn over the line.
        try? put(style(String(BindingPrinter.harmless(message).prefix(width - 1)), .bad) + "\u{1B}[K\r")
    }

    /// A line cut to the terminal's width, since one that wraps would break the next drawing. Escape sequences take
    /// no room.
    static func clipped(_ line: String, _ width: Int) -> String {
        var result = ""
        var column = 0
        var isEscape = false
        for character in line {
            if isEscape {
                isEscape = character != "m"
            } else if character == "\u{1B}" {
                isEscape = true
            } else {
                column += TableText.columns(of: String(character))
                if column > width { continue }
            }
            result.append(character)
        }
        return result
    }

    // MARK: The picture

    private enum Style: String {
        case bold = "1", dim = "2", good = "32", warning = "33", bad = "31"
    }

    private func style(_ text: String, _ style: Style) -> String {
        console.usesColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func picture(_ change: LiveChange, width: Int, height: Int?) -> [String] {
        let reading = change.reading
        let name = BindingPrinter.harmless(reading.name.isEmpty ? "device" : reading.name)
        let up = reading.upTime.map { "  up " + ValueText.duration($0).prefix { $0 != "." } } ?? ""
        let clock = LocalTime(wallSeconds: SystemClock.wallSeconds)?.text ?? ""
        var lines = [style(name, .bold) + "  \(source)\(up)  \(clock)", ""]
        let processors = change.processorPercent
        if processors != nil || !reading.load.isEmpty {
            let load = reading.load.isEmpty ? "" : "load " + reading.load.joined(separator: " ")
            lines.append(gauge("CPU", processors, BindingPrinter.harmless(load)))
        }
        for (label, space) in [("Memory", reading.memory), ("Swap", reading.swap)] {
            if let space { lines.append(gauge(label, Self.percent(space), Self.text(space))) }
        }
        var disks: [String] = []
        if !reading.disks.isEmpty {
            disks.append("")
            let label = min(24, max(8, reading.disks.map { TableText.columns(of: $0.name) }.max() ?? 8))
            for disk in reading.disks { disks.append(gauge(disk.name, Self.percent(disk), Self.text(disk), label)) }
        }
        let footer = ["", style(Self.footer(reading) + (isRedrawn ? "  Control-C ends" : ""), .dim)]
        var interfaces = self.interfaces(change, width)
        if let height {
            // Interfaces may be many: as many as fit, but never none.
            let room = max(5, height - 1 - lines.count - footer.count - min(disks.count, 8))
            if interfaces.count > room {
                let hidden = interfaces.count - room + 1
                interfaces = Array(interfaces.prefix(room - 1)) + [style("... and \(hidden) more", .dim)]
            }
            let left = max(0, height - 1 - lines.count - footer.count - interfaces.count)
            disks = Array(disks.prefix(left))
        }
        return lines + interfaces + disks + footer
    }

    private static func footer(_ reading: LiveReading) -> String {
        let milliseconds = (reading.duration.inSeconds * 10_000).rounded() / 10
        return "\(reading.requests) requests, \(milliseconds) ms"
    }

    private static func percent(_ space: LiveReading.Space) -> Double {
        space.total > 0 ? 100 * min(1, Double(space.used) / Double(space.total)) : 0
    }

    private static func text(_ space: LiveReading.Space) -> String {
        "\(Quantity.bytes(space.used)) of \(Quantity.bytes(space.total))"
    }

    private func gauge(_ label: String, _ percent: Double?, _ text: String, _ labelWidth: Int = 8) -> String {
        let cells = 20
        let clean = BindingPrinter.harmless(label)
        let shown = clean.count > labelWidth ? clean.prefix(labelWidth - 1) + "~" : clean[...]
        let head = shown + String(repeating: " ", count: max(0, labelWidth - shown.count))
        guard let percent else { return "\(head)  [\(String(repeating: "-", count: cells))]    -%  \(text)" }
        let filled = min(cells, max(0, Int((percent / 100 * Double(cells)).rounded())))
        let bar = String(repeating: "#", count: filled)
        let number = String(Int(percent.rounded()))
        let color: Style = percent >= 90 ? .bad : percent >= 70 ? .warning : .good
        return "\(head)  [\(style(bar, color))\(String(repeating: "-", count: cells - filled))]"
            + String(repeating: " ", count: max(0, 4 - number.count)) + "\(number)%  \(text)"
    }

    private func interfaces(_ change: LiveChange, _ width: Int) -> [String] {
        guard !change.interfaces.isEmpty else { return [] }
        var table = TableText(titles: ["Interface", "State", "In", "Out", "Speed", "Errors"])
        for interface in change.interfaces {
            table.add([
                .init(BindingPrinter.harmless(String(interface.name.prefix(width / 3)))), .init(interface.status),
                .init(interface.inRate.map(Quantity.rate) ?? "-", isNumber: true),
                .init(interface.outRate.map(Quantity.rate) ?? "-", isNumber: true),
                .init(interface.speed.flatMap { $0 > 0 ? Quantity.rate(Double($0)) : nil } ?? "", isNumber: true),
                .init(interface.errors.map(String.init) ?? "", isNumber: true),
            ])
        }
        let lines = table.lines(width: nil)
        return [""] + lines.prefix(1).map { style($0, .bold) } + lines.dropFirst()
    }
}

/// Quantities with units, three digits long.
enum Quantity {
    /// `0 bit/s`, `12.3 kbit/s`, `1.20 Gbit/s`.
    static func rate(_ bitsPerSecond: Double) -> String {
        scaled(bitsPerSecond, by: 1_000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"])
    }

    /// `512 B`, `1.50 GiB`.
    static func bytes(_ count: UInt64) -> String {
        scaled(Double(count), by: 1_024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
    }

    private static func scaled(_ number: Double, by step: Double, _ units: [String]) -> String {
        var number = max(0, number)
        var unit = 0
        while number >= step * 0.9995, unit < units.count - 1 {
            number /= step
            unit += 1
        }
        if unit == 0 { return "\(Int(min(number, 1e15).rounded())) \(units[0])" }
        let decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0
        let factor = decimals == 2 ? 100 : decimals == 1 ? 10 : 1
        let scaled = Int((min(number, 1e12) * Double(factor)).rounded())
        guard decimals > 0 else { return "\(scaled) \(units[unit])" }
        let fraction = String(scaled % factor)
        return "\(scaled / factor)." + String(repeating: "0", count: decimals - fraction.count)
            + "\(fraction) \(units[unit])"
    }
}
