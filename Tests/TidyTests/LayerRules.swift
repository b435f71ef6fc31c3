// Layer: TidyTests. Used by: Rule.
// Which module may import which: the picture in docs/architecture.md as a table, and the checks of it.

/// A module and what it may import, lowest first in `Layer.all`.
struct Layer {
    let name: String
    let imports: Set<String>

    init(_ name: String, _ imports: Set<String> = []) {
        self.name = name
        self.imports = imports
    }

    /// Every module of the package. A row may name only rows above it.
    static let all: [Layer] = [
        Layer("CLinux"),
        Layer("COpenSSL"),
        Layer("CSQLite"),
        Layer("CMicrohttpd"),
        Layer("CWinSNMP"),
        Layer("CJet"),
        Layer("Primitives"),
        Layer("JSON"),
        Layer("SNMPCodec", ["Primitives"]),
        Layer("ESEFormat"),
        Layer("ESECollation", ["ESEFormat"]),
        Layer("PlatformIO", ["Primitives", "CLinux"]),
        Layer("SNMPSecurity", ["Primitives", "SNMPCodec", "COpenSSL"]),
        Layer("Sealing", ["COpenSSL"]),
        Layer("SNMPEngine", ["Primitives", "SNMPCodec", "SNMPSecurity"]),
        Layer("SNMPAgent", ["Primitives", "SNMPCodec", "SNMPSecurity"]),
        Layer("SNMP", ["Primitives", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPEngine", "SNMPAgent"]),
        Layer("SNMPPorts", ["Primitives", "PlatformIO"]),
        Layer("SNMPNames", ["SNMPCodec"]),
        Layer("WinSNMPDatabase", ["Primitives", "JSON", "SNMPCodec", "PlatformIO", "SNMPSecurity", "Sealing"]),
        Layer("ESEReader", ["ESEFormat", "ESECollation", "PlatformIO"]),
        Layer("ESEVerify", ["ESEFormat", "ESECollation", "ESEReader"]),
        Layer("ESEEngine", ["Primitives", "ESEFormat", "ESECollation", "PlatformIO"]),
        Layer("ESE", ["Primitives", "ESEFormat", "ESECollation", "ESEEngine", "PlatformIO"]),
        Layer("ESETestKit", ["Primitives", "ESEFormat", "ESECollation", "PlatformIO", "ESEReader", "ESEEngine"]),
        Layer("ESEExport", ["ESEFormat", "ESEReader", "PlatformIO", "CSQLite"]),
        Layer("HostAgent", ["Primitives", "SNMPCodec", "PlatformIO", "SNMPAgent"]),
        Layer("HTTPService", ["Primitives", "PlatformIO", "CMicrohttpd"]),
        Layer(
            "WinSNMPStore",
            ["Primitives", "JSON", "PlatformIO", "WinSNMPDatabase", "ESE", "ESEFormat", "ESEReader"]),
        Layer(
            "WinSNMP",
            [
                "Primitives", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPEngine", "SNMP", "SNMPPorts",
                "WinSNMPDatabase", "WinSNMPStore",
            ]),
        Layer("WinSNMPABI", ["CWinSNMP", "SNMPCodec", "PlatformIO", "WinSNMP"]),
        Layer("Jet", ["ESEFormat", "ESECollation", "ESEEngine", "ESE", "PlatformIO"]),
        Layer("JetABI", ["CJet", "ESEFormat", "ESEEngine", "PlatformIO", "Jet"]),
        Layer("StationSeries", ["Primitives"]),
        Layer("StationStore", ["Primitives", "StationSeries", "ESE", "PlatformIO", "Sealing"]),
        Layer(
            "StationPoller",
            ["Primitives", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPEngine", "SNMP", "StationSeries"]),
        Layer(
            "Station",
            [
                "Primitives", "JSON", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPEngine", "SNMPAgent", "SNMP",
                "SNMPNames", "HostAgent", "StationSeries", "StationPoller", "StationStore", "WinSNMPDatabase",
                "WinSNMPStore",
            ]),
        Layer(
            "StationWeb",
            [
                "Primitives", "JSON", "SNMPCodec", "SNMPEngine", "SNMP", "PlatformIO", "HTTPService", "StationSeries",
                "StationPoller", "StationStore", "Station",
            ]),
        // The application and the benchmarks join the layers, so they see all of them (but no C).
        Layer("OrielCommand", application),
        Layer("oriel", ["OrielCommand"]),
        Layer("SNMPTestKit", ["Primitives", "SNMPCodec", "SNMPSecurity", "SNMPEngine", "SNMPAgent"]),
        Layer(
            "StationTestKit",
            [
                "Primitives", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPAgent", "SNMP", "StationSeries",
                "StationStore",
            ]),
        Layer(
            "oriel-bench",
            application.union(["SNMPTestKit", "ESETestKit", "WinSNMP", "StationSeries", "StationTestKit"])),
        Layer("ese-fuzz", ["Primitives", "PlatformIO", "ESETestKit"]),
        Layer("ese-large", ["Primitives", "PlatformIO", "ESE", "ESEVerify"]),
    ]

    private static let application: Set<String> = [
        "Primitives", "JSON", "SNMPCodec", "PlatformIO", "SNMPSecurity", "SNMPEngine", "SNMPAgent", "SNMP", "SNMPNames",
        "HostAgent", "WinSNMPDatabase", "WinSNMPStore", "ESEFormat", "ESECollation", "ESEReader", "ESEExport",
        "ESEVerify", "HTTPService", "StationStore", "Station", "StationWeb",
    ]

    static func named(_ name: String) -> Layer? { all.first { $0.name == name } }
}

/// The two halves of the project that only the application and the modules of `joints` may join.
enum Stack: String {
    case snmp = "SNMP"
    case ese = "ESE"

    /// Modules that stand on both halves, each for a reason that docs/architecture.md gives.
    static let joints: Set<String> = ["WinSNMPStore"]

    init?(module: String) {
        if Self.joints.contains(module) || Self.joints.contains(where: { module == $0 + "Tests" }) { return nil }
        let prefixes: [(String, Stack)] = [
            ("SNMP", .snmp), ("WinSNMP", .snmp), ("CWinSNMP", .snmp), ("ESE", .ese), ("Jet", .ese), ("CJet", .ese),
        ]
        guard let match = prefixes.first(where: { module.hasPrefix($0.0) }) else { return nil }
        self = match.1
    }
}

/// A module of the system and who may import it.
struct Seam {
    let modules: Set<String>
    let users: Set<String>
    let advice: String

    static let all: [Seam] = [
        Seam(
            modules: ["Glibc", "Darwin", "Musl", "CLinux"], users: ["PlatformIO", "PlatformIOTests", "PeerRig"],
            advice: "Add what is needed to PlatformIO and call that"),
        Seam(
            modules: ["COpenSSL"], users: ["SNMPSecurity", "SNMPSecurityTests", "Sealing"],
            advice: "Add what is needed to SNMPSecurity or Sealing and call that"),
        Seam(
            modules: ["CSQLite"], users: ["ESEExport"], advice: "Add what is needed to ESEExport and call that"),
        Seam(
            modules: ["CMicrohttpd"], users: ["HTTPService"],
            advice: "Add what is needed to HTTPService and call that"),
        Seam(
            modules: ["Foundation", "FoundationEssentials"], users: ["OrielCommand", "oriel-bench"],
            advice: "Use the standard library; Foundation is for the command, the benchmarks and the tests"),
    ]

    /// Modules of the toolchain that any target may import.
    static let everywhere: Set<String> = ["Swift", "Synchronization"]
    /// Modules of the toolchain that tests, test kits and benchmarks may import.
    static let inTests: Set<String> = ["Testing", "Dispatch"]
}

extension Rule {
    /// Imports and manifest dependencies go down the table only, and never from one stack to the other.
    static let layers = Rule("imports follow the layers") { tree in
        manifestFindings(tree.manifest) + tree.files.filter(\.isSwift).flatMap { importFindings($0, tree.manifest) }
    }

    private static func manifestFindings(_ manifest: Manifest) -> [Finding] {
        let support = manifest.targets.filter { $0.isForTests && !$0.isTest }.map(\.name)
        return manifest.targets.flatMap { target in
            var findings: [Finding] = []
            func report(_ problem: String, _ advice: String) {
                findings.append(Finding(path: "Package.swift", line: target.line, problem: problem, advice: advice))
            }
            let layer = Layer.named(target.name)
            if layer == nil, !target.isForTests {
                report("the module \(target.name) has no place in the layers", unknownAdvice(target.name))
            }
            for dependency in target.dependencies {
                if crossesStacks(target.name, dependency) {
                    report("\(target.name) depends on \(dependency) of the other stack", stackAdvice)
                } else if let layer, !layer.imports.contains(dependency) {
                    report("\(target.name) may not depend on \(dependency)", upwardAdvice(layer))
                } else if target.isForTests, Layer.named(dependency) == nil, !support.contains(dependency) {
                    report(
                        "\(target.name) depends on \(dependency), which has no place in the layers",
                        unknownAdvice(dependency))
                }
            }
            return findings
        }
    }

    private static func importFindings(_ file: SourceFile, _ manifest: Manifest) -> [Finding] {
        guard let name = file.target else { return [] }
        guard !file.isInSources || Layer.named(name) != nil else {
            return [
                Finding(
                    path: file.path, line: 1, problem: "the module \(name) has no place in the layers",
                    advice: unknownAdvice(name))
            ]
        }
        // A folder without a target is the matter of another rule.
        let declared = manifest.targets.first { $0.name == name }?.dependencies
        return file.imports.compactMap { module, line in
            func finding(_ problem: String, _ advice: String) -> Finding {
                Finding(path: file.path, line: line, problem: problem, advice: advice)
            }
            if crossesStacks(name, module) {
                return finding("\(name) imports \(module) of the other stack", stackAdvice)
            }
            let isTools = !file.isInSources || name.hasSuffix("TestKit") || name == "oriel-bench"
            if Seam.everywhere.contains(module) || (isTools && Seam.inTests.contains(module)) { return nil }
            // Modules of the system have their own rule; what is left are the package's modules.
            if Seam.all.contains(where: { $0.modules.contains(module) }), Layer.named(module) == nil { return nil }
            if let layer = Layer.named(name), file.isInSources, !layer.imports.contains(module) {
                return finding("\(name) may not import \(module)", upwardAdvice(layer))
            }
            if let declared, !declared.contains(module) {
                return finding(
                    "\(name) imports \(module) without declaring it",
                    "Add \"\(module)\" to the dependencies of \(name) in Package.swift")
            }
            return nil
        }
    }

    private static func crossesStacks(_ a: String, _ b: String) -> Bool {
        guard let first = Stack(module: a), let second = Stack(module: b) else { return false }
        return first != second
    }

    private static let stackAdvice = "Join the stacks in the application"

    private static func upwardAdvice(_ layer: Layer) -> String {
        let allowed = layer.imports.isEmpty ? "nothing of the package" : layer.imports.sorted().joined(separator: ", ")
        return "It may import \(allowed); move the code to a higher layer or what it needs to a lower one"
    }

    private static func unknownAdvice(_ module: String) -> String {
        "Add Layer(\"\(module)\", [its imports]) to Layer.all in Tests/TidyTests/LayerRules.swift, above its users"
    }

    /// Libc, OpenSSL and Foundation are imported by their seams only, and no function is linked past them.
    static let seams = Rule("the system is called through its seams") { tree in
        tree.files.filter(\.isSwift).flatMap { file -> [Finding] in
            guard let name = file.target else { return [] }
            let imports = file.imports.compactMap { module, line -> Finding? in
                guard let seam = Seam.all.first(where: { $0.modules.contains(module) }) else { return nil }
                let isFoundation = module.hasPrefix("Foundation")
                if seam.users.contains(name) || (isFoundation && !file.isInSources) { return nil }
                return Finding(
                    path: file.path, line: line, problem: "\(name) imports \(module)",
                    advice: file.isInSources ? seam.advice : "Import Foundation, which tests may use, or PlatformIO")
            }
            let linked = file.lines.compactMap { line -> Finding? in
                guard line.code.contains("@_silgen_name") || line.code.contains("@_extern") else { return nil }
                return Finding(
                    path: file.path, line: line.number, problem: "a C function is linked by name",
                    advice: "Declare it in a system library's shim.h and call it from PlatformIO")
            }
            return imports + linked
        }
    }

    /// A dependency that no file imports makes the picture of the layers a lie.
    static let usedDependencies = Rule("declared dependencies are imported") { tree in
        tree.manifest.targets.flatMap { target -> [Finding] in
            let used = Set(tree.files.filter { $0.target == target.name }.flatMap { $0.imports.map(\.module) })
            return target.dependencies.filter { !used.contains($0) }.map {
                Finding(
                    path: "Package.swift", line: target.line, problem: "\(target.name) never imports \($0)",
                    advice: "Remove it from the dependencies of \(target.name)")
            }
        }
    }
}
