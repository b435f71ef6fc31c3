// Layer: ESEReader/Pages. Used by: PageStore, trees, damage reports.

public import ESEFormat
public import PlatformIO

/// Why a page can't be used.
public enum PageProblem: Error, Hashable, Sendable {
    /// It would lie beyond the end of the file.
    case beyondEnd
    /// The system could not read it.
    case unreadable(IOError)
    /// All its bytes are zero: it was never written.
    case uninitialized
    /// The checksum does not fit.
    case badChecksum
    /// A page that belongs elsewhere was written here.
    case misplaced(PageNumber)
    /// Its header or tags are impossible.
    case malformed(FormatError)
    /// It is free.
    case isEmpty
    /// It belongs to another tree.
    case wrongTree(ObjectID)
    /// It is of another kind than the tree needs here: a leaf and no branch, a page of extents, of an index.
    case wrongKind
    /// It was met before in the same tree.
    case metBefore
    /// Deeper than any tree can be.
    case tooDeep
}

extension PageProblem: CustomStringConvertible {
    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .beyondEnd: "lies beyond the end of the file"
        case .unreadable(let error): "can't be read: \(error)"
        case .uninitialized: "was never written (all zero)"
        case .badChecksum: "the checksum does not fit"
        case .misplaced(let number): "holds what belongs to page \(number)"
        case .malformed(let error): "malformed: \(error)"
        case .isEmpty: "is marked as free"
        case .wrongTree(let id): "belongs to the tree of object \(id)"
        case .wrongKind: "is of another kind than the tree needs here"
        case .metBefore: "was met before in the same tree"
        case .tooDeep: "lies deeper than any tree is"
        }
    }
}
