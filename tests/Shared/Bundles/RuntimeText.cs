using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.Tests;

/// <summary>What the runtime itself writes, in one piece.</summary>
public static class RuntimeText
{
    public static string Generate(LanguageModel model, string prompt, GenerationOptions options, CancellationToken cancellationToken) =>
        Generate(model, text => text.GenerateAsync(prompt, options, cancellationToken), cancellationToken);

    public static string Generate(LanguageModel model, IReadOnlyList<int> promptIds, GenerationOptions options, CancellationToken cancellationToken) =>
        Generate(model, text => text.GenerateAsync(promptIds, options, cancellationToken), cancellationToken);

    private static string Generate(LanguageModel model, Func<TextEngine, IAsyncEnumerable<GeneratedPiece>> pieces, CancellationToken cancellationToken)
    {
        using var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = 1 });
        return string.Concat(pieces(new TextEngine(engine)).ToBlockingEnumerable(cancellationToken).Select(piece => piece.Text));
    }
}
