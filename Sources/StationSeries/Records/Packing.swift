// Layer: StationSeries/Records. Used by: the store, when a device has rounds enough.
// Rounds, which are rows, become columns.

/// Packs rounds, in the order of their arrival: their heads, and for each series that occurs a block with an entry for
/// each round, by ascending series. Of several values of a series in a round the first counts. At most
/// `Timeline.maximumCount` rounds.
public func pack(_ rounds: [Round]) -> (Timeline, [(series: Int32, Block)]) {
    precondition(rounds.count <= Timeline.maximumCount, "more rounds than a time line holds")
    var places: [Int32: Int] = [:]
    var columns: [(series: Int32, values: [RawValue?])] = []
    // Where the series of the round before stand: most rounds have the same ones in the same order.
    var usual: [Int] = []
    for (row, round) in rounds.enumerated() {
        for (index, entry) in round.values.enumerated() {
            let place: Int
            if index < usual.count, columns[usual[index]].series == entry.series {
                place = usual[index]
            } else if let known = places[entry.series] {
                place = known
            } else {
                place = columns.count
                places[entry.series] = place
                columns.append((entry.series, [RawValue?](repeating: nil, count: rounds.count)))
            }
            if index < usual.count { usual[index] = place } else { usual.append(place) }
            if columns[place].values[row] == nil { columns[place].values[row] = entry.value }
        }
    }
    columns.sort { $0.series < $1.series }
    return (Timeline(heads: rounds.map(\.head)), columns.map { ($0.series, Block(values: $0.values)) })
}
