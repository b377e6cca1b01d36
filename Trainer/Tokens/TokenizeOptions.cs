using Factory.Core;

namespace Factory.Trainer.Tokens;

/// <summary>What the user chose for turning text into tokens.</summary>
internal sealed record TokenizeOptions
{
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>A SentencePiece model, or a directory with one.</summary>
    public required string Tokenizer { get; init; }

    public required string Output { get; init; }

    /// <summary>Part of the documents (or of the only one's end) that is held out, from 0 to 0.5.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>Field of a JSON line that holds the text.</summary>
    public string TextField { get; init; } = "text";

    /// <summary>Replace a token directory that stands at <see cref="Output"/>.</summary>
    public bool Overwrite { get; init; }

    /// <exception cref="SettingError">A value is out of range; the message names the setting.</exception>
    public void Validate()
    {
        if (!(ValidationFraction >= 0 && ValidationFraction <= 0.5))
        {
            throw new SettingError("validation_fraction", FormattableString.Invariant($"expected a number from 0 to 0.5, found {ValidationFraction}."));
        }
        if (TextField.Length == 0)
        {
            throw new SettingError("text_field", "expected the name of a field, found none.");
        }
    }
}
