// swift-tools-version: 6.2
import PackageDescription

// Layers, lowest first; a target depends only on what stands above it in this list.
// docs/architecture.md draws them, and Tests/TidyTests checks that the sources agree.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "oriel",
    products: [
        .executable(name: "oriel", targets: ["oriel"]),
        // The Swift API of databases.
        .library(name: "ESE", targets: ["ESE"]),
        // The C libraries; `make libs` builds them so that they need no Swift runtime.
        .library(name: "wsnmp32", type: .dynamic, targets: ["WinSNMPABI"]),
        .library(name: "esent", type: .dynamic, targets: ["JetABI"]),
    ],
    targets: [
        // C libraries and system headers.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(
            name: "CMicrohttpd", pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"]), .brew(["libmicrohttpd"])]),
        // The C interface of wsnmp32: headers only.
        .systemLibrary(name: "CWinSNMP"),
        // The C interface of esent: a header only.
        .systemLibrary(name: "CJet"),

        // Layer 1: no I/O, no clock, no C.
        module("Primitives"),
        module("JSON"),

        // Layer 2: pure functions on bytes; the system interface.
        module("SNMPCodec"),
        module("ESEFormat"),
        module("ESECollation", ["ESEFormat"]),
        module("PlatformIO", ["Primitives", "CLinux"]),

        // Layer 3: cryptography and the user-based security model.
        module("SNMPSecurity", ["Primitives", "SNMPCodec", "COpenSSL"]),
        // Secrets kept in files.
        module("Sealing", ["COpenSSL"]),

        // Layer 4: state machines without sockets and clocks.
        module("SNMPEngine", ["Primitives", "SNMPCodec", "SNMPSecurity"]),
        module("SNMPAgent", ["Primitives", "SNMPCodec", "SNMPSecurity"]),
        // For tests and benchmarks only.
        module("SNMPTestKit", ["Primitives", "SNMPCodec", "SNMPSecurity", "SNMPEngine"]),

        // Layer 5: drivers and the Swift API; names; this machine's objects.
        module("SNMP", ["Primitives", "SNMPCodec", "SNMPSecurity", "SNMPEngine", "SNMPAgent", "PlatformIO"]),
        module("SNMPPorts", ["Primitives", "PlatformIO"]),
        module("SNMPNames", ["SNMPCodec"]),
        module("WinSNMPDatabase", ["Primitives", "JSON", "SNMPCodec", "SNMPSecurity", "Sealing", "PlatformIO"]),
        module("ESEReader", ["ESEFormat", "ESECollation", "PlatformIO"]),
        module("ESEVerify", ["ESEFormat", "ESECollation", "ESEReader"]),
        // Files, time and chance come through seams.
        module("ESEEngine", ["Primitives", "ESEFormat", "PlatformIO"]),
        // The Swift API of databases; real files, threads and clocks for the engine.
        module("ESE", ["Primitives", "ESEFormat", "ESECollation", "ESEEngine", "PlatformIO"]),
        // For tests and benchmarks only.
        module("ESETestKit", ["Primitives", "ESEFormat", "ESECollation", "PlatformIO", "ESEReader", "ESEEngine"]),
        module("ESEExport", ["ESEFormat", "ESEReader", "PlatformIO", "CSQLite"]),
        module("HostAgent", ["Primitives", "SNMPCodec", "SNMPAgent", "PlatformIO"]),

        // Layer 5: the web's ground, of neither stack.
        module("HTTPService", ["Primitives", "PlatformIO", "CMicrohttpd"]),

        // The database of entities and contexts in an ESE database.
        module(
            "WinSNMPStore",
            ["Primitives", "JSON", "PlatformIO", "WinSNMPDatabase", "ESE", "ESEFormat", "ESEReader"]),

        // Layer 6: the WinSNMP API.
        module(
            "WinSNMP",
            [
                "Primitives", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPEngine", "SNMP", "SNMPPorts",
                "WinSNMPDatabase", "WinSNMPStore",
            ]),

        // The station's samples: records, blocks, rates. Pure functions.
        module("StationSeries"),
        // Its database, which knows of no network.
        module("StationStore", ["Primitives", "StationSeries", "ESE", "PlatformIO", "Sealing"]),
        // The station's polling half: what to ask devices, and when.
        module(
            "StationPoller",
            ["Primitives", "SNMPCodec", "SNMPEngine", "SNMP", "PlatformIO", "StationSeries"]),

        // Layer 6: the JET API, without C.
        module("Jet", ["ESEFormat", "ESECollation", "ESEEngine", "ESE", "PlatformIO"]),

        // Layer 7: the station: both halves together.
        module(
            "Station",
            [
                "Primitives", "JSON", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPEngine", "SNMPAgent", "SNMP",
                "SNMPNames", "HostAgent", "StationSeries", "StationPoller", "StationStore", "WinSNMPDatabase",
                "WinSNMPStore",
            ]),
        .target(
            name: "StationWeb",
            dependencies: [
                "Primitives", "JSON", "SNMPCodec", "SNMPEngine", "SNMP", "PlatformIO", "HTTPService", "StationSeries",
                "StationPoller", "StationStore", "Station",
            ],
            resources: [.embedInCode("Page")], swiftSettings: settings),
        // For tests and benchmarks only.
        module(
            "StationTestKit",
            [
                "Primitives", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPAgent", "SNMP", "StationSeries",
                "StationStore",
            ]),

        // Layer 7: the C libraries' functions.
        module("WinSNMPABI", ["CWinSNMP", "SNMPCodec", "PlatformIO", "WinSNMP"]),
        module("JetABI", ["CJet", "ESEFormat", "ESEEngine", "PlatformIO", "Jet"]),

        // Programs.
        module(
            "OrielCommand",
            [
                "Primitives", "JSON", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPEngine", "SNMP", "SNMPNames",
                "WinSNMPDatabase", "WinSNMPStore", "ESEFormat", "ESECollation", "ESEReader", "ESEExport",
                "ESEVerify", "HTTPService", "Station", "StationStore", "StationWeb",
            ]),
        .executableTarget(name: "oriel", dependencies: ["OrielCommand"], swiftSettings: settings),
        .executableTarget(
            name: "oriel-bench",
            dependencies: [
                "Primitives", "SNMPCodec", "SNMPSecurity", "SNMPEngine", "PlatformIO", "SNMP", "SNMPTestKit", "WinSNMP",
                "ESEFormat", "ESEReader", "ESETestKit", "JSON", "StationSeries", "StationStore", "Station",
                "StationWeb",
                "StationTestKit",
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "ese-fuzz", dependencies: ["Primitives", "PlatformIO", "ESETestKit"], swiftSettings: settings),
        .executableTarget(
            name: "ese-large", dependencies: ["Primitives", "PlatformIO", "ESE", "ESEVerify"], swiftSettings: settings),

        // Tests, and what they share.
        .target(name: "PeerRig", dependencies: ["CLinux"], path: "Tests/Support/PeerRig", swiftSettings: settings),
        tests("PeerRigTests", ["PeerRig"]),
        tests("PrimitivesTests", ["Primitives"]),
        tests("JSONTests", ["JSON", "Primitives"]),
        tests("SNMPCodecTests", ["Primitives", "SNMPCodec", "SNMPTestKit"], resources: [.copy("Vectors")]),
        tests("PlatformIOTests", ["PlatformIO", "Primitives", "CLinux"]),
        tests("SNMPSecurityTests", ["SNMPSecurity", "SNMPCodec", "Primitives", "COpenSSL"]),
        tests("SNMPEngineTests", ["SNMPEngine", "SNMPTestKit", "SNMPSecurity", "SNMPCodec", "Primitives"]),
        tests("SNMPAgentTests", ["SNMPAgent", "SNMPSecurity", "SNMPCodec", "Primitives"]),
        tests(
            "SNMPTests", ["SNMP", "SNMPAgent", "SNMPEngine", "SNMPSecurity", "SNMPCodec", "PlatformIO", "Primitives"]),
        tests(
            "InteropTests",
            ["PeerRig", "SNMP", "SNMPAgent", "SNMPEngine", "SNMPSecurity", "SNMPCodec", "PlatformIO", "Primitives"]),
        tests(
            "HostAgentTests",
            ["HostAgent", "SNMPAgent", "SNMPSecurity", "SNMPCodec", "PlatformIO", "Primitives", "PeerRig"],
            resources: [.copy("Files")]),
        tests("SNMPPortsTests", ["SNMPPorts", "PlatformIO", "Primitives"]),
        tests("SNMPNamesTests", ["SNMPNames", "SNMPCodec"]),
        .target(
            name: "WinSNMPEntries", dependencies: ["WinSNMPDatabase", "SNMPSecurity", "SNMPCodec", "PlatformIO"],
            path: "Tests/Support/WinSNMPEntries", swiftSettings: settings),
        tests(
            "WinSNMPDatabaseTests",
            [
                "WinSNMPDatabase", "WinSNMPEntries", "JSON", "SNMPSecurity", "SNMPCodec", "Sealing", "PlatformIO",
                "Primitives",
            ]),
        tests(
            "WinSNMPStoreTests",
            [
                "WinSNMPStore", "WinSNMPDatabase", "WinSNMPEntries", "PeerRig", "ESE", "ESEEngine", "ESEReader",
                "ESEFormat", "JSON", "SNMPSecurity", "SNMPCodec", "PlatformIO", "Primitives",
            ]),
        tests(
            "OrielCommandTests",
            [
                "OrielCommand", "JSON", "Station", "StationStore", "PeerRig", "SNMPNames", "SNMPEngine", "SNMPSecurity",
                "SNMPCodec", "PlatformIO", "Primitives", "ESEFormat",
            ],
            resources: [.copy("Help"), .copy("Database")]),
        tests(
            "WinSNMPTests",
            [
                "WinSNMP", "WinSNMPDatabase", "SNMP", "SNMPAgent", "SNMPEngine", "SNMPSecurity", "SNMPCodec",
                "SNMPTestKit", "PlatformIO", "Primitives", "Station", "StationRig", "StationStore", "WinSNMPStore",
            ]),
        // Uses the C library of `make libs`; the module only for what has no C interface.
        tests("WinSNMPABITests", ["PeerRig", "Primitives", "WinSNMPABI"], resources: [.copy("Programs")]),
        tests("ESEFormatTests", ["ESEFormat", "PeerRig", "Primitives"], resources: [.copy("Vectors")]),
        tests("ESECollationTests", ["ESEFormat", "ESECollation", "Primitives"]),
        tests(
            "ESEEngineTests",
            [
                "ESEEngine", "ESETestKit", "ESEVerify", "ESEReader", "ESECollation", "ESEFormat", "PlatformIO",
                "PeerRig", "Primitives",
            ]),
        tests("ESETests", ["ESE", "ESEEngine", "ESETestKit", "ESEFormat", "PlatformIO", "PeerRig", "Primitives"]),
        tests("JetTests", ["Jet", "ESE", "ESEEngine", "PlatformIO", "PeerRig"], resources: [.copy("Programs")]),
        // Calls the functions in this process, and as a C program does through the library of `make libs`.
        tests(
            "JetABITests",
            [
                "JetABI", "Jet", "CJet", "ESE", "ESEFormat", "ESEEngine", "ESEReader", "ESEVerify", "PlatformIO",
                "PeerRig", "Primitives",
            ],
            resources: [.copy("Programs")]),
        // Databases of ours for other readers, and Windows' databases changed by us.
        tests(
            "ESEInterchangeTests",
            ["ESE", "ESEEngine", "ESEFormat", "ESEReader", "ESEVerify", "PlatformIO", "PeerRig", "Primitives"]),
        tests("ESEReaderTests", ["ESEReader", "ESEFormat", "ESETestKit", "PeerRig", "Primitives"]),
        tests("ESEVerifyTests", ["ESEVerify", "ESETestKit", "ESEReader", "ESEFormat", "PeerRig", "Primitives"]),
        tests("ESEExportTests", ["ESEExport", "ESEReader", "ESEFormat", "PeerRig", "Primitives"]),
        tests("ESETestKitTests", ["ESETestKit", "ESEReader", "ESEFormat", "PeerRig", "Primitives"]),
        tests(
            "StationStoreTests",
            [
                "StationStore", "StationSeries", "Sealing", "ESE", "ESEEngine", "ESETestKit", "PlatformIO",
                "Primitives",
            ]),
        // Runs the program ese-fuzz.
        tests("ESEFuzzTests", ["ESETestKit", "ESEReader", "ESEFormat", "PlatformIO", "PeerRig"]),
        tests(
            "StationPollerTests",
            [
                "StationPoller", "StationSeries", "SNMP", "SNMPTestKit", "SNMPAgent", "SNMPEngine", "SNMPSecurity",
                "SNMPCodec", "PlatformIO", "Primitives",
            ]),
        tests("StationSeriesTests", ["StationSeries", "PeerRig", "Primitives"]),
        tests("HTTPServiceTests", ["HTTPService", "PlatformIO", "Primitives"]),
        .target(
            name: "StationRig", dependencies: ["PlatformIO", "Primitives", "Station", "StationStore"],
            path: "Tests/Support/StationRig", swiftSettings: settings),
        tests(
            "StationTests",
            [
                "Station", "StationRig", "StationPoller", "StationSeries", "StationStore", "ESE", "ESETestKit", "SNMP",
                "SNMPEngine", "SNMPSecurity", "SNMPCodec", "JSON", "PlatformIO", "Primitives", "WinSNMPDatabase",
                "WinSNMPStore",
            ]),
        tests(
            "StationWebTests",
            ["StationWeb", "Station", "StationRig", "StationStore", "HTTPService", "JSON", "PlatformIO", "Primitives"]),
        // Runs the program oriel, and a browser.
        tests("StationPageTests", ["PeerRig"]),
        // Runs the program oriel, and stations in this process, among other people's programs and broken things.
        tests(
            "StationWildTests",
            [
                "Station", "StationRig", "StationWeb", "StationPoller", "StationSeries", "StationStore", "HTTPService",
                "SNMP", "SNMPAgent", "SNMPEngine", "SNMPSecurity", "SNMPCodec", "JSON", "PlatformIO", "Primitives",
                "PeerRig",
            ]),
        tests("FleetTests", ["StationTestKit", "StationRig", "Station", "StationStore", "PlatformIO", "Primitives"]),
        tests("TidyTests"),
    ]
)
