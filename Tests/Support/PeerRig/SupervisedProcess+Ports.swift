// Layer: test support. Uses: SupervisedProcess. Used by: SNMPDaemon, TrapDaemon.
// Free ports, and the wait until a daemon has opened its sockets.

import Foundation

extension SupervisedProcess {
    /// Starts a Net-SNMP daemon on a free port; returns it, and the port, once its sockets are open.
    ///
    /// Ports come from below the range that the kernel hands out to clients; the daemon's own attempt to bind is the
    /// check that one is free, which leaves no gap between checking and using.
    static func onFreePort(
        program: String, configuration: String, arguments: [String], endpoints: (UInt16) -> [String]
    ) throws(PeerRigError) -> (SupervisedProcess, UInt16) {
        guard let path = PeerRig.path(of: program) else { throw .cannotStart("\(program) is not installed") }
        var lastLog = ""
        for _ in 0..<20 {
            let port = UInt16.random(in: 20_000..<32_000)
            let directory = try PeerRig.makeDirectory()
            let file = "\(directory)/rig.conf"
            guard FileManager.default.createFile(atPath: file, contents: Data(configuration.utf8)) else {
                throw .cannotStart("can't write \(file)")
            }
            // No -C: it would skip the saved state, too. The environment already keeps the system's files out.
            let daemon = try SupervisedProcess(
                program: path, arguments: ["-f", "-c", file, "-Lo"] + arguments + endpoints(port),
                directory: directory)
            switch daemon.waitUntilReady(start: 1) {
            case .ready: return (daemon, port)
            case .portTaken: lastLog = daemon.log.text
            case .failed: throw .notReady(daemon.log.text)
            }
        }
        throw .notReady(lastLog)
    }

    enum Readiness { case ready, portTaken, failed }

    /// Waits for the line that both daemons log when their sockets are open, for the `start`-th time.
    func waitUntilReady(start: Int) -> Readiness {
        log.wait(seconds: 30) { text in
            if text.components(separatedBy: "NET-SNMP version ").count - 1 >= start { return .ready }
            let refusals = ["Error opening specified endpoint", "couldn't open "]
            return refusals.contains { text.contains($0) } ? .portTaken : nil
        } ?? .failed
    }
}
