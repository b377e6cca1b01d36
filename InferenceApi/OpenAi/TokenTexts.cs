using Factory.Core.Text;

namespace Factory.InferenceApi.OpenAi;

/// <summary>The text of single tokens, as log-probabilities name them: with the space in front, control tokens and bytes by their names.</summary>
internal sealed class TokenTexts(TextTokenizer tokenizer)
{
    /// <summary>Something stands before the token, so that its space is not the text's first.</summary>
    private readonly int[] _before = [.. tokenizer.EncodePlain("a")];

    public string Text(int id) => IncrementalDecoder.After(tokenizer, _before).Append(id) is { Length: > 0 } text ? text : tokenizer.TokenText(id);
}
