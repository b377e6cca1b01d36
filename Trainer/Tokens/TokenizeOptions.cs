using Factory.Core;
using Factory.Trainer.Texts;

namespace Factory.Trainer.Tokens;

/// <summary>What the user chose for turning text into tokens.</summary>
internal sealed record TokenizeOptions
{
    public required string Output { get; init; }

    /// <summary>Part of the documents (or of the only one's end) that is held out, from 0 to 0.5. Default: 0.05.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>Where documents begin and where their text is.</summary>
    public TextOptions Text { get; init; } = new();

    /// <summary>Order of the training documents. Default: as they are read.</summary>
    public DocumentOrder Order { get; init; } = new(Shuffle.None, Window: 65536, Seed: 1);

    /// <summary>Encoders at work; 0: one per core. The tokens do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Replace a token directory that stands at <see cref="Output"/>.</summary>
    public bool Overwrite { get; init; }

    /// <exception cref="SettingError">A value is out of range; the message names the setting.</exception>
    public void Validate()
    {
        if (!(ValidationFraction >= 0 && ValidationFraction <= 0.5))
        {
            throw new SettingError("validation_fraction", FormattableString.Invariant($"expected a number from 0 to 0.5, found {ValidationFraction}."));
        }
        if (Text.Field.Length == 0)
        {
            throw new SettingError("text_field", "expected the name of a field, found none.");
        }
        if (Text.Separator is "")
        {
            throw new SettingError("document_separator", "expected what stands between documents, found nothing.");
        }
        Order.Validate();
    }
}
