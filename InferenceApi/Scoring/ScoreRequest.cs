using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.Scoring;

/// <summary>Texts whose likelihood is wanted.</summary>
public sealed class ScoreRequest
{
    public const int MostItems = 4096;

    /// <summary>The texts.</summary>
    [Given("a list of objects"), Items(1, MostItems)]
    public List<ScoreItem>? Items { get; set; }

    /// <summary>Name of a served model (GET /models). Default: the one that the server was started with.</summary>
    public string? Model { get; set; }
}

/// <summary>One text.</summary>
public sealed class ScoreItem
{
    /// <summary>What stands before the text and is not scored. Without one the whole text is scored, in windows where it is longer than the context.</summary>
    public string? Context { get; set; }

    /// <summary>The text that is scored.</summary>
    [Given("a string of well-formed Unicode")]
    public string? Continuation { get; set; }
}

/// <summary>Likelihoods, in the order of the request.</summary>
/// <param name="Model">The model that gave them.</param>
/// <param name="Scores">One for each item.</param>
internal sealed record ScoreAnswer(string Model, IReadOnlyList<TextScore> Scores);

/// <summary>How likely a text is.</summary>
/// <param name="LogLikelihood">ln p(continuation | context), in nats.</param>
/// <param name="IsGreedy">Whether each of its tokens is the likeliest at its place; null for a whole text.</param>
/// <param name="Tokens">Tokens that were scored.</param>
internal sealed record TextScore(double LogLikelihood, bool? IsGreedy, int Tokens);
