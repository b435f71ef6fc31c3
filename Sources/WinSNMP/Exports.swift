// Layer: WinSNMP. Used by: applications.
// One import gives the types of values and names, and those of the database.

@_exported public import SNMPCodec
@_exported public import WinSNMPDatabase
