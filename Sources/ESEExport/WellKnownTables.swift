// Layer: ESEExport. Uses: ValueRendering. Used by: Exporter, the commands.
// What is known of the tables of well-known programs: what their columns mean beyond their types. Facts from
// Microsoft's documentation where there is any, else from what the programs' files hold, which investigators have
// published.

public import ESEFormat

/// What is known of tables by their names.
public enum WellKnownTables {
    /// What a table is about, in a few words; nil for unknown ones.
    public static func title(of table: String) -> String? {
        if let provider = srumProvider(table) { return "SRUM: \(provider)" }
        if let title = titles[table] { return title }
        if table.hasPrefix("Container_") { return "WebCache: entries of a container" }
        return nil
    }

    /// How the values of a table's columns are written.
    public static func renderings(of table: TableDefinition) -> [ValueRendering] {
        let names = table.columns.map(\.name)
        return table.columns.map { column in
            let usual = ValueRendering(column)
            return special(column, in: table.name, names) ?? usual
        }
    }

    /// The network, energy and application providers of the System Resource Usage Monitor.
    private static func srumProvider(_ table: String) -> String? {
        let providers = [
            "{973F5D5C-1D90-4944-BE8E-24B94231A174}": "network data usage",
            "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA86}": "push notifications",
            "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA89}": "application resource usage",
            "{DD6636C4-8929-4683-974E-22C046A43763}": "network connectivity",
            "{FEE4E14F-02A9-4550-B5CE-5FA2DA202E37}": "energy usage",
            "{FEE4E14F-02A9-4550-B5CE-5FA2DA202E37}LT": "energy usage, long term",
            "{5C8CF1C7-7257-4F13-B223-970EF5939312}": "application timeline",
            "{7ACBBAA3-D029-4BE4-9A7A-0885927F1D8F}": "vfuprov",
            "{B6D82AF1-F780-4E17-8077-6CB9AD8A6FC4}": "tagged energy",
            "{DA73FB89-2BEA-4DDC-86B8-6E048C6DA477}": "energy estimation",
            "SruDbIdMapTable": "applications and users by number", "SruDbCheckpointTable": "checkpoints",
        ]
        return providers[table.uppercased()] ?? providers[table]
    }

    private static let titles = [
        "CLIENTS": "UAL: accesses by client, user and role", "ROLE_ACCESS": "UAL: accesses by role",
        "ROLE_IDS": "UAL: roles", "VIRTUALMACHINES": "UAL: virtual machines", "DNS": "UAL: names of clients",
        "SYSTEM_IDENTITY": "UAL: the system", "CHAINED_DATABASES": "UAL: databases of earlier years",
        "Jobs": "BITS: jobs", "Files": "BITS: files of jobs", "Containers": "WebCache: containers",
        "SystemIndex_PropertyStore": "Windows Search: properties of items",
        "SystemIndex_Gthr": "Windows Search: items to gather", "SystemIndex_GthrPth": "Windows Search: paths",
        "datatable": "Active Directory: objects", "link_table": "Active Directory: links between objects",
        "sd_table": "Active Directory: security descriptors",
        "tbFiles": "Windows Update: files", "tbUpdates": "Windows Update: updates",
        "HashCatNameTable": "catalog database: catalogs by hash",
    ]

    private static func special(_ column: ColumnDefinition, in table: String, _ names: [String]) -> ValueRendering? {
        switch column.type {
        case .longLong, .currency, .unsignedLongLong: wide(column, in: table)
        case .binary, .longBinary: bytes(column, in: table, names)
        default: nil
        }
    }

    /// Numbers of 64 bits that are moments.
    private static func wide(_ column: ColumnDefinition, in table: String) -> ValueRendering? {
        let name = column.name
        if srumProvider(table) != nil {
            // The starts of connections and events, and ends of intervals.
            return ["ConnectStartTime", "EventTimestamp", "EndTime", "StartTime"].contains(name) ? .fileTime : nil
        }
        if table == "Containers" || table.hasPrefix("Container_") || table.hasPrefix("AppCacheEntry")
            || table.hasPrefix("CookieEntryEx") || table == "Partitions" || table == "PartitionsEx"
        {
            return name.hasSuffix("Time") ? .fileTime : nil
        }
        if table == "datatable" {
            // LDAP's attributes of the type "large integer" that are file times, and generalized times in seconds
            // ([MS-ADA1] to [MS-ADA3]; the number is the attribute's internal ID).
            if ["ATTq589876", "ATTq589920", "ATTq589873", "ATTq590486", "ATTq591520", "ATTq589983"].contains(name) {
                return .fileTime
            }
            return ["ATTl131074", "ATTl131075"].contains(name) ? .secondsSince1601 : nil
        }
        return nil
    }

    /// Bytes that are something else.
    private static func bytes(_ column: ColumnDefinition, in table: String, _ names: [String]) -> ValueRendering? {
        let name = column.name
        switch table {
        case "SruDbIdMapTable":
            guard name == "IdBlob", let type = names.firstIndex(of: "IdType") else { return nil }
            return .srumIdentity(typeColumn: type)
        case "CLIENTS": return name == "Address" ? .ipAddress : nil
        case "datatable":
            if name == "ATTr589970" { return .sid }
            return name == "ATTk589826" ? .guidBytes : nil
        default: break
        }
        if table.hasPrefix("SystemIndex_Gthr"), name == "LastModified" { return .fileTimeBigEndian }
        if table.hasPrefix("SystemIndex_"), column.maximumByteCount == 8 || column.type == .binary {
            // "33-System_Search_GatherTime", "15F-System_DateModified"
            let property = name.split(separator: "-").last ?? ""
            if property.hasPrefix("System_"), property.contains("Date") || property.hasSuffix("Time") {
                return .fileTime
            }
        }
        return nil
    }
}
