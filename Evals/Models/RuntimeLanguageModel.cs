using System.Runtime.CompilerServices;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Text;
using Factory.Evals.Requests;
using Factory.Evals.Tokens;
using Factory.Runtime;

namespace Factory.Evals.Models;

/// <summary>A bundle in the runtime, asked in texts.</summary>
public sealed class RuntimeLanguageModel : ILanguageModel
{
    /// <summary>Questions that go to the runtime together: enough for its batches, few enough that a killed run loses little.</summary>
    private const int Batch = 256;

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
        _encoder = new PairEncoder(new LocalTextEncoder(tokenizer));
        Description = new ModelDescription(
            model.Bundle.Name, model.Bundle.Manifest.ContentHash, model.Bundle.Architecture.NormScheme.Name, model.Provider, tokenizer.Sha256);
    }

    public ModelDescription Description { get; }

    public async IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach ((int Place, EvaluationRequest Request)[] batch in requests.Index().Chunk(Batch))
        {
            var asked = new List<AskedWindows>();
            foreach ((int place, EvaluationRequest request) in batch)
            {
                if (request is GenerationRequest generation)
                {
                    yield return new Answer(place, await GenerateAsync(generation, cancellationToken).ConfigureAwait(false));
                }
                else
                {
                    asked.Add(await AskedWindows.OfAsync(place, request, _encoder, _model.Bundle.Architecture.MaxPositions, cancellationToken).ConfigureAwait(false));
                }
            }
            // All windows of the batch are scored together.
            IReadOnlyList<LogLikelihood> scores = _scorer.Score([.. asked.SelectMany(item => item.Windows).Select(pair => (pair.Context, pair.Continuation))], progress: null, cancellationToken);
            int next = 0;
            foreach (AskedWindows item in asked)
            {
                yield return item.Answer([.. Enumerable.Range(next, item.Windows.Count).Select(i => scores[i])]);
                next += item.Windows.Count;
            }
        }
    }

    private async Task<GenerationResponse> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        int[] ids = await _encoder.EncodeWholeAsync(request.Context, cancellationToken).ConfigureAwait(false);
        int[] prompt = AskedWindows.Prompt(ids, _encoder.PrefixTokenId, _model.Bundle.Architecture.MaxPositions, request.MaxTokens);
        var options = new GenerationOptions { MaxNewTokens = request.MaxTokens, Stop = request.Until };
        return new GenerationResponse(string.Concat(new TextGenerator(_model).Generate(prompt, options, cancellationToken).Select(piece => piece.Text)));
    }
}
