namespace Factory.Runtime;

/// <summary>
/// One request: tokens of context, then of continuation. The last token is only predicted; it and the others of the continuation are scored from the logits
/// of the token before each.
/// </summary>
internal sealed class ScoreItem(int[] ids, int continuation)
{
    private double _sum;
    private bool _greedy = true;

    /// <summary>Context and continuation.</summary>
    public int[] Ids { get; } = ids;

    public int ContextLength { get; } = ids.Length - continuation;

    /// <summary>Tokens of the continuation that are fed: all but the last.</summary>
    public int Fed { get; } = continuation - 1;

    public ReadOnlySpan<int> Context => Ids.AsSpan(0, ContextLength);

    public LogLikelihood Result => new(_sum, _greedy, Fed + 1);

    /// <summary>Scores the token at <paramref name="position"/>.</summary>
    /// <param name="logits">Those of the token before it, shape (vocabulary).</param>
    public void Add(int position, ReadOnlySpan<float> logits) => Add(position, logits, Distribution.FromLogits(logits));

    /// <inheritdoc cref="Add(int, ReadOnlySpan{float})"/>
    public void Add(int position, ReadOnlySpan<float> logits, Distribution distribution)
    {
        int token = Ids[position];
        _sum += logits[token] - distribution.Normalizer;
        _greedy &= token == distribution.Likeliest;
    }
}
