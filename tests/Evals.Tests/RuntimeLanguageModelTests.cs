using Factory.Core.Text;
using Factory.Evals.Models;
using Factory.Evals.Requests;
using Factory.Runtime;

namespace Factory.Evals.Tests;

public sealed class RuntimeLanguageModelTests(BundleFixture bundles) : IDisposable
{
    private readonly LanguageModel _model = LanguageModel.Load(Bundle.Open(bundles.Tiny), new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 });

    [Fact]
    public async Task A_text_longer_than_the_window_is_the_sum_of_its_windows()
    {
        TextTokenizer tokenizer = _model.Bundle.Tokenizer!;
        string text = string.Join('\n', Enumerable.Repeat("Speak, speak. You are all resolved rather to die than to famish?", 30));
        int[] ids = tokenizer.Encode(text, addBos: true);
        int window = bundles.Architecture.MaxPositions;
        Assert.True(ids.Length > window);

        var found = (RollingResponse)Assert.Single(await new RuntimeLanguageModel(_model).AskAllAsync([new RollingRequest(text)], progress: null, TestContext.Current.CancellationToken));

        int prefix = tokenizer.BosTokenId ?? tokenizer.EosTokenId!.Value;
        double expected = ids.Chunk(window).Select((chunk, index) =>
        {
            int start = index * window;
            int context = start == 0 ? 0 : start + chunk.Length - window - 1;
            int[] sequence = [.. start == 0 ? [prefix] : ids[context..start], .. chunk];
            double[][] logits = bundles.Checkpoint.Reference.Logits(sequence[..^1]);
            return logits.TakeLast(chunk.Length).Zip(chunk, (row, id) => row[id] - Math.Log(row.Sum(Math.Exp))).Sum();
        }).Sum();
        Assert.Equal(ids.Length, found.Tokens);
        Assert.Equal(expected, found.LogLikelihood, 1e-2);
    }

    [Fact]
    public async Task Generating_stops_before_a_stop_string_and_keeps_the_end_of_a_long_context()
    {
        var language = new RuntimeLanguageModel(_model);
        string context = string.Join(' ', Enumerable.Repeat("a long story", 400));
        string whole = await AskAsync(new GenerationRequest(context, [], 12));
        int room = bundles.Architecture.MaxPositions - 12;
        int[] kept = [.. _model.Bundle.Tokenizer!.Encode(context, addBos: true).TakeLast(room)];
        string expected = RuntimeText.Generate(_model, kept, new GenerationOptions { MaxNewTokens = 12 }, TestContext.Current.CancellationToken);
        Assert.Equal(expected, whole);
        Assert.NotEqual("", whole);
        string stop = whole[(whole.Length / 2)..];
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], await AskAsync(new GenerationRequest(context, [stop], 12)));

        async Task<string> AskAsync(GenerationRequest request) =>
            ((GenerationResponse)Assert.Single(await language.AskAllAsync([request], progress: null, TestContext.Current.CancellationToken))).Text;
    }

    public void Dispose() => _model.Dispose();
}
