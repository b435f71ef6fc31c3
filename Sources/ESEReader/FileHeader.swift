import ESEFormat
struct FileHeader {
    let header: DatabaseHeader; let warnings: [ReadWarning]
    init(_ source: any DatabaseSource) throws(ESEError) {
        var b = [UInt8](repeating: 0, count: 4096)
        do { _ = try source.read(at: 0, into: &b, count: 4096) } catch { throw .system(error) }
        do {
            let s: UInt32 = try b.span.bytes.little(236);
            header = DatabaseHeader(pageSize: PageSize(rawValue: Int(s)) ?? .kibibytes4)
        } catch { throw .notADatabase(source.name, error) }
        warnings = []
    }
}
struct FreePages { init(_ s: PageStore) {}; func pages(of: PageNumber) -> [ClosedRange<UInt32>] { [] } }
