// Layer: Station/Devices. Uses: JSON, StationStore. Used by: Station (add, import), the commands.
// A device as it is asked for: by a command, or in a file.

public import JSON
public import StationStore

/// A device that somebody wants watched. Printed forms of its security show no secrets.
public struct DeviceSpec: Hashable, Sendable {
    /// The time between rounds unless given, in milliseconds: a minute.
    public static let defaultInterval: Int32 = 60_000
    /// The intervals that are allowed, in milliseconds: 1 s to a day.
    public static let intervals: ClosedRange<Int32> = 1_000...86_400_000

    /// Its name; nil: that of the host.
    public var name: String?
    /// Where it is: `switch.example`, `192.0.2.1:1161`, `tcp:[2001:db8::1]:161`.
    public var host: String
    /// How to talk to it.
    public var security: DeviceSecurity
    /// The time between rounds in milliseconds.
    public var intervalMilliseconds: Int32

    /// Describes a device.
    public init(
        name: String? = nil, host: String, security: DeviceSecurity, intervalMilliseconds: Int32 = defaultInterval
    ) {
        self.name = name
        self.host = host
        self.security = security
        self.intervalMilliseconds = intervalMilliseconds
    }

    /// The name that it gets.
    public var effectiveName: String { name ?? host }

    // MARK: JSON.

    /// Reads the devices of a file: an object with the member `devices`, or an array of devices.
    /// - Throws: `invalid` with the line of what is wrong; no secret is in it.
    public static func list(_ text: String) throws(StationError) -> [DeviceSpec] {
        let root: JSONNode
        do throws(JSONError) {
            root = try JSONNode(text: text)
        } catch {
            throw .invalid("line \(error.line): \(error.problem)")
        }
        guard let elements = root.elements ?? root["devices"]?.elements else {
            throw .invalid("line \(root.line): an array of devices, or an object with \"devices\", is expected")
        }
        var specs: [DeviceSpec] = []
        for element in elements { specs.append(try DeviceSpec(element)) }
        return specs
    }

    /// Reads a device.
    /// - Throws: `invalid` with the line of what is wrong.
    public init(_ node: JSONNode) throws(StationError) {
        guard let fields = node.fields else {
            throw .invalid("line \(node.line): a device is an object, not \(node.kind)")
        }
        let known: Set<String> = ["name", "host", "version", "community", "user", "interval"]
        for field in fields where !known.contains(field.name) {
            throw .invalid(
                "line \(field.node.line): a device has no member \"\(field.name)\"; there are "
                    + known.sorted().joined(separator: ", "))
        }
        guard let host = try node.text("host"), !host.isEmpty else {
            throw .invalid("line \(node.line): the device's \"host\" is missing")
        }
        let interval = try Self.interval(node)
        self.init(
            name: try node.text("name"), host: host, security: try Self.security(node), intervalMilliseconds: interval)
    }

    private static func interval(_ node: JSONNode) throws(StationError) -> Int32 {
        guard let member = node["interval"] else { return defaultInterval }
        guard case .number(let digits) = member.value, let seconds = Double(digits), seconds >= 1, seconds <= 86_400
        else {
            throw .invalid("line \(member.line): \"interval\" is a number of seconds from 1 to 86400")
        }
        return Int32(seconds * 1_000)
    }

    private static func security(_ node: JSONNode) throws(StationError) -> DeviceSecurity {
        let community = Array((try node.text("community") ?? "public").utf8)
        switch (try node.text("version"), node["user"]) {
        case ("1", nil): return .v1(community: community)
        case ("2c", nil), ("2", nil), (nil, nil): return .v2c(community: community)
        case ("3", let user?), (nil, let user?):
            guard node["community"] == nil else {
                throw .invalid("line \(node.line): a device has a \"user\" (SNMPv3) or a \"community\", not both")
            }
            return .v3(try self.user(user))
        case ("3", nil): throw .invalid("line \(node.line): SNMPv3 needs a \"user\"")
        case (let version?, _):
            throw .invalid("line \(node.line): there is no version \"\(version)\"; take 1, 2c or 3, with a \"user\" 3")
        }
    }

    private static func user(_ node: JSONNode) throws(StationError) -> DeviceUser {
        guard let name = try node.text("name"), !name.isEmpty else {
            throw .invalid("line \(node.line): the user's \"name\" is missing")
        }
        func protection(_ member: String, _ fallback: String) throws(StationError) -> DeviceUser.Protection? {
            let name = try node.text(member)
            guard let password = try node.text(member + "Password") else {
                if name == nil { return nil }
                throw .invalid("line \(node.line): \"\(member)\" needs \"\(member)Password\" too")
            }
            return .init(protocolName: name ?? fallback, password: Array(password.utf8))
        }
        let user = DeviceUser(
            name: name, authentication: try protection("auth", "SHA"), privacy: try protection("priv", "AES"),
            contextName: try node.text("context") ?? "")
        guard user.privacy == nil || user.authentication != nil else {
            throw .invalid("line \(node.line): privacy needs authentication too")
        }
        do throws(StationError) {
            _ = try user.credentials()
        } catch {
            throw .invalid("line \(node.line): \(error)")
        }
        return user
    }

    /// The device as JSON, with its secrets: for the control socket only.
    public var json: JSONObject {
        var object = JSONObject()
        object.add("name", name)
        object.add("host", host)
        object.add("interval", .number(Double(intervalMilliseconds) / 1_000))
        switch security {
        case .v1(let community), .v2c(let community):
            object.add("version", security.version == .v1 ? "1" : "2c")
            object.add("community", String(decoding: community, as: UTF8.self))
        case .v3(let user):
            object.add("version", "3")
            var fields = JSONObject()
            fields.add("name", user.name)
            fields.add("context", user.contextName)
            for (member, protection) in [("auth", user.authentication), ("priv", user.privacy)] {
                fields.add(member, protection?.protocolName)
                fields.add(member + "Password", protection.map { String(decoding: $0.password, as: UTF8.self) })
            }
            object.add("user", .object(fields))
        }
        return object
    }
}

extension JSONNode {
    /// A member that is a string; nil if it is missing.
    func text(_ name: String) throws(StationError) -> String? {
        guard let member = self[name] else { return nil }
        guard case .string(let text) = member.value else {
            throw .invalid("line \(member.line): \"\(name)\" is a string, not \(member.kind)")
        }
        return text
    }
}
