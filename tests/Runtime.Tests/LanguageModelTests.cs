using Factory.Core;
using Factory.Core.Architecture;

namespace Factory.Runtime.Tests;

public sealed class LanguageModelTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Prefill_and_decode_give_what_all_at_once_gives()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        int[] ids = Ids(TestModel.Tiny, 20);
        float[] whole = model.Logits(ids);
        using KvCache cache = model.NewCache(ids.Length);
        Near(Row(whole, 11), model.Append(cache, ids[..12]));
        for (int position = 12; position < ids.Length; position++)
        {
            Near(Row(whole, position), model.Append(cache, [ids[position]]));
        }
        Assert.Equal(ids.Length, cache.Length);
    }

    [Fact]
    public void Appending_in_ragged_pieces_changes_nothing()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        int[] ids = Ids(TestModel.Tiny, TestModel.Tiny.MaxPositions);
        float[] whole = model.Logits(ids);
        using KvCache cache = model.NewCache(TestModel.Tiny.MaxPositions);
        int at = 0;
        foreach (int piece in new[] { 1, 7, 2, 1, 16, 3, 1, 17 })
        {
            float[] last = model.Append(cache, ids[at..(at + piece)]);
            at += piece;
            Near(Row(whole, at - 1), last);
        }
        Assert.Equal(cache.Capacity, cache.Length);
    }

    [Fact]
    public void A_prompt_longer_than_a_chunk_gives_the_reference()
    {
        LlamaArchitecture architecture = TestModel.Tiny with { BlockCount = 1, MaxPositions = (2 * LanguageModel.PrefillChunk) + 40 };
        TestCheckpoint checkpoint = TestCheckpoint.Random(architecture);
        using LanguageModel model = TestBundle.Load(_folder, checkpoint);
        int[] ids = Ids(architecture, architecture.MaxPositions);
        double[][] reference = checkpoint.Reference.Logits(ids);
        float[] logits = model.Logits(ids);
        Assert.InRange(reference.SelectMany(row => row).Zip(logits, (a, b) => Math.Abs(a - b)).Max(), 0, Tolerance);
        using KvCache cache = model.NewCache(ids.Length);
        Assert.InRange(reference[^1].Zip(model.Append(cache, ids), (a, b) => Math.Abs(a - b)).Max(), 0, Tolerance);

        // From inside the second chunk on: the first chunk's rows are computed by nobody.
        int from = LanguageModel.PrefillChunk + 5;
        Assert.Equal(logits[(from * architecture.VocabularySize)..], model.Logits(ids, from));
    }

    [Fact]
    public void Threads_with_caches_of_their_own_do_not_disturb_each_other()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        int[][] sequences = [.. Enumerable.Range(0, 4).Select(seed => Ids(TestModel.Tiny, 30, seed))];
        float[][] alone = [.. sequences.Select(Decode)];
        float[][] together = new float[sequences.Length][];
        Thread[] threads = [.. sequences.Select((ids, i) => new Thread(() => together[i] = Decode(ids)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(alone, together);

        float[] Decode(int[] ids)
        {
            using KvCache cache = model.NewCache(ids.Length);
            return [.. ids.SelectMany(id => model.Append(cache, [id]))];
        }
    }

    [Fact]
    public void The_model_says_where_it_runs()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        Assert.Equal("cpu", model.Provider);
    }

    [Fact]
    public void Ids_that_are_none_too_many_or_outside_the_vocabulary_are_refused()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        using KvCache cache = model.NewCache(8);
        Assert.Contains("from 0 to 60, found 61", Assert.Throws<UserError>(() => model.Append(cache, [0, 61])).Message, StringComparison.Ordinal);
        Assert.Contains("found -1", Assert.Throws<UserError>(() => model.Logits([-1])).Message, StringComparison.Ordinal);
        Assert.Contains("at least one", Assert.Throws<UserError>(() => model.Logits([])).Message, StringComparison.Ordinal);
        Assert.Contains("at most 48", Assert.Throws<UserError>(() => model.Logits(Ids(TestModel.Tiny, 49))).Message, StringComparison.Ordinal);
        Assert.Equal(0, cache.Length);
    }

    [Fact]
    public void A_cache_takes_no_more_than_it_holds_and_only_from_its_own_model()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        using LanguageModel other = TestBundle.Load(_folder, TestModel.Tiny);
        using KvCache cache = model.NewCache(3);
        model.Append(cache, [1, 2]);
        Assert.Throws<InvalidOperationException>(() => model.Append(cache, [3, 4]));
        Assert.Throws<InvalidOperationException>(() => other.Append(cache, [3]));
        model.Append(cache, [3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.NewCache(TestModel.Tiny.MaxPositions + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.NewCache(0));
    }

    [Fact]
    public void Cuda_asked_for_and_not_usable_is_an_error_that_names_the_cure()
    {
        Bundle bundle = Bundle.Open(TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny)));
        string message = Assert.Throws<SettingError>(() => LanguageModel.Load(bundle, new RuntimeOptions { Provider = ProviderChoice.Cuda })).Message;
        Assert.Contains("the bundle is fp32", message, StringComparison.Ordinal);
        Assert.Contains("Take cpu or auto", message, StringComparison.Ordinal);
        string plugin = Assert.Throws<SettingError>(() => LanguageModel.Load(bundle, new RuntimeOptions { Provider = ProviderChoice.Cuda, CudaPlugin = _folder.At("none.so") })).Message;
        Assert.Contains("none.so is no file", plugin, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_takes_the_cpu_for_an_fp32_bundle_and_says_why_in_one_line()
    {
        Bundle bundle = Bundle.Open(TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny)));
        List<string> log = [];
        using LanguageModel model = LanguageModel.Load(bundle, new RuntimeOptions(), log.Add);
        Assert.Equal("cpu", model.Provider);
        string line = Assert.Single(log);
        // Where the machine is in the way, another bundle would not help.
        Assert.StartsWith($"Provider: cpu, not cuda: {ExecutionProvider.CudaObstacle(null)?.Split(';')[0] ?? "the bundle is fp32"}", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    public void Dispose() => _folder.Dispose();

    private static int[] Ids(LlamaArchitecture architecture, int count, int seed = 0) =>
        [.. Enumerable.Range(0, count).Select(i => ((i * i * 5) + (i * 3) + (seed * 11)) % architecture.VocabularySize)];

    private static float[] Row(float[] logits, int position) => logits[(position * TestModel.Tiny.VocabularySize)..((position + 1) * TestModel.Tiny.VocabularySize)];

    private static void Near(float[] expected, float[] found) => Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-5);
}
