// Layer: ESEExport. Uses: ValueRendering. Used by: Exporter, the commands.
// What is known of the tables of well-known programs: what their columns mean beyond their types. Facts from
// Microsoft's documentation where there is any, else from what the programs' files hold, which investigators have
// published.

public import ESEFormat
public import ESEReader

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
        let search = searchOrder(of: table)
        return table.columns.map { column in
            let known =
                search.map { searchProperty(column, order: $0) } ?? special(column, in: table.name, names)
            return known ?? ValueRendering(column)
        }
    }

    /// The values of a column in the row that a cursor stands on, as texts, if more is known of the column than its
    /// type; nil otherwise, and for values that can't be read.
    /// - Parameter renderings: what `renderings(of:)` gives for the cursor's table.
    public static func texts(_ column: Int, of rows: RowCursor, _ renderings: [ValueRendering]) -> [String]? {
        guard renderings[column] != ValueRendering(rows.columns[column]) else { return nil }
        let rendering = renderings[column].resolved(rows)
        var texts: [String] = []
        guard let count = try? rows.valueCount(column) else { return nil }
        for occurrence in 0..<count {
            var text: [UInt8] = []
            let kind = try? rows.withValue(column, occurrence: occurrence) { (bytes) throws(FormatError) in
                try rendering.append(bytes, binary: .hex, to: &text)
            }
            guard kind != nil else { return nil }
            texts.append(String(decoding: text, as: UTF8.self))
        }
        return texts
    }

    /// The providers of the System Resource Usage Monitor. Windows lists them in the registry, under
    /// SOFTWARE\Microsoft\Windows NT\CurrentVersion\SRUM\Extensions; the names of those that it doesn't name are what
    /// investigators call them (srum-dump, dissect.target's plugin of SRUM).
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
            "{17F4D97B-F26A-5E79-3A82-90040A47D13D}": "volumes",
            "{841A7317-3805-518B-C2EA-AD224CB4AF84}": "physical disks",
            "{DC3D3B50-BB90-5066-FA4E-A5F90DD8B677}": "processors",
            "{EEE2F477-0659-5C47-EF03-6D6BEFD441B3}": "network interfaces",
            "{38AD6548-9313-58F8-45C7-D293BAFDC879}": "performance counters",
            "{CDF8EBF6-7C0F-5AC2-158F-DBFBEE981152}": "event log",
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
            // The starts of connections and events, and ends of intervals (dissect.target's plugin of SRUM).
            return ["ConnectStartTime", "EventTimestamp", "EndTime", "StartTime"].contains(name) ? .fileTime : nil
        }
        // The MSIE web cache of esedb-kb: all times are file times.
        let webCache = ["Container", "AppCacheEntry", "CookieEntryEx_", "DependencyEntry", "HstsEntry", "BlobEntry"]
        if webCache.contains(where: table.hasPrefix) || ["Partitions", "PartitionsEx", "LeakFiles"].contains(table) {
            return name.hasSuffix("Time") ? .fileTime : nil
        }
        if table == "datatable" {
            // LDAP's attributes of the type "large integer" that are file times ([MS-ADA1] to [MS-ADA3]; the number is
            // the attribute's internal ID): lastLogon, pwdLastSet, badPasswordTime, lockoutTime, lastLogonTimestamp,
            // accountExpires.
            if ["ATTq589876", "ATTq589920", "ATTq589873", "ATTq590486", "ATTq591520", "ATTq589983"].contains(name) {
                return .fileTime
            }
            // The letter is the syntax: l is 2.5.5.11, generalized times, kept in seconds ([MS-ADTS] 3.1.1.2.2.2;
            // dissect.database's ntds).
            return name.hasPrefix("ATTl") ? .secondsSince1601 : nil
        }
        return nil
    }

    private enum SearchOrder { case little, big }

    /// How Windows Search keeps numbers in bytes, which its versions do differently; nil for tables that are not its
    /// properties. (The Windows Search of esedb-kb; for Windows 8 and later dissect.target's plugin of the index.)
    private static func searchOrder(of table: TableDefinition) -> SearchOrder? {
        if table.name == "SystemIndex_PropertyStore" { return .little }
        guard table.name == "SystemIndex_0A" else { return nil }
        // XP has bytes in __SDID and Vista a number; Windows 7 lacks the column.
        let identifier = table.columns.first { $0.name == "__SDID" }
        return identifier?.type == .long ? .little : .big
    }

    /// Properties of items: "System_DateModified", since Windows 8 with a number before, "15F-System_DateModified".
    private static func searchProperty(_ column: ColumnDefinition, order: SearchOrder) -> ValueRendering? {
        let property = column.name.split(separator: "-").last ?? ""
        let isBytes = column.type == .binary || column.type == .longBinary
        if property == "System_Size", isBytes || column.type == .currency {
            return order == .big ? .unsignedBigEndian : .unsignedBytes
        }
        guard isBytes, property.hasPrefix("System_") else { return nil }
        // These are durations.
        if ["System_Document_TotalEditingTime", "System_Photo_ExposureTime"].contains(property) { return nil }
        guard property.contains("Date") || property.hasSuffix("Time") else { return nil }
        return order == .big ? .fileTimeBigEndian : .fileTime
    }

    /// Bytes that are something else.
    private static func bytes(_ column: ColumnDefinition, in table: String, _ names: [String]) -> ValueRendering? {
        let name = column.name
        switch table {
        case "SruDbIdMapTable":
            guard name == "IdBlob", let type = names.firstIndex(of: "IdType") else { return nil }
            return .srumIdentity(typeColumn: type)
        // "User Access Logging" of Microsoft's documentation of Windows Server: IPv4 or IPv6.
        case "CLIENTS": return name == "Address" ? .ipAddress : nil
        case "datatable":
            // The letter is the syntax: r is 2.5.5.17, SIDs, whose last number is kept big-endian so that they sort
            // (dissect.database's ntds). ATTk589826 is objectGUID.
            if name.hasPrefix("ATTr") { return .directorySID }
            return name == "ATTk589826" ? .guidBytes : nil
        default: break
        }
        // The Windows Search of esedb-kb.
        if table.hasPrefix("SystemIndex_Gthr"), name == "LastModified" { return .fileTimeBigEndian }
        return nil
    }
}
