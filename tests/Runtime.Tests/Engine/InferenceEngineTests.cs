using Factory.Core;
using Factory.Runtime.Engine;

namespace Factory.Runtime.Tests.Engine;

public sealed class InferenceEngineTests : IDisposable
{
    private static readonly int[] Prompt = [.. Enumerable.Range(0, 20).Select(i => i * 11 % TestModel.Tiny.VocabularySize)];

    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _model;

    public InferenceEngineTests() => _model = TestBundle.Load(_folder, TestModel.Tiny);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static InferenceRequest Request => new() { PromptIds = Prompt, MaxNewTokens = 8 };

    private long BytesPerToken => _model.Session.KvLayout.BytesPerToken;

    [Fact]
    public async Task A_prompt_that_was_seen_is_not_computed_again()
    {
        using var engine = new InferenceEngine(_model);
        List<int> first = await engine.SubmitAsync(Request, Ct).CollectAsync();
        long computed = engine.Statistics.PrefillTokens;
        Assert.Equal(Prompt.Length, computed);
        Assert.Equal(first, await engine.SubmitAsync(Request, Ct).CollectAsync());
        Assert.Equal(computed + 2, engine.Statistics.PrefillTokens);
        Assert.Equal(Prompt.Length - 2, engine.Statistics.PrefixCacheTokens);
        using var without = new InferenceEngine(_model, new EngineOptions { PrefixCache = false });
        await without.SubmitAsync(Request, Ct).CollectAsync();
        Assert.Equal(first, await without.SubmitAsync(Request, Ct).CollectAsync());
        Assert.Equal(0, without.Statistics.PrefixCacheTokens);
    }

