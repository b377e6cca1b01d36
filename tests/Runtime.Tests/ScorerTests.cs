using Factory.Core;

namespace Factory.Runtime.Tests;

public sealed class ScorerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestCheckpoint _checkpoint = TestCheckpoint.Random(TestModel.Tiny);
    private readonly LanguageModel _model;
    private readonly Scorer _scorer;

    public ScorerTests()
    {
        _model = TestBundle.Load(_folder, _checkpoint);
        _scorer = new Scorer(_model);
    }

    [Fact]
    public void A_score_is_the_sum_of_the_reference_log_probabilities()
    {
        int[] context = [5, 9, 33];
        int[] continuation = [2, 60, 17, 4];
        LogLikelihood score = _scorer.Score(context, continuation);
        Assert.Equal(Reference([.. context, .. continuation], continuation.Length), score.Value, 1e-4);
        Assert.Equal(4, score.Tokens);
        Assert.False(score.IsGreedy);
    }

    [Fact]
    public void The_greedy_continuation_is_greedy_and_another_last_token_makes_it_not()
    {
        int[] greedy = _checkpoint.Reference.Greedy([5, 9, 33], 5);
        Assert.True(_scorer.Score([5, 9, 33], greedy).IsGreedy);
        Assert.False(_scorer.Score([5, 9, 33], [.. greedy[..^1], (greedy[^1] + 1) % TestModel.Tiny.VocabularySize]).IsGreedy);
    }

    [Fact]
    public void A_long_context_loses_its_beginning_so_that_window_and_one_tokens_are_left()
    {
        int window = TestModel.Tiny.MaxPositions;
        int[] ids = [.. Enumerable.Range(0, window + 30).Select(i => i * 13 % TestModel.Tiny.VocabularySize)];
        double score = _scorer.Score(ids[..^3], ids[^3..]).Value;
        Assert.Equal(Reference(ids[^(window + 1)..], 3), score, 1e-4);
        Assert.Equal(_scorer.Score(ids[^(window + 1)..^3], ids[^3..]).Value, score);
        // A continuation as long as the window keeps one token of context.
        Assert.Equal(Reference(ids[^(window + 1)..], window), _scorer.Score(ids[..^window], ids[^window..]).Value, 1e-3);
    }

    [Fact]
    public void A_score_does_not_depend_on_the_requests_around_it()
    {
        (int[], int[])[] requests =
            [([1, 2, 3], [4]), ([1, 2, 3], [5]), ([1, 2], [3, 5]), ([1, 2, 3], [5, 6]), ([7], [8, 9, 10, 11])];
        IReadOnlyList<LogLikelihood> forward = _scorer.Score(requests, null, CancellationToken.None);
        IReadOnlyList<LogLikelihood> backward = _scorer.Score([.. requests.Reverse()], null, CancellationToken.None);
        Assert.Equal(forward, backward.Reverse());
        Assert.Equal(forward, requests.Select(request => _scorer.Score(request.Item1, request.Item2)));
    }

    [Fact]
    public void Progress_counts_requests_and_cancelling_stops_between_two()
    {
        using var stop = new CancellationTokenSource();
        var seen = new Recorder(done =>
        {
            if (done == 2)
            {
                stop.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => _scorer.Score([([1], [2]), ([1], [3]), ([1], [4])], seen, stop.Token));
        Assert.Equal([1, 2], seen.Done);
    }

    [Fact]
    public void Requests_that_cannot_be_scored_are_refused()
    {
        Assert.Contains("context:", Assert.Throws<UserError>(() => _scorer.Score([], [1])).Message, StringComparison.Ordinal);
        Assert.Contains("continuation:", Assert.Throws<UserError>(() => _scorer.Score([1], [])).Message, StringComparison.Ordinal);
        Assert.Contains("found 49", Assert.Throws<UserError>(() => _scorer.Score([1], new int[49])).Message, StringComparison.Ordinal);
        Assert.Contains("found 61", Assert.Throws<UserError>(() => _scorer.Score([1], [61])).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    /// <summary>ln p of the last <paramref name="count"/> tokens, by the reference.</summary>
    private double Reference(int[] ids, int count)
    {
        double[][] logits = _checkpoint.Reference.Logits(ids[..^1]);
        return Enumerable.Range(ids.Length - count, count).Sum(at => logits[at - 1][ids[at]] - Math.Log(logits[at - 1].Sum(Math.Exp)));
    }

    private sealed class Recorder(Action<int> report) : IProgress<int>
    {
        public List<int> Done { get; } = [];

        public void Report(int value)
        {
            Done.Add(value);
            report(value);
        }
    }
}
