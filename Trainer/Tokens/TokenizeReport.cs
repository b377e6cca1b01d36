namespace Factory.Trainer.Tokens;

/// <summary>What tokenizing a text came to.</summary>
/// <param name="EmptyDocuments">Documents without a token, left out.</param>
internal sealed record TokenizeReport(long TrainTokens, long TrainDocuments, long ValidationTokens, long ValidationDocuments, long EmptyDocuments);
