// temporary
public struct DatabaseState: Hashable, Sendable { public var rawValue: UInt32 }
public struct DatabaseHeader: Sendable { public var pageSize: PageSize; public init(pageSize: PageSize) { self.pageSize = pageSize } }
