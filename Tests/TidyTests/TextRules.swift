// Layer: TidyTests. Used by: Rule.
// Rules that look at one line at a time: traps, width, leftovers; and the audit of unsafe pointers.

extension Rule {
    /// Bad bytes from outside must never end the process, so nothing in Sources may trap by habit.
    static let traps = Rule("no traps on the way of outside data") { tree in
        tree.files.filter { $0.isInSources && $0.isSwift }.flatMap { file in
            file.lines.flatMap { line -> [Finding] in
                let traps = trapsIn(line.code)
                if traps.isEmpty || excuse(line.comment) == .withReason { return [] }
                let advice =
                    excuse(line.comment) == .withoutReason
                    ? "Say after \"tidy: our bug\" why outside data can't get here"
                    : "Throw a typed error, or use precondition for our own bug"
                return traps.map { Finding(path: file.path, line: line.number, problem: $0, advice: advice) }
            }
        }
    }

    private enum Excuse { case none, withoutReason, withReason }

    /// Reads a trailing `// tidy: our bug, <reason>`; a reason is three words or more.
    private static func excuse(_ comment: String) -> Excuse {
        guard let range = comment.firstRange(of: "tidy: our bug") else { return .none }
        let words = comment[range.upperBound...].split { !($0.isLetter || $0.isNumber) }
        return words.count >= 3 ? .withReason : .withoutReason
    }

    private static func trapsIn(_ code: String) -> [String] {
        var problems: [String] = []
        if code.contains(#/\bfatalError\s*\(/#) { problems.append("fatalError") }
        let bytes = Array(code.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "!") && index > 0 {
            if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "=") { continue }
            guard endsExpression(bytes[index - 1]) else { continue }
            let word = String(decoding: bytes[..<index].reversed().prefix(while: isWordByte).reversed(), as: UTF8.self)
            problems.append(word == "try" || word == "as" ? "\(word)!" : "forced unwrap or implicitly unwrapped type")
        }
        return problems
    }

