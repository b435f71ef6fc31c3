// Layer: StationWeb/Control. Uses: Station, StationWeb, PlatformIO (UnixListener). Used by: the commands.
// How commands talk to a station that runs: a Unix-domain socket in its data directory, which only its user can enter.
// One line of JSON to ask, one to answer.

import HTTPService
public import JSON
import PlatformIO
import Primitives
public import Station
import StationStore

/// What a command asks of a station.
public enum ControlRequest: Sendable {
    /// What the HTTP interface has at a target, such as `/api/v1/devices`.
    case get(String)
    /// Watch devices: all or none.
    case add([DeviceSpec])
    /// Watch a device no more, by name or number.
    case remove(String)

    /// The request on one line; it may hold secrets.
    var line: String {
        var object = JSONObject()
        switch self {
        case .get(let target): object.add("get", target)
        case .add(let specs): object.add("add", .array(specs.map { .object($0.json) }))
        case .remove(let name): object.add("remove", name)
        }
        return object.text
    }

    init(_ text: String) throws(StationError) {
        let node: JSONNode
        do throws(JSONError) { node = try JSONNode(text: text) } catch { throw .invalid(error.problem) }
        if case .string(let target)? = node["get"]?.value {
            self = .get(target)
        } else if let list = node["add"] {
            self = .add(try DeviceSpec.list(list.text))
        } else if case .string(let name)? = node["remove"]?.value {
            self = .remove(name)
        } else {
            throw .invalid("an unknown request; the station may be of another version")
        }
    }
}

/// What the station answered: a status of HTTP, and text, in most cases JSON.
public struct ControlAnswer: Sendable {
    /// The status.
    public var status: Int
    /// The body.
    public var body: String

    /// The body as JSON.
    /// - Throws: `unreachable` if it is none.
    public func node() throws(StationError) -> JSONNode {
        do throws(JSONError) { return try JSONNode(text: body) } catch {
            throw .unreachable("the station's answer can't be read: \(error.problem)")
        }
    }

    /// The answer, if it is no failure; else throws what the station said.
    public func checked() throws(StationError) -> ControlAnswer {
        if status < 400 { return self }
        let message = (try? JSONNode(text: body))?["error"]?["message"]
        guard case .string(let text)? = message?.value else {
            throw .unreachable("the station failed with status \(status)")
        }
        switch status {
        case 400: throw .invalid(text)
        case 404: throw .notFound(text)
        default: throw .service(text)
        }
    }
}

extension StationWeb {
    /// Does what a command asks.
    public func answer(_ request: ControlRequest) -> ControlAnswer {
        do throws(StationError) {
            switch request {
            case .get(let target):
                guard let request = HTTPRequest(target: target) else { throw .invalid("\(target) is no target") }
                let response = answer(request)
                return ControlAnswer(status: response.status, body: String(decoding: response.body, as: UTF8.self))
            case .add(let specs):
                let records = try station.add(specs)
                return ControlAnswer(status: 200, body: Self.devices(records))
            case .remove(let name):
                let record = try station.device(name)
                guard record.origin == .user else {
                    throw .invalid(
                        "\(record.name) is this machine itself; start the station with --no-agent to leave it out")
                }
                try station.remove(record)
                return ControlAnswer(status: 200, body: Self.devices([record]))
            }
        } catch {
            let status =
                switch error {
                case .invalid, .store(.nameTaken), .store(.nameInvalid): 400
                case .notFound: 404
                default: 503
                }
            let response = HTTPResponse.error(status, error.description)
            return ControlAnswer(status: status, body: String(decoding: response.body, as: UTF8.self))
        }
    }

    private static func devices(_ records: [DeviceRecord]) -> String {
        var answer = JSONObject()
        let list = records.map { record -> JSONValue in
            var object = JSONObject()
            object.add("id", Int(record.id))
            object.add("name", record.name)
            object.add("address", record.address)
            object.add("version", record.version.text)
            object.add("interval", .number(Double(record.intervalMilliseconds) / 1_000))
            return .object(object)
        }
        answer.add("devices", .array(list))
        return answer.text
    }
}

/// Serves the control socket of a station that runs.
public final class ControlService: @unchecked Sendable {
    /// The most bytes of a request.
    static let requestLimit = 16 << 20
    /// How long a peer may take for its request, and for taking the answer.
    static let patience = Interval.seconds(10)

