// Layer: ESE/Environment. Uses: ESEEngine (EngineReporter), PlatformIO. Used by: whoever makes an instance.

public import ESEEngine
import PlatformIO

/// Writes reports to the program's standard error, a line each.
public final class StandardErrorReporter: EngineReporter {
    private let prefix: String
    private let least: ReportLevel

    /// Makes a reporter.
    /// - Parameters:
    ///   - prefix: what each line begins with, such as the program's name and a colon.
    ///   - least: reports below this level are dropped.
    public init(prefix: String = "ese: ", least: ReportLevel = .warning) {
        self.prefix = prefix
        self.least = least
    }

    /// Writes one line; control characters become spaces, so that a name in a damaged file can't write a second one.
    public func report(_ level: ReportLevel, _ text: String) {
        guard level.rawValue >= least.rawValue else { return }
        let word =
            switch level {
            case .information: ""
            case .warning: "warning: "
            case .error: "error: "
            }
        StandardError.write("\(prefix)\(word)\(StandardErrorReporter.oneLine(text))\n")
    }

    static func oneLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            line.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(line)
    }
}

/// Drops all reports.
public final class SilentReporter: EngineReporter {
    /// Makes a reporter.
    public init() {}

    /// Does nothing.
    public func report(_ level: ReportLevel, _ text: String) {}
}
