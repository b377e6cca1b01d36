using Factory.Core.Text;

namespace Factory.Evals.Tokens;

/// <summary>A tokenizer in this process.</summary>
public sealed class LocalTextEncoder(TextTokenizer tokenizer) : ITextEncoder
{
    public string Name => tokenizer.Path;

    public int? BosTokenId => tokenizer.BosTokenId;

    public int? EosTokenId => tokenizer.EosTokenId;

    public ValueTask<int[]> EncodeAsync(string text, bool addBos, CancellationToken cancellationToken) => ValueTask.FromResult(tokenizer.Encode(text, addBos));
}
