using System.Runtime.CompilerServices;
using System.Text;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Text;
using Factory.Evals.Requests;
using Factory.Evals.Tokens;
using Factory.Runtime;
using Factory.Runtime.Engine;

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
        ILookup<bool, (int Place, EvaluationRequest Request)> byKind = requests.Index().ToLookup(item => item.Item is GenerationRequest);
        (int Place, EvaluationRequest Request)[][] batches = [.. byKind[false].Chunk(Batch)];
        Task<List<AskedWindows>> encoding = EncodeAsync(batches.FirstOrDefault([]), cancellationToken);
        for (int i = 0; i < batches.Length; i++)
        {
            List<AskedWindows> asked = await encoding.ConfigureAwait(false);
            // The next batch becomes tokens while this one is scored.
            (int, EvaluationRequest)[] next = batches.ElementAtOrDefault(i + 1) ?? [];
            encoding = Task.Run(() => EncodeAsync(next, cancellationToken), CancellationToken.None);
            // All windows of the batch are scored together.
            IReadOnlyList<LogLikelihood> scores = _scorer.Score([.. asked.SelectMany(item => item.Windows).Select(pair => (pair.Context, pair.Continuation))], progress: null, cancellationToken);
            int at = 0;
            foreach (AskedWindows item in asked)
            {
                yield return item.Answer([.. Enumerable.Range(at, item.Windows.Count).Select(window => scores[window])]);
                at += item.Windows.Count;
            }
        }
        if (byKind.Contains(true))
        {
            using var engine = new InferenceEngine(_model);
            var text = new TextEngine(engine);
            foreach ((int Place, EvaluationRequest Request)[] batch in byKind[true].Chunk(Batch))
            {
                await foreach (Task<Answer> answer in Task.WhenEach(batch.Select(item => GenerateAsync(text, item.Place, (GenerationRequest)item.Request, cancellationToken))).ConfigureAwait(false))
                {
                    yield return await answer.ConfigureAwait(false);
                }
            }
        }
    }

    private async Task<List<AskedWindows>> EncodeAsync((int Place, EvaluationRequest Request)[] batch, CancellationToken cancellationToken)
    {
        var asked = new List<AskedWindows>(batch.Length);
        foreach ((int place, EvaluationRequest request) in batch)
        {
            asked.Add(await AskedWindows.OfAsync(place, request, _encoder, _model.Bundle.Architecture.MaxPositions, cancellationToken).ConfigureAwait(false));
        }
        return asked;
    }

    private async Task<Answer> GenerateAsync(TextEngine text, int place, GenerationRequest request, CancellationToken cancellationToken)
    {
        int[] ids = await _encoder.EncodeWholeAsync(request.Context, cancellationToken).ConfigureAwait(false);
        int[] prompt = AskedWindows.Prompt(ids, _encoder.PrefixTokenId, _model.Bundle.Architecture.MaxPositions, request.MaxTokens);
        var written = new StringBuilder();
        await foreach (GeneratedPiece piece in text.GenerateAsync(prompt, new GenerationOptions { MaxNewTokens = request.MaxTokens, Stop = request.Until }, cancellationToken).ConfigureAwait(false))
        {
            written.Append(piece.Text);
        }
        return new Answer(place, new GenerationResponse(written.ToString()));
    }
}
