using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Text;
using Factory.Evals.Tokens;
using Factory.Runtime;

namespace Factory.Evals;

/// <summary>A bundle in the runtime, asked in texts.</summary>
public sealed class RuntimeLanguageModel : ILanguageModel
{
    private readonly LanguageModel _model;
    private readonly Scorer _scorer;
    private readonly PairEncoder _encoder;

    /// <param name="model">Stays the caller's to dispose.</param>
    /// <exception cref="UserError">The bundle has no tokenizer, or one without BOS and EOS.</exception>
    public RuntimeLanguageModel(LanguageModel model)
    {
        _model = model;
        _scorer = new Scorer(model);
        TextTokenizer tokenizer = model.Bundle.Tokenizer
            ?? throw new UserError($"{model.Bundle.Directory}: expected a tokenizer ({string.Join(" or ", TextTokenizer.FileNames)}), which texts are scored through, found none. Put one beside the weights and import and export them again.");
        _encoder = new PairEncoder(tokenizer);
        Description = new ModelDescription(
            model.Bundle.Name, model.Bundle.Manifest.ContentHash, model.Bundle.Architecture.NormScheme.Name, model.Provider, tokenizer.Sha256);
    }

    public ModelDescription Description { get; }

    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests, IProgress<int>? progress, CancellationToken cancellation)
    {
        (int[] Context, int[] Continuation)[] pairs = [.. requests.Select(_encoder.Encode).Select(pair => (pair.Context, pair.Continuation))];
        return _scorer.Score(pairs, progress, cancellation);
    }

    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts, IProgress<int>? progress, CancellationToken cancellation)
    {
        var results = new LogLikelihood[texts.Count];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = Roll(_encoder.EncodeWhole(texts[i]), cancellation);
            progress?.Report(i + 1);
        }
        return results;
    }

    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests, IProgress<int>? progress, CancellationToken cancellation)
    {
        var generator = new TextGenerator(_model);
        var results = new string[requests.Count];
        for (int i = 0; i < results.Length; i++)
        {
            int room = _model.Bundle.Architecture.MaxPositions - requests[i].MaxTokens;
            int[] ids = _encoder.EncodeWhole(requests[i].Context);
            // As with scores, a long context loses its beginning.
            int[] prompt = ids.Length == 0 ? [_encoder.PrefixTokenId] : [.. ids.TakeLast(Math.Max(1, room))];
            var options = new GenerationOptions { MaxNewTokens = requests[i].MaxTokens, Stop = requests[i].Until };
            results[i] = string.Concat(generator.Generate(prompt, options, cancellation).Select(piece => piece.Text));
            progress?.Report(i + 1);
        }
        return results;
    }

    private LogLikelihood Roll(int[] ids, CancellationToken cancellation)
    {
        var sum = new LogLikelihood(0, IsGreedy: true, 0);
        foreach (TokenPair window in RollingWindows.Of(ids, _encoder.PrefixTokenId, _model.Bundle.Architecture.MaxPositions))
        {
            cancellation.ThrowIfCancellationRequested();
            LogLikelihood part = _scorer.Score(window.Context, window.Continuation);
            sum = new LogLikelihood(sum.Value + part.Value, sum.IsGreedy && part.IsGreedy, sum.Tokens + part.Tokens);
        }
        return sum;
    }
}
