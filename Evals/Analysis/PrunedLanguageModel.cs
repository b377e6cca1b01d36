using System.Runtime.CompilerServices;
using Factory.Core;
using Factory.Core.Text;
using Factory.Evals.Models;
using Factory.Evals.Requests;
using Factory.Evals.Tokens;
using Factory.Runtime;
using Factory.Runtime.Analysis;

namespace Factory.Evals.Analysis;

/// <summary>A bundle without some of its blocks, asked in texts.</summary>
internal sealed class PrunedLanguageModel : ILanguageModel
{
    private readonly AnalysisModel _model;
    private readonly PrunedScorer _scorer;
    private readonly PairEncoder _encoder;

    public PrunedLanguageModel(AnalysisModel model, TextTokenizer tokenizer, IReadOnlyCollection<int> removed)
    {
        _model = model;
        _scorer = new PrunedScorer(model, removed);
        _encoder = new PairEncoder(new LocalTextEncoder(tokenizer));
        Description = new ModelDescription(model.Bundle.Name, model.Bundle.Manifest.ContentHash);
    }

    public ModelDescription Description { get; }

    public async IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach ((int place, EvaluationRequest request) in requests.Index())
        {
            if (request is GenerationRequest)
            {
                throw new SettingError("tasks", "expected tasks that are scored; a pruned model does not write (no cache in analysis.onnx). Leave such tasks out.");
            }
            AskedWindows asked = await AskedWindows.OfAsync(place, request, _encoder, _model.Bundle.Architecture.MaxPositions, cancellationToken).ConfigureAwait(false);
            var scores = new List<LogLikelihood>();
            foreach (TokenPair window in asked.Windows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                scores.Add(_scorer.Score(window.Context, window.Continuation));
            }
            yield return asked.Answer(scores);
        }
    }
}
