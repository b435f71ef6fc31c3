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

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "oriel",
    products: [],
    targets: [
        // C libraries and system headers.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),

        // Layer 1: no I/O, no clock, no C.
        module("Primitives"),

        // Names of objects; depends on nothing else.
        module("SNMPNames"),

        // Tests.
        tests("PrimitivesTests", ["Primitives"]),
        tests("SNMPNamesTests", ["SNMPNames"]),
        tests("TidyTests", []),
    ]
)
