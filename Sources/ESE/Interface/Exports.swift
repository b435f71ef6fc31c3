// Layer: ESE/Interface. Used by: programs, which need no other import.
// The engine's types that the Swift API speaks of.

@_exported public import struct ESEEngine.ColumnOptions
@_exported public import struct ESEEngine.IndexOptions
@_exported public import struct ESEEngine.JetError
@_exported public import enum ESEEngine.SeekKind
@_exported public import enum ESEEngine.SeekResult
@_exported public import struct ESEEngine.StoreMemory
@_exported public import enum ESEFormat.ColumnType
@_exported public import struct ESEFormat.GUID
@_exported public import enum ESEFormat.PageSize
@_exported public import struct ESEFormat.TupleLimits
