namespace Factory.Core.Text;

/// <summary>Which stretches of a text, cut at its special tokens, get a space in front (Hugging Face's prepend_scheme).</summary>
internal enum SpacePrefix
{
    /// <summary>The one that opens the text.</summary>
    First,

    /// <summary>Each that does not start with one.</summary>
    Always,

    Never,
}
