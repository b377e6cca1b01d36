using CsCheck;
using Factory.Core;
using Factory.Core.Architecture;

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
    public void Any_mixture_of_requests_gives_what_each_gives_alone_and_what_one_run_over_its_tokens_gives()
    {
        // Long enough for every plan: shared and single contexts, short and long ones, continuations of one token and of more than a run.
        LlamaArchitecture architecture = TestModel.Tiny with { BlockCount = 1, MaxPositions = 1100 };
        using LanguageModel model = TestBundle.Load(_folder, architecture);
        var scorer = new Scorer(model);
        Gen<int[]> tokens = Gen.Int[0, architecture.VocabularySize - 1].Array[1, 12];
        var requests =
            from beginnings in Gen.OneOf(Gen.Int[0, 60].Array[0, 20], Gen.Int[0, 60].Array[150, 250], Gen.Int[0, 60].Array[600, 1000]).Array[1, 3]
            from questions in Gen.Select(Gen.Int[0, 2], tokens, Gen.OneOf(tokens.Array[1, 4], Gen.Int[0, 60].Array[50, 200].Array[1, 1])).Array[1, 40]
            select questions.SelectMany(question => question.Item3.Select(continuation =>
                (Context: (int[])[.. beginnings[question.Item1 % beginnings.Length], .. question.Item2], Continuation: continuation))).ToArray();
        requests.Sample(
            sample =>
            {
                IReadOnlyList<LogLikelihood> together = scorer.Score(sample, progress: null, CancellationToken.None);
                for (int i = 0; i < sample.Length; i++)
                {
                    Assert.Equal(scorer.Score(sample[i].Context, sample[i].Continuation), together[i]);
                    LogLikelihood expected = OneRun(model, sample[i].Context, sample[i].Continuation);
                    Assert.Equal(expected.Value, together[i].Value, Math.Max(1e-4, 1e-6 * Math.Abs(expected.Value)));
                    Assert.Equal(expected.Tokens, together[i].Tokens);
                }
            },
            iter: 12,
            threads: 1);
    }

    [Fact]
    public void More_requests_than_a_run_has_rows_give_what_each_gives_alone()
    {
        // More contexts, and more continuations of one context, than a run has rows.
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 12].Array[150, 200]).Sample(
            (choices, lengths) =>
            {
                (int[], int[])[] requests = [.. lengths.Select((length, i) => ((int[])[.. Enumerable.Range(0, 12 + (i / choices % 3)).Select(t => (t + (i / choices)) % 61)], (int[])[.. Enumerable.Range(i, length).Select(t => t % 61)]))];
                requests = [.. requests, .. lengths.Select((length, i) => ((int[])[.. Enumerable.Repeat(7, 13)], (int[])[i % 61, .. Enumerable.Range(i, length - 1).Select(t => t * 3 % 61)]))];
                Assert.Equal(requests.Select(request => _scorer.Score(request.Item1, request.Item2)), _scorer.Score(requests, null, CancellationToken.None));
            },
            iter: 5,
            threads: 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(200)]
    public void Several_workers_give_what_one_gives_and_count_every_request_once(int count)
    {
        (int[], int[])[] requests = [.. Enumerable.Range(0, count).Select(i => ((int[])[.. Enumerable.Range(0, 3 + (i % 40)).Select(t => (t + (i / 4)) % 61)], (int[])[.. Enumerable.Range(1, 1 + (i % 3))]))];
        using LanguageModel three = LanguageModel.Load(_model.Bundle, new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 3 });
        List<int> done = [];
        IReadOnlyList<LogLikelihood> found = new Scorer(three).Score(requests, new Recorder(done.Add), CancellationToken.None);
        Assert.Equal(3, three.Workers);
        Assert.Equal(_scorer.Score(requests, null, CancellationToken.None), found);
        Assert.Equal(done.Order(), done);
        Assert.Equal(count, done[^1]);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => new Scorer(three).Score(requests, null, stop.Token));
    }

    [Fact]
    public void Contexts_are_computed_once_for_all_their_continuations()
    {
        int[] examples = [.. Enumerable.Range(0, 30).Select(i => i * 17 % 61)];
        (int[], int[])[] requests = [.. Enumerable.Range(0, 70).Select(i => (examples, (int[])[i % 61]))];
        List<int> done = [];
        Assert.Equal(70, _scorer.Score(requests, new Recorder(done.Add), CancellationToken.None).Count);
        // One run for all, so one report.
        Assert.Equal([70], done);
    }

    [Fact]
    public void Progress_ends_with_all_and_cancelling_stops_between_two_runs()
    {
        using var stop = new CancellationTokenSource();
        // The second is scored by another plan than the first.
        (int[], int[])[] requests = [([1], [2, 3, 4]), ([.. Enumerable.Range(0, 47)], [4, 5])];
        List<int> done = [];
        _scorer.Score(requests, new Recorder(done.Add), CancellationToken.None);
        Assert.Equal([1, 2], done);
        done.Clear();
        Assert.Throws<OperationCanceledException>(() => _scorer.Score(requests, new Recorder(count => { done.Add(count); stop.Cancel(); }), stop.Token));
        Assert.Equal([1], done);
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

    private static LogLikelihood OneRun(LanguageModel model, int[] context, int[] continuation)
    {
        int window = model.Bundle.Architecture.MaxPositions;
        int[] ids = [.. ((int[])[.. context, .. continuation]).TakeLast(window + 1)];
        int vocabulary = model.Bundle.Architecture.VocabularySize;
        float[] logits = model.Logits(ids[..^1], ids.Length - 1 - continuation.Length);
        double sum = 0;
        for (int i = 0; i < continuation.Length; i++)
        {
            double[] row = [.. logits.Skip(i * vocabulary).Take(vocabulary).Select(logit => (double)logit)];
            sum += row[continuation[i]] - Math.Log(row.Sum(Math.Exp));
        }
        return new LogLikelihood(sum, IsGreedy: false, continuation.Length);
    }

    private sealed class Recorder(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
