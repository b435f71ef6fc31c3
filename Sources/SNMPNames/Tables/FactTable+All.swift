// Layer: SNMPNames. Used by: NameTable.standard.

extension FactTable {
    /// The built-in modules.
    static let all: [FactTable] = [
        .roots, .snmpv2SMI, .snmpv2TC, .hcnumTC, .snmpv2TM, .snmpv2MIB, .snmpFramework, .snmpMPD, .snmpTarget,
        .snmpNotification, .snmpUSM, .snmpUSMAES, .snmpUSMSHA2, .snmpVACM, .snmpCommunity, .transportAddress,
        .inetAddress, .ianaIfType, .ifMIB, .etherLike, .ipMIB, .ipForward, .ianaRouteProtocol, .tcpMIB, .udpMIB,
        .hostResources, .hostResourcesTypes, .bridge, .entity, .ucdSNMP, .ucdDiskIO, .lmSensors, .netSNMP, .netSNMPTC,
        .netSNMPAgent, .netSNMPExtend,
    ]
}
