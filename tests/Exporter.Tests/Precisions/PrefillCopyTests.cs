using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Exporter.Precisions;
using Factory.Runtime;

namespace Factory.Exporter.Tests.Precisions;

/// <summary>int4 weights with a copy in int8 for tokens that are given.</summary>
public sealed class PrefillCopyTests : IDisposable
{
    private static readonly int[] Ids = [5, 60, 7, 8, 9, 31, 2, 44, 17, 3];

    private readonly TemporaryFolder _folder = new();
    private readonly TestCheckpoint _checkpoint = TestCheckpoint.Random(TestModel.Tiny);

    [Fact]
    public void Given_tokens_run_through_the_copy_and_generated_ones_through_the_int4_weights()
    {
        using LanguageModel plain = Load("int4-rtn", copy: false);
        using LanguageModel copied = Load("int4-rtn", copy: true);
        float[] expected = plain.Logits(Ids);
        float[] found = copied.Logits(Ids);
        // One model: the copy is of the rounded weights. But not to the last bit.
        Assert.InRange(Distance(expected, found), 1e-6, 0.1);

        // Behind nothing but one token, which is given, a decoded one is computed from the int4 weights; its own keys and values aside both have the same to read.
        Assert.NotEqual(plain.Logits(Ids[..1]), copied.Logits(Ids[..1]));
        float[] decoded = Last(copied, Ids[..^1], Ids[^1..]);
        float[] given = copied.Logits(Ids)[^decoded.Length..];
        Assert.InRange(Distance(given, decoded), 1e-7, 0.1);
        Assert.Equal(decoded, Last(copied, Ids[..^1], Ids[^1..]));
    }

    [Fact]
    public void A_text_scores_the_same_whole_and_in_pieces()
    {
        using LanguageModel model = Load("int4-rtn", copy: true);
        float[] logits = model.Logits(Ids);
        double expected = 0;
        for (int i = 4; i < Ids.Length; i++)
        {
            double[] row = [.. logits.Skip((i - 1) * TestModel.Tiny.VocabularySize).Take(TestModel.Tiny.VocabularySize).Select(logit => (double)logit)];
            expected += row[Ids[i]] - Math.Log(row.Sum(Math.Exp));
        }
        var scorer = new Scorer(model);
        Assert.Equal(expected, scorer.Score(Ids[..4], Ids[4..]).Value, 1e-4);
        // The same beside others, whose plan is another one.
        int[][] endings = [[1, 2], [3, 4, 5, 6, 7], Ids[4..], [9]];
        Assert.Equal(expected, scorer.Score([.. endings.Select(ending => (Ids[..4], ending))], null, TestContext.Current.CancellationToken)[2].Value, 1e-4);
    }

    [Fact]
    public void It_is_counted_and_stands_in_the_manifest()
    {
        string plain = Export("int4", copy: false);
        string copied = Export("int4", copy: true);
        Assert.Equal("int8", Bundle.Open(copied).Manifest.Facts[BundleFolder.PrefillCopyFact]);
        long linear = TestModel.Tiny.Parameters.Where(parameter => parameter.Name.EndsWith("_proj.weight", StringComparison.Ordinal)).Sum(parameter => parameter.Count);
        Assert.InRange(Bytes(copied) - Bytes(plain), linear, long.MaxValue);
        BundleVerification.Verify(copied, copied);
    }

    [Fact]
    public void A_damaged_graph_for_prompts_is_refused_when_it_is_loaded()
    {
        string bundle = Export("int4-rtn", copy: true);
        string file = Path.Combine(bundle, BundleFolder.PrefillFile);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^5] ^= 1;
        File.WriteAllBytes(file, bytes);
        UserError error = Assert.ThrowsAny<UserError>(() => BundleVerification.Verify(bundle, bundle));
        Assert.Contains(BundleFolder.PrefillFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_precision_has_none()
    {
        SettingError error = Assert.Throws<SettingError>(() => Export("int8", copy: true));
        Assert.Equal("prefill_copy", error.Setting);
        Assert.Contains("int4 or int4-rtn, found 'int8'", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static double Distance(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max() / Math.Max(1, a.Max(Math.Abs));

    private static long Bytes(string bundle) => new FileInfo(Path.Combine(bundle, BundleFolder.WeightsFile)).Length;

    private static float[] Last(LanguageModel model, int[] given, int[] generated)
    {
        using KvCache cache = model.NewCache(given.Length + generated.Length);
        model.Append(cache, given);
        return model.Append(cache, generated);
    }

    private LanguageModel Load(string precision, bool copy) => LanguageModel.Load(Bundle.Open(Export(precision, copy)), new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 });

    private string Export(string precision, bool copy) =>
        TestBundle.Export(_folder, _checkpoint, options: new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(precision)) { PrefillCopy = copy } });
}