    private let listener: UnixListener
    private let web: StationWeb
    private let isStopping = Locked(false)
    private var thread: Thread?

    /// The socket of a data directory.
    public static func path(_ directory: String) -> String { directory + "/control" }

    /// Listens; the data directory's lock says that nobody else does.
    /// - Throws: `file` if the directory's path is too long for a socket.
    public init(_ web: StationWeb) throws(StationError) {
        self.web = web
        let path = Self.path(web.station.options.directory)
        do throws(IOError) {
            try? FileAccess.remove(path)
            listener = try UnixListener(binding: path)
        } catch {
            throw .file(error)
        }
        do throws(IOError) {
            thread = try Thread.start(name: "control") { [self] in run() }
        } catch {
            throw .file(error)
        }
    }

    /// Ends the service; waits for a request that is under way.
    public func stop() {
        isStopping.withLock { $0 = true }
        thread?.join()
        thread = nil
        try? FileAccess.remove(listener.path)
    }

    private func run() {
        while !isStopping.withLock({ $0 }) {
            guard (try? listener.waitReadable(timeout: .milliseconds(200))) == true else { continue }
            guard let connection = try? listener.accept() else {
                // For lack of descriptors the connection goes on waiting.
                SystemClock.sleep(.milliseconds(50))
                continue
            }
            serve(connection)
            connection.close()
        }
    }

    private func serve(_ connection: UnixConnection) {
        guard connection.peer.userID == Program.userID || connection.peer.userID == 0,
            let line = try? ControlLine.read(connection, limit: Self.requestLimit, patience: Self.patience)
        else { return }
        let answer: ControlAnswer
        do throws(StationError) {
            answer = web.answer(try ControlRequest(line))
        } catch {
            let response = HTTPResponse.error(400, error.description)
            answer = ControlAnswer(status: 400, body: String(decoding: response.body, as: UTF8.self))
        }
        var object = JSONObject()
        object.add("status", answer.status)
        object.add("body", answer.body)
        try? ControlLine.write(object.text, connection, patience: Self.patience)
    }
}

/// A line over a connection.
enum ControlLine {
    static func read(_ connection: UnixConnection, limit: Int, patience: Interval) throws(StationError) -> String {
        var bytes: [UInt8] = []
        let end = SystemClock.now + patience
        while true {
            let isAlive: Bool
            do throws(IOError) {
                switch try connection.read(appendingTo: &bytes) {
                case .bytes: isAlive = true
                case .wouldBlock:
                    let rest = end - SystemClock.now
                    isAlive = rest > .zero ? try connection.wait(for: .read, timeout: rest) : false
                case .end: isAlive = false
                }
            } catch {
                throw .file(error)
            }
            if bytes.last == 0x0A { return String(decoding: bytes.dropLast(), as: UTF8.self) }
            guard isAlive, bytes.count <= limit else { throw .unreachable("\(connection.path): no whole line came") }
        }
    }

    static func write(_ line: String, _ connection: UnixConnection, patience: Interval) throws(StationError) {
        do throws(IOError) {
            connection.pendingLimit = .max
            _ = try connection.write(Array((line + "\n").utf8))
            while connection.pendingByteCount > 0 {
                // A peer that takes nothing has gone, or might as well have.
                guard try connection.wait(for: .write, timeout: patience) else { return }
                _ = try connection.flush()
            }
        } catch {
            throw .file(error)
        }
    }
}

/// Talks to a station that runs.
public enum ControlClient {
    /// How long a station may take to answer.
    private static let patience = Interval.seconds(60)

    /// Asks the station of a data directory; nil if none runs there.
    /// - Throws: `unreachable`, `file`.
    public static func ask(_ request: ControlRequest, directory: String) throws(StationError) -> ControlAnswer? {
        let connection: UnixConnection
        do throws(IOError) {
            connection = try UnixConnection.connect(to: ControlService.path(directory))
        } catch {
            if error.isNotFound || error.isRefused { return nil }
            throw .file(error)
        }
        defer { connection.close() }
        try ControlLine.write(request.line, connection, patience: patience)
        let line = try ControlLine.read(connection, limit: 256 << 20, patience: patience)
        guard let node = try? JSONNode(text: line), case .number(let status)? = node["status"]?.value,
            case .string(let body)? = node["body"]?.value
        else { throw .unreachable("the station's answer can't be read; it may be of another version") }
        return ControlAnswer(status: Int(status) ?? 500, body: body)
    }
}
