import Foundation
import PeerRig

/// What a client program is written in.
enum Language: String, CaseIterable, Sendable {
    case c, mono, python
}

/// The last line that a client program prints.
struct LanguageReport: Decodable, Sendable {
    struct Notification: Decodable, Equatable, Sendable {
        var type: Int
        var source: String
        var community: String
        /// Names and values.
        var bindings: [[String]]
    }

    var program: String
    var checks: Int
    var failures: [String]
    var vendor: String?
    var sysDescr: String?
    var names: [String]?
    var notifications: [Notification]?

    /// Nil if the last line of the output is none.
    init?(_ output: String) {
        guard let line = output.split(separator: "\n").last,
            let report = try? JSONDecoder().decode(LanguageReport.self, from: Data(line.utf8))
        else { return nil }
        self = report
    }
}

/// Where the programs, their compilers and the library are.
enum LanguageRig {
    private static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let programs = package.appendingPathComponent("Tests/Support/WinSNMPPrograms").path
    private static let libraries = package.appendingPathComponent("build/lib").path
    private static let headers = package.appendingPathComponent("build/include").path

    /// Why these tests can't run; nil if they can, or if they must: then they fail.
    static var skipReason: String? {
        if PeerRig.isRequired { return nil }
        if let reason = PeerRig.skipReason { return reason }
        let missing = ["cc", "mcs", "mono", "python3"].filter { PeerRig.path(of: $0) == nil }
        if !missing.isEmpty { return "no \(missing.joined(separator: ", ")) here: run Scripts/install-deps test" }
        return FileManager.default.fileExists(atPath: "\(libraries)/libwsnmp32.so") ? nil : "run 'make libs' first"
    }

    /// Of the compiled programs, for the life of this process.
    private static let directory = NSTemporaryDirectory() + "oriel-languages-\(UInt64.random(in: 0 ... .max))"

    private static let compiled = Result { () throws(PeerRigError) in
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try FileManager.default.copyItem(
                atPath: "\(programs)/mono/WsnmpClient.exe.config", toPath: "\(directory)/WsnmpClient.exe.config")
        } catch {
            throw PeerRigError.cannotStart("\(error)")
        }
        atexit { try? FileManager.default.removeItem(atPath: LanguageRig.directory) }
        try compile("mcs", ["-warnaserror+", "-out:\(directory)/WsnmpClient.exe", "\(programs)/mono/WsnmpClient.cs"])
        try compile(
            "cc",
            ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pthread", "-I\(headers)", "-o", "\(directory)/snmpd_client"]
                + ["\(programs)/snmpd_client.c", "-L\(libraries)", "-lwsnmp32"])
    }

    private static func compile(_ compiler: String, _ arguments: [String]) throws(PeerRigError) {
        let result = try PeerTool.run(compiler, arguments, seconds: 120)
        guard result.status == 0 else { throw .cannotStart("\(compiler): \(result)") }
    }

    /// Starts programs that use the same trap port, and returns that and them when all listen.
    ///
    /// The port is a random one. If it turns out to be taken another one is tried.
    static func start(
        _ languages: [Language], agentPort: UInt16, root: String
    ) throws(PeerRigError) -> (port: UInt16, clients: [LanguageClient]) {
        try compiled.get()
        var lastOutput = ""
        for _ in 0..<10 {
            let port = UInt16.random(in: 20_000..<32_000)
            let arguments = ["127.0.0.1", "\(agentPort)", SNMPDaemon.readOnly, "\(port)", "3", root]
            var clients: [LanguageClient] = []
            for language in languages {
                let command =
                    switch language {
                    case .c: ["\(directory)/snmpd_client"]
                    case .mono: ["mono", "\(directory)/WsnmpClient.exe"]
                    case .python: ["python3", "\(programs)/python/wsnmp_client.py", "\(libraries)/libwsnmp32.so"]
                    }
                clients.append(try LanguageClient(language, command + arguments, libraries: libraries))
            }
            lastOutput = ""
            for client in clients where try !client.isReady(seconds: 60) { lastOutput += client.output }
            if lastOutput.isEmpty { return (port, clients) }
            for client in clients { client.stop() }
            // SNMPAPI_TL_IN_USE.
            guard lastOutput.contains("Register: error 107") || lastOutput.contains("Register: 0") else { break }
        }
        throw .notReady(lastOutput)
    }
}

/// A client program that runs. It is ended on `deinit`.
final class LanguageClient {
    let language: Language
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let file: String

    init(_ language: Language, _ command: [String], libraries: String) throws(PeerRigError) {
        self.language = language
        file = NSTemporaryDirectory() + "oriel-language-\(UInt64.random(in: 0 ... .max))"
        guard FileManager.default.createFile(atPath: file, contents: nil),
            let output = FileHandle(forWritingAtPath: file)
        else { throw .cannotStart("can't write \(file)") }
        let program = command[0].hasPrefix("/") ? command[0] : PeerRig.path(of: command[0])
        guard let program else { throw .cannotStart("\(command[0]) is not installed") }
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("WINSNMP_") }
        environment["LD_LIBRARY_PATH"] = libraries
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = Array(command.dropFirst())
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { [ended] _ in ended.signal() }
        try PeerRig.start(process)
        try? output.close()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: file)
    }

    /// Everything that it printed so far, standard error included.
    var output: String { String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self) }

    /// Waits until it listens; false if it ended instead.
    func isReady(seconds: Double) throws(PeerRigError) -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while Date() < deadline {
            // Asked for before the output, so that nothing that it printed before its end is missed.
            let isRunning = process.isRunning
            if output.contains("ready\n") { return true }
            if !isRunning { return false }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw .notReady("\(language): \(output)")
    }

    /// Waits until it has ended: its exit status and output.
    func end(seconds: Double) throws(PeerRigError) -> (status: Int32, output: String) {
        guard ended.wait(timeout: .now() + seconds) == .success else {
            stop()
            throw .timedOut("\(language): \(output)")
        }
        return (process.terminationStatus, output)
    }

    func stop() {
        if process.isRunning { process.terminate() }
    }
}
