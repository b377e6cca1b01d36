using Factory.Runtime;

namespace Factory.InferenceApi.OpenAi;

/// <summary>A request of /v1/completions that fits the model, and how its answer is put together.</summary>
/// <param name="N">Choices of each prompt that are answered; <see cref="GenerationOptions.Choices"/> are made.</param>
/// <param name="Texts">null where no log-probabilities were asked for.</param>
internal sealed record Completion(
    string Id, long Created, string Model, IReadOnlyList<int[]> Prompts, int N, GenerationOptions Options, TokenTexts? Texts, bool IncludeUsage)
{
    private const string Kind = "text_completion";

    public async Task<CompletionAnswer> WholeAsync(IAsyncEnumerable<(int Prompt, GeneratedPiece Piece)> pieces)
    {
        ChoiceCollector[][] choices = Collectors();
        await foreach ((int prompt, GeneratedPiece piece) in pieces)
        {
            choices[prompt][piece.Choice].Add(piece);
        }
        IEnumerable<ChoiceCollector> best = choices.SelectMany(made => made.OrderByDescending(choice => Options.Choices > N ? choice.Mean : 0).Take(N));
        return new CompletionAnswer(
            Id, Kind, Created, Model, [.. best.Select((choice, i) => new CompletionChoice(i, choice.Text, choice.Logprobs, choice.FinishReason))], Usage(choices));
    }

    public async IAsyncEnumerable<CompletionAnswer> StreamAsync(IAsyncEnumerable<(int Prompt, GeneratedPiece Piece)> pieces)
    {
        ChoiceCollector[][] choices = Collectors();
        await foreach ((int prompt, GeneratedPiece piece) in pieces)
        {
            ChoiceCollector choice = choices[prompt][piece.Choice];
            (string text, CompletionLogprobs? logprobs) = choice.Add(piece);
            if (text.Length > 0 || logprobs is not null || piece.Finish is not null)
            {
                yield return new CompletionAnswer(Id, Kind, Created, Model, [new CompletionChoice((prompt * N) + piece.Choice, text, logprobs, choice.FinishReason)], null);
            }
        }
        if (IncludeUsage)
        {
            yield return new CompletionAnswer(Id, Kind, Created, Model, [], Usage(choices));
        }
    }

    private ChoiceCollector[][] Collectors() => [.. Prompts.Select(_ => Enumerable.Range(0, Options.Choices).Select(_ => new ChoiceCollector(Texts)).ToArray())];

    private TokenUsage Usage(ChoiceCollector[][] choices) => TokenUsage.From(Prompts.Sum(prompt => prompt.Length), choices.Sum(made => made.Sum(choice => choice.Generated)));
}
