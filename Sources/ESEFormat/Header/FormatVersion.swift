// Layer: ESEFormat/Header. Used by: DatabaseHeader, `oriel db info`.
// The revision of a database's format, and which engine and Windows writes it.

/// The version of a database's format. Windows' tool prints it as `0x620,20,0`.
public struct FormatVersion: Hashable, Comparable, Sendable {
    /// Always 0x620 since Windows 2000. ESE's term: ulVersion.
    public var version: UInt32
    /// Readers must know it. ESE's terms: ulDaeUpdateMajor, revision.
    public var updateMajor: UInt32
    /// Compatible steps. ESE's term: ulDaeUpdateMinor.
    public var updateMinor: UInt32

    /// Makes a version.
    public init(version: UInt32 = 0x620, updateMajor: UInt32, updateMinor: UInt32 = 0) {
        self.version = version
        self.updateMajor = updateMajor
        self.updateMinor = updateMinor
    }

    /// The one that is written: what Windows 8 to 11 make by default, and all of them read.
    public static let writable = FormatVersion(updateMajor: 20)

    /// What can be done with a database of this version.
    public enum Support: Sendable {
        /// Everything about it is known.
        case known
        /// It is newer than what is known: most can be read, some things perhaps wrongly.
        case newer
        /// It is older than all that is known, or of another kind.
        case unknown
    }

    /// What can be done with a database of this version.
    public var support: Support {
        guard version == 0x620 else { return version > 0x620 ? .newer : .unknown }
        switch updateMajor {
        case 9...300: return .known
        case 301...: return .newer
        default: return .unknown
        }
    }

    /// Whether databases of this version are written.
    public var isWritable: Bool { version == 0x620 && updateMajor == 20 }

    /// The engine format version: the newest one whose databases have this format; nil below 0x620,20 and for unknown
    /// ones. C names: JET_ENGINEFORMATVERSION, JET_efv….
    public var engineFormatVersion: UInt32? {
        guard version == 0x620 else { return nil }
        return Self.engineFormats.last { $0.updateMajor == updateMajor && $0.updateMinor == updateMinor }?.engine
    }

    /// Who writes this format, such as "Windows 10 2004 to 22H2"; an estimate such as "after Windows 11 21H2" between
    /// the known ones; nil if nobody is known.
    public var writer: String? {
        guard version == 0x620 else { return nil }
        let known = Self.writers.last { $0.updateMajor <= updateMajor }
        guard let known else { return nil }
        return known.updateMajor == updateMajor || updateMajor <= 20 ? known.name : "after \(known.name)"
    }

    /// Orders by version, then major, then minor.
    public static func < (a: Self, b: Self) -> Bool {
        (a.version, a.updateMajor, a.updateMinor) < (b.version, b.updateMajor, b.updateMinor)
    }

    private static let writers: [(updateMajor: UInt32, name: String)] = [
        (0x09, "Windows 2000 to Windows Server 2003"),
        (0x0b, "Windows Server 2003 to Windows Vista"),
        (0x0c, "Windows Vista and Windows Server 2008"),
        (0x11, "Windows 7 and Windows Server 2008 R2"),
        (0x14, "Windows 8 to Windows 10 1909, and later ones by default"),
        (110, "Windows 10 2004 to 22H2"),
        (180, "Windows Server 2022"),
        (200, "Windows 11 21H2"),
        (230, "Windows 11 22H2"),
        (290, "Windows 11 23H2"),
        (300, "Windows 11 24H2 and Windows Server 2025"),
    ]

    // By engine version, ascending. ESE: g_rgfmtversEngine in sysver.cxx; 9620 as databases of Windows 11 24H2 have it.
    private static let engineFormats: [(engine: UInt32, updateMajor: UInt32, updateMinor: UInt32)] = [
        (8_920, 20, 0), (8_940, 20, 20), (8_960, 30, 40), (8_980, 40, 60), (9_000, 50, 80), (9_020, 50, 100),
        (9_040, 60, 120), (9_080, 70, 160), (9_100, 80, 180), (9_120, 90, 200), (9_140, 100, 220), (9_160, 100, 220),
        (9_180, 110, 240), (9_260, 150, 320), (9_280, 160, 340), (9_300, 160, 360), (9_320, 160, 360),
        (9_340, 170, 380), (9_360, 180, 400), (9_380, 190, 420), (9_400, 200, 440), (9_420, 210, 460),
        (9_460, 230, 500), (9_480, 230, 500), (9_520, 250, 520), (9_540, 260, 540), (9_560, 270, 560),
        (9_580, 280, 580), (9_600, 290, 600), (9_620, 300, 620),
    ]
}

extension FormatVersion: CustomStringConvertible {
    /// As Windows' tool prints it: `0x620,20,0`.
    public var description: String { "0x\(String(version, radix: 16)),\(updateMajor),\(updateMinor)" }
}
