using System.Globalization;

namespace Factory.Trainer.Tokens;

/// <summary>What tokenizing a text came to.</summary>
/// <param name="EmptyDocuments">Documents without a token, left out.</param>
internal sealed record TokenizeReport(long TrainTokens, long TrainDocuments, long ValidationTokens, long ValidationDocuments, long EmptyDocuments)
{
    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        string held = ValidationDocuments > 0 ? string.Create(CultureInfo.InvariantCulture, $"of {ValidationDocuments} documents") : "at the end";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{TrainTokens} tokens of {TrainDocuments} documents to train on, {ValidationTokens} tokens {held} held out, {EmptyDocuments} empty documents left out.");
    }
}
