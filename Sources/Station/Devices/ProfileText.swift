// Layer: Station/Devices. Uses: SNMPEngine (TargetProfile), JSON. Used by: Station.
// What was learned about a device as JSON, as the store keeps it.

import JSON
import SNMPEngine

extension TargetProfile {
    /// The profile as JSON; what is not known is left out.
    var text: String {
        var object = JSONObject()
        func add(_ name: String, _ value: Int?) { if let value { object.add(name, value) } }
        add("repetitions", repetitions)
        add("failingRepetitions", failingRepetitions)
        add("maximumBindings", maximumBindings)
        add("window", window)
        add("roundTripNanoseconds", roundTripNanoseconds.map { Int($0) })
        add("variationNanoseconds", variationNanoseconds.map { Int($0) })
        object.add("engineID", engineID)
        object.add("keyExtension", keyExtension)
        if answersFromOtherAddress { object.add("answersFromOtherAddress", .bool(true)) }
        return object.text
    }

    /// Reads a profile; what makes no sense counts as not known, and is learned again.
    init(text: String) {
        self.init()
        guard let node = try? JSONNode(text: text) else { return }
        func number(_ name: String) -> Int64? {
            if case .number(let digits)? = node[name]?.value { Int64(digits) } else { nil }
        }
        func string(_ name: String) -> String? {
            if case .string(let text)? = node[name]?.value { text } else { nil }
        }
        repetitions = number("repetitions").map { Int($0) }
        failingRepetitions = number("failingRepetitions").map { Int($0) }
        maximumBindings = number("maximumBindings").map { Int($0) }
        window = number("window").map { Int($0) }
        roundTripNanoseconds = number("roundTripNanoseconds")
        variationNanoseconds = number("variationNanoseconds")
        engineID = string("engineID")
        keyExtension = string("keyExtension")
        answersFromOtherAddress = node["answersFromOtherAddress"]?.value == .bool(true)
    }
}
