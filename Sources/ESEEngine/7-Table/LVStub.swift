import ESEFormat
extension RowCursor {
    var longValueLender: (any LongValueLender)? { nil }
    func shareLongValues() throws(JetError) {}
    func release(_ id: LongValueID, _ number: UInt32) throws(JetError) {}
    func longValues(of record: RecordView) throws(JetError) -> [LongValueID] { [] }
}
