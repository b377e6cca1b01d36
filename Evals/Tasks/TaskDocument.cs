namespace Factory.Evals.Tasks;

/// <summary>What a task asks about one row of its data: one question a choice, or one text to score whole.</summary>
/// <param name="Requests">In choice order. A whole text stands as the continuation of an empty context.</param>
public abstract record TaskDocument(IReadOnlyList<LogLikelihoodRequest> Requests);

/// <param name="Gold">Index of the right choice.</param>
/// <param name="Lengths">Unicode code points of each choice, without the space before it.</param>
public sealed record ChoiceDocument(IReadOnlyList<LogLikelihoodRequest> Requests, int Gold, IReadOnlyList<int> Lengths) : TaskDocument(Requests);

/// <param name="Words">What word perplexity divides by.</param>
/// <param name="Bytes">What byte perplexity divides by.</param>
public sealed record TextDocument(string Text, int Words, int Bytes) : TaskDocument([new LogLikelihoodRequest("", Text)]);
