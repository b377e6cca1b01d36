using Factory.Runtime.Engine;

namespace Factory.Runtime;

/// <summary>What one token adds.</summary>
/// <param name="Text">Whole characters only; empty while bytes of one are missing or a stop string may be forming.</param>
/// <param name="TokenId">The token.</param>
/// <param name="Finish">Set on the last piece of each choice.</param>
public sealed record GeneratedPiece(string Text, int TokenId, FinishReason? Finish)
{
    /// <summary>Which of <see cref="GenerationOptions.Choices"/> it belongs to, from 0.</summary>
    public int Choice { get; init; }

    /// <inheritdoc cref="TokenDelta.IsPrompt"/>
    public bool IsPrompt { get; init; }

    /// <inheritdoc cref="TokenDelta.LogProbability"/>
    public float? LogProbability { get; init; }

    /// <inheritdoc cref="TokenDelta.Top"/>
    public IReadOnlyList<TokenLogProbability> Top { get; init; } = [];
}
