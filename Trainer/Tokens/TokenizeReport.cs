using System.Globalization;

namespace Factory.Trainer.Tokens;

/// <summary>What tokenizing a text came to.</summary>
/// <param name="TrainDocuments">Documents to train on, copies by weight counted each.</param>
/// <param name="EmptyDocuments">Documents without a token, left out.</param>
/// <param name="LeftOutDocuments">Documents that a weight below one left out.</param>
internal sealed record TokenizeReport(long TrainTokens, long TrainDocuments, long ValidationTokens, long ValidationDocuments, long EmptyDocuments, long LeftOutDocuments)
{
    public required IReadOnlyList<SourceCount> Sources { get; init; }

    /// <summary>A line for people, and one more for each source where there are several.</summary>
    public override string ToString()
    {
        string held = ValidationDocuments > 0 ? string.Create(CultureInfo.InvariantCulture, $"of {ValidationDocuments} documents") : "at the end";
        string weighed = LeftOutDocuments > 0 ? string.Create(CultureInfo.InvariantCulture, $", {LeftOutDocuments} left out by weight") : "";
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{TrainTokens} tokens of {TrainDocuments} documents to train on, {ValidationTokens} tokens {held} held out, {EmptyDocuments} empty documents left out{weighed}.");
        long all = Math.Max(1, Sources.Sum(source => source.Tokens));
        return Sources.Count == 1
            ? line
            : string.Join(Environment.NewLine, [line, .. Sources.Select(source => string.Create(CultureInfo.InvariantCulture, $"  {source} ({100.0 * source.Tokens / all:0.0} %)"))]);
    }
}
