// temporary
extension ColumnValue { public init(decoding bytes: RawSpan, type: ColumnType, codePage: UInt32) throws(FormatError) {
  switch type { case .text, .longText: self = .text(codePage == 1200 ? String(decoding: stride(from: 0, to: bytes.byteCount - 1, by: 2).map { bytes.unsafeLoadUnaligned(fromByteOffset: $0, as: UInt16.self) }, as: UTF16.self) : String(decoding: bytes.bytes(0..<bytes.byteCount), as: UTF8.self))
  case .long: self = .signed(Int64(try bytes.little(0, as: Int32.self)))
  default: self = .binary(bytes.bytes(0..<bytes.byteCount)) } } }
public struct DatabaseState: Hashable, Sendable { public var rawValue: UInt32 }
public struct DatabaseHeader: Sendable { public var pageSize: PageSize; public init(pageSize: PageSize) { self.pageSize = pageSize } }
