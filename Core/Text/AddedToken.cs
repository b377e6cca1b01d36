namespace Factory.Core.Text;

/// <summary>A token that is found in a text before the model's own pieces are, as Hugging Face's tokenizers have them.</summary>
/// <param name="Special">A control token: no text of its own when decoded, and plain characters where special tokens are not parsed.</param>
/// <param name="StripLeft">White space in front belongs to it.</param>
/// <param name="StripRight">White space behind belongs to it.</param>
/// <param name="SingleWord">Found only where no letter or digit stands next to it.</param>
/// <param name="Normalized">Looked for after the text was normalized.</param>
internal sealed record AddedToken(
    int Id, string Content, bool Special, bool StripLeft = false, bool StripRight = false, bool SingleWord = false, bool Normalized = false);
