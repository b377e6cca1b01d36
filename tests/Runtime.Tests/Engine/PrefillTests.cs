using Factory.Core.Architecture;
using Factory.Runtime.Engine;

namespace Factory.Runtime.Tests.Engine;

/// <summary>Prompts of several newcomers in one run.</summary>
public sealed class PrefillTests : IDisposable
{
    private static readonly LlamaArchitecture Architecture = TestModel.Tiny with { MaxPositions = 300 };

    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _model;

    public PrefillTests() => _model = TestBundle.Load(_folder, Architecture);

    [Fact]
    public async Task Newcomers_that_wait_together_are_computed_together_to_the_same_bits()
    {
        // Lengths on both sides of attention's blocks, twice the head size; and one of a single token, which another kernel computes.
        int block = 2 * Architecture.HeadSize;
        InferenceRequest[] requests = [.. new[] { 1, 2, block - 1, block, block + 1, block + 2, 2 * block, (2 * block) + 1, 100, 110, 120, 121 }.Select((length, i) => Request(length, row: i))];
        List<TokenDelta>[] together;
        long runs;
        using (var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = requests.Length }))
        {
            together = await Task.WhenAll(requests.Select(request => CollectAsync(engine, request)));
            runs = engine.Statistics.PrefillRuns;
        }
        Assert.InRange(runs, 1, requests.Length - 4);
        using var single = new InferenceEngine(_model, new EngineOptions { MaxSequences = 1, PrefixCache = false });
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal((await CollectAsync(single, requests[i])).Select(delta => (delta.TokenId, delta.LogProbability)), together[i].Select(delta => (delta.TokenId, delta.LogProbability)));
        }
        Assert.True(single.Statistics.PrefillRuns >= requests.Length, $"{single.Statistics}");
    }

    [Fact]
    public async Task Of_newcomers_that_begin_alike_one_computes_the_beginning_for_all()
    {
        using var engine = new InferenceEngine(_model, new EngineOptions { MaxSequences = 8 });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CollectAsync(engine, Request(length: 60, row: 0))));
        Assert.Equal(60 + (7 * 2), engine.Statistics.PrefillTokens);
    }

    [Theory]
    [InlineData(20, 3)] // three rows of six
    [InlineData(12, 2)]
    [InlineData(9, 1)]
    public void A_run_takes_neighbours_as_far_as_its_budget_goes(int budget, int expected)
    {
        Sequence[] newcomers = [Newcomer(length: 5, slot: 4), Newcomer(length: 6, slot: 3), Newcomer(length: 5, slot: 5), Newcomer(length: 5, slot: 7)];
        List<Sequence> rows = new PrefillBatch(new ChunkSize(16), capacity: 64).Choose(newcomers, budget);
        Assert.Equal(expected, rows.Count);
        Assert.Equal(Enumerable.Range(rows[0].Slot!.Index, expected), rows.Select(row => row.Slot!.Index));
        Assert.Contains(newcomers[0], rows);
    }

    [Fact]
    public void Padding_is_at_most_a_quarter_and_a_prompt_in_the_making_goes_alone()
    {
        var batch = new PrefillBatch(new ChunkSize(16), capacity: 64);
        Assert.Single(batch.Choose([Newcomer(length: 20, slot: 0), Newcomer(length: 6, slot: 1)], budget: 512));
        Sequence begun = Newcomer(length: 20, slot: 0);
        begun.Position = 10;
        Assert.Single(batch.Choose([begun, Newcomer(length: 20, slot: 1)], budget: 512));
        Assert.Single(batch.Choose([Newcomer(length: 1, slot: 0), Newcomer(length: 1, slot: 1)], budget: 512));
    }

    [Fact]
    public void Few_newcomers_are_paced_and_many_are_not()
    {
        var pacer = new PrefillPacer();
        int paced = pacer.Budget(newcomers: 4, decoding: 8);
        Assert.InRange(paced, 1, 32);
        Assert.Equal(LanguageModel.PrefillChunk, pacer.Budget(newcomers: 1, decoding: 0));
        pacer.Finished(1);
        Assert.Equal(LanguageModel.PrefillChunk, pacer.Budget(newcomers: 9, decoding: 1));
        // The nine are let in, though by then more are decoded than wait; those who come later are not.
        pacer.Finished(8);
        Assert.Equal(LanguageModel.PrefillChunk, pacer.Budget(newcomers: 3, decoding: 9));
        pacer.Finished(1);
        Assert.Equal(paced, pacer.Budget(newcomers: 2, decoding: 10));
    }

    [Theory]
    [InlineData(30)] // tokens in the time of a step
    [InlineData(75)]
    [InlineData(300)]
    public void A_piece_beside_running_streams_takes_one_to_two_steps(double tokensPerStep)
    {
        var step = TimeSpan.FromMilliseconds(20);
        var pacer = new PrefillPacer();
        int size = 0;
        for (int run = 0; run < 20; run++)
        {
            size = pacer.Budget(newcomers: 1, decoding: 8);
            pacer.Observe(size, size / tokensPerStep * step, step);
            // Neither the end of a prompt nor a rush is a measure.
            pacer.Observe(3, TimeSpan.FromMilliseconds(1), step);
            pacer.Observe(LanguageModel.PrefillChunk, 100 * step, step);
        }
        Assert.InRange(size / tokensPerStep, 1, 2);
        Assert.Equal(size, pacer.Budget(newcomers: 1, decoding: 8));
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private static InferenceRequest Request(int length, int row) => new()
    {
        PromptIds = [.. Enumerable.Range(0, length).Select(i => ((i * i) + (31 * row)) % Architecture.VocabularySize)],
        MaxNewTokens = 6,
        LogProbabilities = 0,
    };

    private static Sequence Newcomer(int length, int slot)
    {
        var sequence = new Sequence(Request(length, slot), capacity: 64, () => { }, CancellationToken.None) { Trace = new RequestTrace(null, 0), Slot = new Slot(slot) };
        return sequence;
    }

    private static async Task<List<TokenDelta>> CollectAsync(InferenceEngine engine, InferenceRequest request)
    {
        List<TokenDelta> deltas = [];
        await foreach (TokenDelta delta in engine.SubmitAsync(request, TestContext.Current.CancellationToken))
        {
            deltas.Add(delta);
        }
        return deltas;
    }
}
