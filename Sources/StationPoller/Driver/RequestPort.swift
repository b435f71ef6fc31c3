// Layer: StationPoller/Driver. Uses: SNMP. Used by: DevicePoller.
// The way to a device: a target of the SNMP library, or a simulation of one.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine

/// What a device's poller needs of the world.
struct RequestPort: Sendable {
    /// The version spoken.
    var version: SNMPVersion
    /// Sends a request; the completion is called once.
    var submit: @Sendable (_ request: Request, _ completion: @escaping RequestCompletion) -> Void
    /// What is known about the device.
    var profile: @Sendable () -> TargetProfile
    /// Datagrams sent so far.
    var sent: @Sendable () -> Int
    /// The time.
    var now: @Sendable () -> Moment
}

extension Moment {
    /// The time by this machine's clocks.
    static var now: Moment { Moment(SystemClock.now, microseconds: SystemClock.wallNanoseconds / 1_000) }
}

extension RequestPort {
    /// The way over a target, which lives as long as the port.
    init(_ target: SNMPTarget) {
        version = target.version
        submit = { request, completion in target.manager.submit(request, to: target.id, completion: completion) }
        profile = { target.profile }
        sent = { target.statistics.sent }
        now = { Moment.now }
    }
}
