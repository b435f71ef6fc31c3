import Foundation
import PeerRig
import Testing

/// What the library exports and needs: check 72 of the specification.
@Suite(.needsLibrary)
struct ExportTests {
    @Test func exportsExactlyTheDeclaredFunctions() throws {
        let symbols = try PeerProgram.run("nm", ["-D", "--defined-only", Library.path])
        try #require(symbols.status == 0, "\(symbols)")
        // "0000000000012345 T SnmpOpen"
        let exported = symbols.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(exported.allSatisfy { $0.count == 3 && $0[1] == "T" })
        let names = exported.compactMap { $0.last.map(String.init) }
        #expect(Set(names) == Set(ExportTests.windows + ExportTests.addendum + ExportTests.extensions))
        #expect(names.count == 65)
    }

    @Test func headersDeclareExactlyTheExports() throws {
        for (header, names) in [
            ("winsnmp.h", ExportTests.windows + ExportTests.addendum), ("oriel_winsnmp.h", ExportTests.extensions),
        ] {
            let text = try String(contentsOfFile: "\(Library.include)/\(header)", encoding: .utf8)
            let declared = text.matches(of: #/SNMPAPI_CALL ((?:Oriel)?Snmp\w+)\(/#).map { String($0.1) }
            #expect(declared.sorted() == names.sorted(), "\(header)")
        }
    }

    /// The Swift runtime is inside; a machine needs no more than what every one has, and OpenSSL.
    @Test func needsOnlySystemLibraries() throws {
        let dynamic = try PeerProgram.run("readelf", ["-dW", Library.path])
        try #require(dynamic.status == 0, "\(dynamic)")
        let needed = dynamic.output.matches(of: #/\(NEEDED\).*\[(.+)\]/#).map { String($0.1) }
        let allowed = ["libc.so", "libm.so", "libstdc++.so", "libgcc_s.so", "libcrypto.so", "ld-linux"]
        #expect(!needed.isEmpty)
        for library in needed { #expect(allowed.contains { library.hasPrefix($0) }, "\(library)") }
        #expect(dynamic.output.contains("Library soname: [libwsnmp32.so]"))
        #expect(dynamic.output.contains("NODELETE"))
    }

    /// Windows' own exports, but for two that nobody documents.
    static let windows = [
        "SnmpStartup", "SnmpCleanup", "SnmpStartupEx", "SnmpCleanupEx", "SnmpGetLastError", "SnmpGetVendorInfo",
        "SnmpOpen", "SnmpCreateSession", "SnmpClose", "SnmpSendMsg", "SnmpRecvMsg", "SnmpRegister", "SnmpCancelMsg",
        "SnmpListen", "SnmpListenEx", "SnmpGetTranslateMode", "SnmpSetTranslateMode", "SnmpGetRetransmitMode",
        "SnmpSetRetransmitMode", "SnmpGetTimeout", "SnmpSetTimeout", "SnmpGetRetry", "SnmpSetRetry",
        "SnmpStrToEntity", "SnmpEntityToStr", "SnmpFreeEntity", "SnmpSetPort", "SnmpStrToContext",
        "SnmpContextToStr", "SnmpFreeContext", "SnmpCreatePdu", "SnmpGetPduData", "SnmpSetPduData",
        "SnmpDuplicatePdu", "SnmpFreePdu", "SnmpCreateVbl", "SnmpDuplicateVbl", "SnmpFreeVbl", "SnmpCountVbl",
        "SnmpGetVb", "SnmpSetVb", "SnmpDeleteVb", "SnmpFreeDescriptor", "SnmpEncodeMsg", "SnmpDecodeMsg",
        "SnmpStrToOid", "SnmpOidToStr", "SnmpOidCopy", "SnmpOidCompare",
    ]
    static let addendum = [
        "SnmpCreateEntity", "SnmpGetEntityInfo", "SnmpSetEntityInfo", "SnmpFreeEntityInfo", "SnmpCreateContext",
        "SnmpGetContextInfo", "SnmpSetContextInfo", "SnmpFreeContextInfo", "SnmpPasswordToKey",
    ]
    static let extensions = [
        "OrielSnmpSetWindowHook", "OrielSnmpSetOption", "OrielSnmpGetOption", "OrielSnmpSetDatabase",
        "OrielSnmpGetDescriptor", "OrielSnmpWait", "OrielSnmpGetErrorText",
    ]
}
