// Layer: SNMP. Used by: applications.
// Whoever imports SNMP gets the types that its functions take and return, without naming the modules they stand in.

@_exported public import Primitives
@_exported public import SNMPAgent
@_exported public import SNMPCodec
@_exported public import SNMPEngine
@_exported public import SNMPSecurity
