// Layer: HostAgent/Groups. Uses: HostAgent. Used by: SystemSubtree.
// SNMPv2-MIB, system (RFC 3418), and the rules for the three strings that can be set.

public import Primitives
public import SNMPCodec

/// The strings of the system group that can be set, by their arcs.
enum SystemString: UInt32 {
    case contact = 4
    case name = 5
    case location = 6

    /// DisplayString (SIZE (0..255)).
    static let limit = 255

    /// The error-status that refuses `value`; nil if it can be assigned.
    ///
    /// DisplayString is ASCII (RFC 2579), but administrators write names in their languages and other agents take
    /// them, so any text in UTF-8 is taken.
    static func refusal(of value: SNMPValue) -> ErrorStatus? {
        guard case .octetString(let octets) = value else { return .wrongType }
        guard octets.count <= limit else { return .wrongLength }
        return value.asText == nil ? .wrongValue : nil
    }
}

extension HostAgent {
    /// The root of the system group.
    public static let systemRoot: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1]

    /// The text of a string that can be set.
    func systemString(_ string: SystemString) -> String {
        switch string {
        case .contact: settings.contact
        case .name: settings.name ?? sampler.files.identity?.node ?? ""
        case .location: settings.location
        }
    }

    /// Assigns a string that can be set, and tells the owner. nil takes the first assignment of a name back.
    func setSystemString(_ string: SystemString, to text: String?) {
        switch string {
        case .contact: settings.contact = text ?? ""
        case .name: settings.name = text
        case .location: settings.location = text ?? ""
        }
        onSettingsChange?(settings)
    }

    /// All instances of the system group, ascending by name.
    public func systemBindings(at now: Instant) -> [VarBind] {
        var list = BindingList(HostAgent.systemRoot)
        let description = settings.description ?? sampler.files.identity?.line
        list.scalar(1, value: description.map { .octets($0.utf8, limit: 255) })
        list.scalar(2, value: .objectIdentifier(settings.objectID))
        list.scalar(3, value: .timeTicks(upTime(at: now)))
        for string in [SystemString.contact, .name, .location] {
            list.scalar(string.rawValue, value: .octets(systemString(string).utf8, limit: SystemString.limit))
        }
        list.scalar(7, value: .integer(settings.services))
        // sysORLastChange: the table is what it was at the start.
        list.scalar(8, value: .timeTicks(0))
        list.table(
            [9, 1], columns: [2, 3, 4],
            settings.supported.enumerated().map { position, module in
                Row(
                    [UInt32(position + 1)],
                    [.objectIdentifier(module.identifier), .octets(module.text.utf8, limit: 255), .timeTicks(0)])
            })
        return list.bindings
    }
}

extension HostIdentity {
    /// All parts in a line, as `uname -a` and sysDescr have them.
    fileprivate var line: String { [system, node, release, version, machine].joined(separator: " ") }
}
