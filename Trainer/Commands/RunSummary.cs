using System.Globalization;
using Factory.Core.Journal;

namespace Factory.Trainer.Commands;

/// <summary>What the console says of a run, from its records.</summary>
internal sealed class RunSummary(TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private StepRecord? _first;
    private StepRecord? _step;
    private ValidationRecord? _validation;

    public void Add(JournalRecord record)
    {
        switch (record)
        {
            case StepRecord step:
                _first ??= step;
                _step = step;
                break;
            case ValidationRecord validation:
                _validation = validation;
                break;
        }
    }

    /// <summary>Beside the progress bar; short, so that the bar fits into 80 columns.</summary>
    public string Note => string.Create(CultureInfo.InvariantCulture,
        $"loss {_step?.Loss:0.000}{(_validation is { } measured ? string.Create(CultureInfo.InvariantCulture, $" ppl {measured.Perplexity:#,0.0}") : "")} {_step?.TokensPerSecond:0} tok/s");

    /// <summary>A line of its own, above the bar; null for records that need none.</summary>
    public static string? LineOf(JournalRecord record) => record switch
    {
        ValidationRecord measured => string.Create(CultureInfo.InvariantCulture, $"step {measured.Step}: {Perplexity(measured)}"),
        SampleRecord sample => $"step {sample.Step}: {sample.Prompt}|{sample.Text[Math.Min(sample.Prompt.Length, sample.Text.Length)..]}",
        EventRecord happened => $"warning: {happened.Message}",
        _ => null,
    };

    /// <summary>The last line: perplexity, tokens, time, speed.</summary>
    public string Last
    {
        get
        {
            TimeSpan taken = clock.GetElapsedTime(_start);
            long tokens = (_step?.Tokens ?? 0) - (_first?.Tokens ?? 0);
            return string.Create(CultureInfo.InvariantCulture,
                $"{(_validation is null ? "No validation was measured" : Perplexity(_validation))}; {_step?.Tokens ?? 0:#,0} training tokens in all; this time {taken:hh\\:mm\\:ss}, {tokens / taken.TotalSeconds:#,0} tokens/s.");
        }
    }

    private static string Perplexity(ValidationRecord measured) => string.Create(CultureInfo.InvariantCulture,
        $"validation perplexity {measured.Perplexity:#,0.00} (loss {measured.Loss:0.0000}, {measured.ValidationTokens:#,0} tokens)")
        + (measured.AnswerAccuracy is double exact ? string.Create(CultureInfo.InvariantCulture, $"; {exact:0.0%} of the answers exact") : "")
        + (measured.PaperPerplexity is double paper ? string.Create(CultureInfo.InvariantCulture, $"; as the paper's code counts: {paper:#,0.00}") : "");
}
