namespace Factory.Core.Architecture;

/// <summary>The two branches of a block.</summary>
public enum BranchKind
{
    Attention,
    FeedForward,
}
