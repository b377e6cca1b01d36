using Factory.Core;
using Factory.Core.Journal;

namespace Factory.Trainer.Comparison;

/// <summary>A run's journal, sorted by kind.</summary>
/// <param name="Name">What its curves are called.</param>
public sealed record RunHistory(string Name, IReadOnlyList<StepRecord> Steps, IReadOnlyList<ValidationRecord> Validations, IReadOnlyList<EventRecord> Events)
{
    /// <exception cref="UserError">There is no journal in <paramref name="run"/>, or it cannot be read.</exception>
    public static RunHistory Read(string run, string? name = null)
    {
        JournalRecord[] records = [.. JournalFile.Read(run)];
        return new RunHistory(
            name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run))),
            [.. records.OfType<StepRecord>()],
            [.. records.OfType<ValidationRecord>()],
            [.. records.OfType<EventRecord>()]);
    }

    /// <summary>Validations that measured every block's variance.</summary>
    public IReadOnlyList<ValidationRecord> Variances => [.. Validations.Where(validation => validation.BlockOutputVariance is { Count: > 0 })];

    /// <summary>Tokens per second of a usual step: the median.</summary>
    public double TokensPerSecond => Steps.Count == 0 ? 0 : Steps.Select(step => step.TokensPerSecond).Order().ElementAt(Steps.Count / 2);
}
