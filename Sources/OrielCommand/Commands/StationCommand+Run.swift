// Layer: OrielCommand/Commands. Uses: Station, StationWeb, HTTPService. Used by: StationCommand.
// Running the station, and reaching the one that runs, or its data.

import HTTPService
import JSON
import PlatformIO
import Primitives
import Station
import StationWeb
import WinSNMPStore

extension Invocation {
    /// The data directory.
    func stationDirectory() throws(CommandError) -> String {
        if let directory = settings.station.directory, !directory.isEmpty { return directory }
        guard let directory = StandardDatabase.stationDirectory(environment: console.environment) else {
            throw CommandError(.usage, "HOME or ORIEL_DATA must be set, or --data given")
        }
        return directory
    }

    /// Asks the station that runs; without one opens its data and asks those.
    func ask(_ request: ControlRequest) throws(CommandError) -> ControlAnswer {
        let directory = try stationDirectory()
        do throws(StationError) {
            if let answer = try ControlClient.ask(request, directory: directory) { return try answer.checked() }
            // Questions don't make a store.
            if case .get = request, !FileAccess.exists(directory + "/station.edb") {
                throw .notFound("there is no station at \(directory); start one with oriel station")
            }
            let station = try Station.open(StationOptions(directory: directory))
            let answer = StationWeb(station, version: Oriel.version).answer(request)
            try station.stop()
            return try answer.checked()
        } catch {
            throw CommandError(error)
        }
    }

    func get(_ target: String) throws(CommandError) -> JSONNode {
        let answer = try ask(.get(target))
        do throws(StationError) { return try answer.node() } catch { throw CommandError(error) }
    }

    // MARK: Running.

    func runStation() async throws(CommandError) -> ExitStatus {
        var options = StationOptions(directory: try stationDirectory())
        options.trapPort = settings.station.trapPort
        options.watchesThisMachine = !settings.station.leavesOutAgent
        options.retentionDays = settings.station.retentionDays
        let listen: SocketAddress
        do throws(AddressSyntaxError) {
            listen = try AddressResolver.numeric(settings.station.listen, defaultPort: 8_161)
        } catch {
            throw CommandError(.usage, "--listen takes an address such as 127.0.0.1:8161: \(error)")
        }
        let console = console
        let station: Station
        do throws(StationError) { station = try Station.open(options) } catch { throw CommandError(error) }
        let web = StationWeb(station, version: Oriel.version)
        var http: HTTPService?
        var control: ControlService?
        func end() throws(CommandError) {
            http?.stop()
            control?.stop()
            do throws(StationError) { try station.stop() } catch { throw CommandError(error) }
        }
        do throws(CommandError) {
            do throws(HTTPServiceError) {
                http = try HTTPService(listen: listen) { web.answer($0) }
            } catch {
                throw CommandError(.localFailure, error.description)
            }
            do throws(StationError) {
                control = try ControlService(web)
                try station.start { console.note($0) }
            } catch {
                throw CommandError(error)
            }
            try announce(station, http?.address ?? listen)
        } catch {
            try? end()
            throw error
        }
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        if console.isErrorTerminal { console.note("writing what is left") }
        try end()
        return .success
    }

    private func announce(_ station: Station, _ address: SocketAddress) throws(CommandError) {
        try console.writeLine("station: http://\(address)/")
        for endpoint in station.trapEndpoints { try console.writeLine("traps and informs: \(endpoint.text)") }
        try console.writeLine("data: \(station.options.directory)")
        let count = station.live.devices.count
        try console.writeLine(
            "watching \(count) device\(count == 1 ? "" : "s"); more with: oriel station add HOST. Control-C ends the"
                + " station"
        )
        try console.flushOutput()
    }
}
