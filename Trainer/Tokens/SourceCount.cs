using Factory.Trainer.Texts;

namespace Factory.Trainer.Tokens;

/// <summary>What one source came to, held-out documents and copies included.</summary>
internal sealed class SourceCount(InputSource source)
{
    public InputSource Source { get; } = source;

    public long Documents { get; set; }

    public long Tokens { get; set; }

    public override string ToString() => FormattableString.Invariant($"{Source.Name} ×{Source.Weight}: {Documents} documents, {Tokens} tokens");
}
