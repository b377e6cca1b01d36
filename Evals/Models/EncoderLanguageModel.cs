using System.Runtime.CompilerServices;
using Factory.Core;
using Factory.Evals.Requests;
using Factory.Runtime.Encoders;

namespace Factory.Evals.Models;

/// <summary>An encoder's bundle (BERT), which answers questions about a passage with a part of it.</summary>
/// <param name="removed">Blocks that are left out; null: none.</param>
public sealed class EncoderLanguageModel(EncoderModel model, IReadOnlyCollection<int>? removed = null) : ILanguageModel
{
    private readonly AnswerFinder _finder = new(model, removed);

    public ModelDescription Description { get; } = new(model.Bundle.Name, model.Bundle.Manifest.ContentHash, Provider: "cpu");

    public async IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach ((int place, EvaluationRequest request) in requests.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            PassageRequest asked = request as PassageRequest
                ?? throw new SettingError("tasks", $"expected squad, as {model.Bundle.Name} is a BERT, which answers questions about a passage only, found another task.");
            await Task.Yield();
            yield return new Answer(place, new GenerationResponse(_finder.Find(asked.Question, asked.Passage)));
        }
    }
}
