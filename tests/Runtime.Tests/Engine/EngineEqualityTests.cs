using CsCheck;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Exporter;
using Factory.Exporter.Precisions;
using Factory.Runtime.Engine;

namespace Factory.Runtime.Tests.Engine;

/// <summary>A request gives the same tokens alone and in whatever company.</summary>
public sealed class EngineEqualityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _model;

    public EngineEqualityTests() => _model = TestBundle.Load(_folder, TestModel.Tiny);

    [Fact]
    public async Task Sixty_four_mixed_requests_at_once_give_what_each_gives_alone()
    {
        InferenceRequest[] requests = RandomRequests.Fixed(64, seed: 1);
        using var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = 16 });
        List<int>[] together = await Task.WhenAll(requests.Select(request => engine.SubmitAsync(request, TestContext.Current.CancellationToken).CollectAsync()));
        Assert.Equal(requests.Select(request => OneByOne.Decode(_model, request)), together);
        Assert.True(engine.Statistics.GeneratedTokens > 4 * engine.Statistics.DecodeSteps, $"Few were decoded together: {engine.Statistics}");
        Assert.True(engine.Statistics.PrefixCacheTokens > 0, $"No prefix was shared: {engine.Statistics}");
    }

    [Theory]
    [InlineData("fp16")]
    [InlineData("int8")]
    [InlineData("int4")]
    [InlineData("int4-rtn")]
    [InlineData("int4-rtn", false, true)]
    [InlineData("fp32", true)]
    [InlineData("fp16", true)]
    [InlineData("int4-rtn", true, true)]
    public async Task Sixty_four_at_once_give_what_each_gives_alone_in_every_precision(string precision, bool int8KvCache = false, bool prefillCopy = false)
    {
        var plan = new PrecisionPlan(PrecisionCatalog.Named(precision)) { Int8KvCache = int8KvCache, PrefillCopy = prefillCopy };
        using LanguageModel model = TestBundle.Load(_folder, TestCheckpoint.Random(TestModel.Tiny), options: new ExportOptions { Precision = plan });
        Assert.Equal("true", model.Bundle.Manifest.Facts[BundleFolder.BatchInvariantFact]);
        InferenceRequest[] requests = [.. RandomRequests.Fixed(64, seed: 5).Select(request => request with { LogProbabilities = 0 })];
        using var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = 16 });
        List<TokenDelta>[] together = await Task.WhenAll(requests.Select(request => DeltasAsync(engine, request)));
        Assert.Equal(requests.Select(request => OneByOne.Decode(model, request)), together.Select(deltas => deltas.ConvertAll(delta => delta.TokenId)));
        Assert.True(engine.Statistics.GeneratedTokens > 4 * engine.Statistics.DecodeSteps, $"Few were decoded together: {engine.Statistics}");
        Assert.True(engine.Statistics.PrefixCacheTokens > 0, $"No prefix was shared: {engine.Statistics}");
        // Not the tokens only: every bit of what they were chosen by.
        using var single = new InferenceEngine(model, new EngineOptions { MaxSequences = 1, PrefixCache = false });
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal((await DeltasAsync(single, requests[i])).Select(delta => delta.LogProbability), together[i].Select(delta => delta.LogProbability));
        }
    }

    [Fact]
    public void Any_schedule_of_joining_leaving_and_cancelling_gives_what_each_gives_alone()
    {
        var schedules =
            from requests in RandomRequests.Requests.Array[1, 12]
            from cancelAfter in Gen.Int[0, 40].Array[12] // above the request's tokens: never
            from startAfter in Gen.Int[0, 6].Array[12] // tokens of the request before
            from slots in Gen.Int[1, 6]
            from tokens in Gen.Int[48, 200]
            from prefixCache in Gen.Bool
            select (requests, cancelAfter, startAfter, options: new EngineOptions { MaxSequences = slots, KvCacheBytes = tokens * _model.Session.KvLayout.BytesPerToken, PrefixCache = prefixCache });
        schedules.Sample(
            schedule =>
            {
                List<int>[] found = Run(schedule.requests, schedule.cancelAfter, schedule.startAfter, schedule.options);
                for (int i = 0; i < found.Length; i++)
                {
                    List<int> alone = OneByOne.Decode(_model, schedule.requests[i]);
                    int kept = Math.Min(alone.Count, schedule.cancelAfter[i] + 1);
                    Assert.Equal(alone.Take(kept), found[i]);
                }
            },
            iter: 60,
            threads: 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Long_prompts_that_share_their_beginning_give_what_each_gives_alone(bool int8KvCache)
    {
        LlamaArchitecture architecture = TestModel.Tiny with { BlockCount = 2, MaxPositions = 1200 };
        var plan = new PrecisionPlan(PrecisionCatalog.Default) { Int8KvCache = int8KvCache };
        using LanguageModel model = TestBundle.Load(_folder, TestCheckpoint.Random(architecture), options: new ExportOptions { Precision = plan });
        int[] beginning = [.. Enumerable.Range(0, 700).Select(i => i * i % architecture.VocabularySize)];
        // Lengths on both sides of every cut: the runs' and attention's blocks'.
        InferenceRequest[] requests = [.. new[] { 30, 33, 34, 510, 511, 512, 513, 514, 528, 529, 530, 577, 699 }.Select((length, i) =>
            new InferenceRequest { PromptIds = [.. beginning[..length], i], MaxNewTokens = 6, Sampling = new SamplingOptions { Temperature = 1, Seed = (ulong)i } })];
        using var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = 4 });
        List<int>[] together = await Task.WhenAll(requests.Select(request => engine.SubmitAsync(request, TestContext.Current.CancellationToken).CollectAsync()));
        Assert.Equal(requests.Select(request => OneByOne.Decode(model, request)), together);
        Assert.InRange(engine.Statistics.PrefixCacheTokens, 1000, long.MaxValue);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private static async Task<List<TokenDelta>> DeltasAsync(InferenceEngine engine, InferenceRequest request)
    {
        List<TokenDelta> deltas = [];
        await foreach (TokenDelta delta in engine.SubmitAsync(request, TestContext.Current.CancellationToken))
        {
            deltas.Add(delta);
        }
        return deltas;
    }

    /// <summary>Each request starts when the one before has given some tokens, and is left after some of its own.</summary>
    private List<int>[] Run(InferenceRequest[] requests, int[] cancelAfter, int[] startAfter, EngineOptions options)
    {
        using var engine = new InferenceEngine(_model, options);
        TaskCompletionSource[] gates = [.. requests.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        return Task.WhenAll(requests.Select(ReadAsync)).GetAwaiter().GetResult();

        async Task<List<int>> ReadAsync(InferenceRequest request, int i)
        {
            if (i > 0)
            {
                await gates[i - 1].Task;
            }
            List<int> tokens = [];
            await foreach (TokenDelta delta in engine.SubmitAsync(request))
            {
                tokens.Add(delta.TokenId);
                if (tokens.Count > startAfter[i])
                {
                    gates[i].TrySetResult();
                }
                if (tokens.Count > cancelAfter[i])
                {
                    break;
                }
            }
            gates[i].TrySetResult();
            return tokens;
        }
    }
}
