// temporary
public enum PageChecksumVerdict { case valid, uninitialized, correctable(bitIndex: Int), misplaced(PageNumber), invalid(stored: UInt64, computed: UInt64) }
public enum PageChecksum { public static func verify(_ page: RawSpan, number: PageNumber, size: PageSize) -> PageChecksumVerdict {
  var any: UInt64 = 0; for i in stride(from: 0, to: page.byteCount, by: 8) { any |= page.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self) }
  return any == 0 ? .uninitialized : .valid } }
public struct DatabaseState: Hashable, Sendable { public var rawValue: UInt32 }
public struct DatabaseHeader: Sendable { public var pageSize: PageSize; public init(pageSize: PageSize) { self.pageSize = pageSize } }