    [Fact]
    public async Task A_reader_that_hangs_holds_up_nobody()
    {
        using var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = 2 });
        await using IAsyncEnumerator<TokenDelta> hanging = engine.SubmitAsync(Request with { MaxNewTokens = 20 }, Ct).GetAsyncEnumerator(Ct);
        Assert.True(await hanging.MoveNextAsync());
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(8, (await engine.SubmitAsync(Request, Ct).CollectAsync()).Count);
        }
        int rest = 0;
        while (await hanging.MoveNextAsync())
        {
            rest++;
        }
        Assert.Equal(19, rest);
    }

    [Fact]
    public async Task Leaving_early_and_cancelling_free_the_slot()
    {
        using var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = 1 });
        using var cancel = new CancellationTokenSource();
        await foreach (TokenDelta _ in engine.SubmitAsync(Request with { MaxNewTokens = 28 }, Ct))
        {
            break;
        }
        IAsyncEnumerable<TokenDelta> waiting = engine.SubmitAsync(Request, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting.CollectAsync());
        // With one slot, this one only runs when both are gone.
        Assert.Equal(8, (await engine.SubmitAsync(Request, Ct).CollectAsync()).Count);
        await WaitForAsync(() => engine.Statistics is { Running: 0, Waiting: 0 });
    }

    [Fact]
    public async Task Batch_work_never_takes_the_last_slot()
    {
        using var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = 2 });
        Task<List<int>>[] batch = [.. Enumerable.Range(0, 6).Select(_ => engine.SubmitAsync(Request with { MaxNewTokens = 20, Priority = RequestPriority.Batch }, Ct).CollectAsync())];
        await Task.WhenAll(batch);
        // The first token of each comes from prefill; no two were ever decoded together.
        Assert.Equal(6 * 19, engine.Statistics.DecodeSteps);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_takes_requests_again_later()
    {
        using var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = 1, MaxQueuedRequests = 1 });
        List<Task<List<int>>> accepted = [];
        QueueFullError? refused = null;
        while (refused is null)
        {
            try
            {
                accepted.Add(engine.SubmitAsync(Request with { MaxNewTokens = 28 }, Ct).CollectAsync());
            }
            catch (QueueFullError error)
            {
                refused = error;
            }
        }
        Assert.Contains("Ask again later", refused.Message, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(accepted), tokens => Assert.Equal(28, tokens.Count));
        Assert.Equal(8, (await engine.SubmitAsync(Request, Ct).CollectAsync()).Count);
    }

    [Fact]
    public async Task Memory_is_reserved_before_a_request_starts_so_that_none_fails_on_its_way()
    {
        // Room for two such requests of three.
        int each = Prompt.Length + 27;
        using var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = 8, KvCacheBytes = 2 * each * BytesPerToken, PrefixCache = false, MaxSequenceTokens = 48 });
        Task<List<int>>[] tasks = [.. Enumerable.Range(0, 6).Select(_ => engine.SubmitAsync(Request with { MaxNewTokens = 28 }, Ct).CollectAsync())];
        Assert.All(await Task.WhenAll(tasks), tokens => Assert.Equal(28, tokens.Count));
        // 6 requests of 28 tokens, two at a time: fewer steps would mean that three were together.
        Assert.InRange(engine.Statistics.DecodeSteps, 3 * 27, long.MaxValue);
        Assert.InRange(engine.Statistics.KvCacheBytesUsed, 0, engine.Statistics.KvCacheBytesLimit);
    }

    [Fact]
    public void An_engine_whose_cache_holds_no_sequence_is_refused_with_both_numbers()
    {
        string message = Assert.Throws<InsufficientMemoryError>(() => new InferenceEngine(_model, new EngineOptions { KvCacheBytes = 47 * BytesPerToken })).Message;
        Assert.StartsWith("kv_cache_bytes: expected at least", message, StringComparison.Ordinal);
        Assert.Contains("lower max_sequence_tokens", message, StringComparison.Ordinal);
        using var small = new InferenceEngine(_model, new EngineOptions { KvCacheBytes = 47 * BytesPerToken, MaxSequenceTokens = 47 });
        Assert.Equal(47, small.Capacity);
        // Address space for eight times what may be written at once; the default asks for 32 slots.
        Assert.Equal(8, small.Statistics.Slots);
    }

    [Fact]
    public async Task Disposing_under_load_ends_every_request_and_refuses_new_ones()
    {
        var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = 4 });
        Task<List<int>>[] tasks = [.. Enumerable.Range(0, 30).Select(_ => engine.SubmitAsync(Request with { MaxNewTokens = 28 }, Ct).CollectAsync())];
        engine.Dispose();
        engine.Dispose();
        foreach (Task<List<int>> task in tasks)
        {
            // Those that were ready in time are whole.
            if (await Record.ExceptionAsync(() => task) is Exception error)
            {
                Assert.IsType<ObjectDisposedException>(error);
            }
            else
            {
                Assert.Equal(28, (await task).Count);
            }
        }
        Assert.Throws<ObjectDisposedException>(() => engine.SubmitAsync(Request, Ct));
    }

    [Fact]
    public async Task The_last_token_says_why_it_is_the_last()
    {
        using var engine = new InferenceEngine(_model);
        List<int> tokens = OneByOne.Decode(_model, Request with { MaxNewTokens = 28 });
        Assert.Equal((28, FinishReason.Length), await EndAsync(Request with { MaxNewTokens = 28 }));
        Assert.Equal((28, FinishReason.Context), await EndAsync(Request with { MaxNewTokens = 1000 }));
        int stop = tokens[4];
        int first = tokens.IndexOf(stop);
        Assert.Equal((first + 1, FinishReason.Stop), await EndAsync(Request with { StopIds = [stop] }));
        Assert.Equal((8, FinishReason.Length), await EndAsync(Request with { StopIds = [stop], MinNewTokens = 8 }));

        async Task<(int, FinishReason?)> EndAsync(InferenceRequest request)
        {
            List<TokenDelta> deltas = [];
            await foreach (TokenDelta delta in engine.SubmitAsync(request, Ct))
            {
                deltas.Add(delta);
            }
            Assert.All(deltas.SkipLast(1), delta => Assert.Null(delta.Finish));
            return (deltas.Count, deltas[^1].Finish);
        }
    }

    [Fact]
    public async Task Echo_gives_the_prompt_first_and_log_probabilities_are_those_of_the_logits()
    {
        using var engine = new InferenceEngine(_model);
        List<TokenDelta> deltas = [];
        await foreach (TokenDelta delta in engine.SubmitAsync(Request with { MaxNewTokens = 3, Echo = true, LogProbabilities = 5 }, Ct))
        {
            deltas.Add(delta);
        }
        Assert.Equal(Prompt.Length + 3, deltas.Count);
        Assert.Equal(Prompt, deltas.Where(delta => delta.IsPrompt).Select(delta => delta.TokenId));
        Assert.Null(deltas[0].LogProbability);
        int[] ids = [.. deltas.Select(delta => delta.TokenId)];
        float[] logits = _model.Logits(ids);
        for (int i = 1; i < ids.Length; i++)
        {
            double[] row = [.. logits.Skip((i - 1) * TestModel.Tiny.VocabularySize).Take(TestModel.Tiny.VocabularySize).Select(logit => (double)logit)];
            double normalizer = Math.Log(row.Sum(Math.Exp));
            Assert.Equal(row[ids[i]] - normalizer, deltas[i].LogProbability!.Value, 1e-4);
            Assert.Equal(row.OrderDescending().Take(5).Select(logit => logit - normalizer), deltas[i].Top.Select(top => (double)top.LogProbability), (a, b) => Math.Abs(a - b) < 1e-4);
            Assert.All(deltas[i].Top, top => Assert.Equal(row[top.TokenId] - normalizer, top.LogProbability, 1e-4));
        }
        Assert.Equal([.. Prompt], await engine.SubmitAsync(Request with { MaxNewTokens = 0, Echo = true }, Ct).CollectAsync());
    }

    [Theory]
    [InlineData("prompt", 0, 8, 0, 0)]
    [InlineData("prompt", 48, 8, 0, 0)]
    [InlineData("max_new_tokens", 5, 0, 0, 0)]
    [InlineData("min_new_tokens", 5, 4, 5, 0)]
    [InlineData("logprobs", 5, 4, 0, 101)]
    public void A_request_out_of_range_is_refused_at_once_by_name(string setting, int prompt, int count, int minimum, int logprobs)
    {
        using var engine = new InferenceEngine(_model);
        var request = new InferenceRequest { PromptIds = new int[prompt], MaxNewTokens = count, MinNewTokens = minimum, LogProbabilities = logprobs };
        Assert.Equal(setting, Assert.Throws<SettingError>(() => engine.SubmitAsync(request, Ct)).Setting);
        Assert.Equal("stop_ids", Assert.Throws<SettingError>(() => engine.SubmitAsync(Request with { StopIds = [61] }, Ct)).Setting);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Ct.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
