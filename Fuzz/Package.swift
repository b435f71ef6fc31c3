// swift-tools-version: 6.2
import PackageDescription

// The decoders under libFuzzer, apart from the package so that nothing of it is built without need: `make fuzz`. The folders
// of the modules are links to those of the package; every one of them is compiled with the fuzzer's counters.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "oriel-fuzz",
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CFuzzer"),
        module("Primitives"),
        module("ESEFormat"),
        module("ESECollation", ["ESEFormat"]),
        module("PlatformIO", ["Primitives", "CLinux"]),
        module("ESEReader", ["ESEFormat", "ESECollation", "PlatformIO"]),
        module("ESEEngine", ["Primitives", "ESEFormat", "PlatformIO"]),
        module("ESETestKit", ["Primitives", "ESEFormat", "ESECollation", "PlatformIO", "ESEReader", "ESEEngine"]),
        .executableTarget(
            name: "FuzzESE", dependencies: ["CFuzzer", "ESETestKit", "PlatformIO"], swiftSettings: settings),
    ]
)
