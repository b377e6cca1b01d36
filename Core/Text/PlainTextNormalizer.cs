using Microsoft.ML.Tokenizers;

namespace Factory.Core.Text;

/// <summary>A tokenizer's normalization of a text that opens a sequence, in the shape that Microsoft.ML.Tokenizers gives normalizers.</summary>
internal sealed class PlainTextNormalizer(ITokenModel model) : Normalizer
{
    public override string Normalize(string original) => model.Normalize(original, opens: true);

    public override string Normalize(ReadOnlySpan<char> original) => model.Normalize(original.ToString(), opens: true);
}
