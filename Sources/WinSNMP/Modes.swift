// Layer: WinSNMP. Used by: the C library, applications.

import PlatformIO

/// How strings for entities and contexts are read, and the version of messages to such entities.
public enum TranslateMode: UInt32, Sendable, CaseIterable {
    /// Names of the database (SNMPAPI_TRANSLATED).
    case translated = 0
    /// Addresses and communities, SNMPv1 (SNMPAPI_UNTRANSLATED_V1).
    case untranslatedV1 = 1
    /// Addresses and communities, SNMPv2c (SNMPAPI_UNTRANSLATED_V2).
    case untranslatedV2 = 2
}

extension WinSNMPLibrary {
    /// The translation mode (SnmpGetTranslateMode).
    public func translateMode() throws(SNMPAPIError) -> TranslateMode { try withInstance { $0.translateMode } }

    /// Sets the translation mode, 0...2, for strings read from now on (SnmpSetTranslateMode). Throws `modeInvalid`.
    public func setTranslateMode(_ mode: UInt32) throws(SNMPAPIError) {
        try withInstance { instance throws(SNMPAPIError) in
            guard let mode = TranslateMode(rawValue: mode) else { throw fail(.modeInvalid, "translate mode \(mode)") }
            instance.translateMode = mode
        }
    }

    /// 1 when the library repeats requests, 0 when the application does (SnmpGetRetransmitMode).
    public func retransmitMode() throws(SNMPAPIError) -> UInt32 { try withInstance { $0.isRetransmitting ? 1 : 0 } }

    /// Sets the retransmission mode (SnmpSetRetransmitMode). 0 also ends the repetition of requests that are under way,
    /// which then neither time out; 1 counts for requests sent from now on. Throws `modeInvalid`.
    public func setRetransmitMode(_ mode: UInt32) throws(SNMPAPIError) {
        let held = try withInstance { instance throws(SNMPAPIError) -> [Outstanding] in
            guard mode <= 1 else { throw fail(.modeInvalid, "retransmit mode \(mode)") }
            instance.isRetransmitting = mode == 1
            guard mode == 0 else { return [] }
            var held: [Outstanding] = []
            for case let session? in instance.sessionSlots {
                session.forEachRequest { request in
                    request.isHeld = true
                    held.append(request)
                }
            }
            return held
        }
        for request in held { hold(request) }
    }
}
