namespace Factory.Runtime;

/// <summary>What one generated token adds.</summary>
/// <param name="Text">Whole characters only; empty while bytes of one are missing or a stop string may be forming.</param>
/// <param name="TokenId">The token.</param>
/// <param name="Finish">Set on the last piece.</param>
public sealed record GeneratedPiece(string Text, int TokenId, FinishReason? Finish);