    private static func endsExpression(_ byte: UInt8) -> Bool {
        isWordByte(byte) || ")]}>`?".utf8.contains(byte)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...: true
        default: false
        }
    }

    static let width = Rule("no line is longer than 120 columns") { tree in
        tree.files.flatMap { file in
            file.lines.filter { $0.text.count > 120 }.map {
                Finding(
                    path: file.path, line: $0.number, problem: "the line has \($0.text.count) columns",
                    advice: "Wrap it at 120")
            }
        }
    }

    /// The words that mark unfinished work, put together so that this file does not hold them.
    static let leftoverWords = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]

    static let leftovers = Rule("no leftover markers") { tree in
        tree.files.flatMap { file in
            file.lines.compactMap { line -> Finding? in
                let words = line.text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
                guard let word = leftoverWords.first(where: { words.contains(Substring($0)) }) else { return nil }
                return Finding(
                    path: file.path, line: line.number, problem: "leftover \(word)",
                    advice: "Do it, or say in the documentation what is missing")
            }
        }
    }

    /// Files that may name unsafe pointers; each states in itself the check that makes it safe.
    /// A new file is added here only after somebody has looked for that check.
    /// PlatformIO is left out, as every call to the system takes pointers, and so are the benchmarks.
    static let unsafeFiles: Set<String> = [
        "Sources/ESE/Interface/Column.swift",
        "Sources/ESE/Interface/Row.swift",
        "Sources/ESE/Interface/RowWriter.swift",
        "Sources/ESE/Interface/Session.swift",
        "Sources/ESE/Interface/StoredValue.swift",
        "Sources/ESE/Interface/TableCursor.swift",
        "Sources/ESE/Storage/FileStorage.swift",
        "Sources/ESEExport/Sinks/SQLiteDatabase.swift",
        "Sources/ESEFormat/Checksum/BlockChecksum.swift",
        "Sources/ESEFormat/Checksum/XORChecksum.swift",
        "Sources/ESEFormat/Compression/MutableRawSpan+Words.swift",
        "Sources/ESEFormat/Keys/KeyComparison.swift",
        "Sources/ESEFormat/Log/Checkpoint.swift",
        "Sources/ESEFormat/Log/LogAttachment.swift",
        "Sources/ESEFormat/Log/LogFields.swift",
        "Sources/ESEFormat/Log/LogHeader.swift",
        "Sources/ESEFormat/Log/LogParameters.swift",
        "Sources/ESEFormat/Log/LogReader.swift",
        "Sources/ESEFormat/Log/LogSegment.swift",
        "Sources/ESEFormat/Page/PageLayout.swift",
        "Sources/ESEFormat/RawSpan+Integers.swift",
        "Sources/ESETestKit/Simulation/SimulatedFile.swift",
        "Sources/HTTPService/HTTPDaemon.swift",
        "Sources/SNMP/AgentServer.swift",
        "Sources/SNMP/ManagerDriver.swift",
        "Sources/SNMP/NotificationListener.swift",
        "Sources/SNMP/ServiceSocket.swift",
        "Sources/SNMP/StreamLink.swift",
        "Sources/SNMPAgent/Agent+Receive.swift",
        "Sources/SNMPAgent/Agent.swift",
        "Sources/SNMPAgent/Requests/ResponseScratch.swift",
        "Sources/SNMPCodec/BERReader.swift",
        "Sources/SNMPCodec/BERWriter+Message.swift",
        "Sources/SNMPCodec/BERWriter.swift",
        "Sources/SNMPEngine/ManagerEngine+Receive.swift",
        "Sources/SNMPEngine/ManagerEngine+V3.swift",
        "Sources/SNMPEngine/ManagerEngine.swift",
        "Sources/SNMPEngine/NotificationReceiver.swift",
        "Sources/SNMPEngine/OutgoingMessages.swift",
        "Sources/SNMPEngine/Request.swift",
        "Sources/SNMPPorts/DatagramPort.swift",
        "Sources/SNMPPorts/FrameBuffer.swift",
        "Sources/SNMPPorts/PortSocket.swift",
        "Sources/SNMPPorts/ShareLink.swift",
        "Sources/SNMPPorts/ShareOwner.swift",
        "Sources/SNMPPorts/SharedPortCore+Roles.swift",
        "Sources/SNMPSecurity/Authenticator.swift",
        "Sources/SNMPSecurity/MasterKeyCache.swift",
        "Sources/SNMPSecurity/Messages/MessageProtection.swift",
        "Sources/SNMPSecurity/Messages/RawSpan+Octets.swift",
        "Sources/SNMPSecurity/Messages/USMAuthority.swift",
        "Sources/SNMPSecurity/Messages/USMRemoteEngines.swift",
        "Sources/SNMPSecurity/Messages/USMVerdict.swift",
        "Sources/SNMPSecurity/OpenSSLAlgorithms.swift",
        "Sources/SNMPSecurity/PrivacyCipher.swift",
        "Sources/SNMPSecurity/SecretBytes.swift",
        "Sources/SNMPTestKit/SimulatedNetwork.swift",
        "Sources/SNMPTestKit/USMAgent.swift",
        "Sources/WinSNMP/TrapService.swift",
        "Sources/WinSNMP/WinSNMPLibrary+Listen.swift",
        "Sources/WinSNMPABI/DescriptorMemory.swift",
        "Sources/WinSNMPABI/Exports+LifeCycle.swift",
        "Sources/WinSNMPABI/Exports+PDUs.swift",
        "Sources/WinSNMPABI/Memory.swift",
    ]

    static let unsafe = Rule("unsafe pointers only in audited files") { tree in unsafeFindings(tree, unsafeFiles) }

    static func unsafeFindings(_ tree: Tree, _ allowed: Set<String>) -> [Finding] {
        let place = "Rule.unsafeFiles in Tests/TidyTests/TextRules.swift"
        var seen: Set<String> = []
        // The engine's lower layers work on pages and buffers in memory; rules P1 and L1 in docs/ese/engine.md say why
        // that is safe, and each file its own part of it. JetABI is made of C's pointers; its file Memory.swift says
        // what is checked before one is followed; Jet hands buffers through to the engine.
        let exempt: Set = ["PlatformIO", "oriel-bench", "ese-large", "ESEEngine", "JetABI", "Jet"]
        let findings = tree.files.filter { $0.isInSources && $0.isSwift && !exempt.contains($0.target ?? "") }
            .compactMap { file -> Finding? in
                guard let line = file.lines.first(where: { isUnsafe($0.code) }) else { return nil }
                seen.insert(file.path)
                if allowed.contains(file.path) { return nil }
                return Finding(
                    path: file.path, line: line.number, problem: "unsafe pointers in a file that was not audited",
                    advice: "Use spans, or state the check above the use and add the file to \(place)")
            }
        return findings
            + allowed.subtracting(seen).sorted().map {
                Finding(
                    path: $0, line: 1, problem: "audited for unsafe pointers, but it has none",
                    advice: "Remove it from \(place)")
            }
    }

    private static func isUnsafe(_ code: String) -> Bool {
        // An unsafe continuation checks less, and a task must not outlive a call, but they are no pointers.
        let text = ["withUnsafeContinuation", "withUnsafeCurrentTask", "nonisolated(unsafe)"].reduce(code) {
            $0.replacing($1, with: "")
        }
        return ["Unsafe", "unsafe", "assumingMemoryBound", "withMemoryRebound", "Unmanaged"].contains {
            text.contains($0)
        }
    }
}
