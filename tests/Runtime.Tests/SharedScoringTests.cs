using CsCheck;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter;
using Factory.Exporter.Precisions;

namespace Factory.Runtime.Tests;

/// <summary>Requests that share their beginnings in one run give what each gives alone, to the last bit.</summary>
public sealed class SharedScoringTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [MemberData(nameof(HfFolders.Decoders), MemberType = typeof(HfFolders))]
    public void For_every_family(string name)
    {
        // Windows, norms of queries and keys, biases, few and many key/value heads.
        using LanguageModel model = TestBundle.Load(_folder, HfGolden.Read(name).Checkpoint);
        AssertEqual(model, Questions(20, model.Bundle.Architecture.VocabularySize));
    }

    [Theory]
    [InlineData("fp32", false, false)]
    [InlineData("int8", false, false)]
    [InlineData("int4", false, false)]
    [InlineData("int4", true, false)]
    [InlineData("int8", false, true)]
    public void For_every_precision_and_without_a_graph_for_it_where_the_cache_is_int8(string precision, bool prefillCopy, bool int8Cache)
    {
        var plan = new PrecisionPlan(PrecisionCatalog.Named(precision)) { PrefillCopy = prefillCopy, Int8KvCache = int8Cache };
        using LanguageModel model = TestBundle.Load(_folder, TestCheckpoint.Random(TestModel.Tiny), options: new ExportOptions { Precision = plan });
        Assert.Equal(int8Cache, model.ScoringGraph is null);
        AssertEqual(model, Questions(20, TestModel.Tiny.VocabularySize));
    }

    [Fact]
    public void Where_nearly_nothing_is_left_to_compute()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        // One token in all; one row that holds all others; the same request again and again.
        AssertEqual(model, [.. Enumerable.Range(0, 100).Select(i => ((int[])[5], (int[])[i % 61]))]);
        AssertEqual(model, [.. Enumerable.Range(1, 40).SelectMany(i => new (int[], int[])[] { ((int[])[.. Enumerable.Range(0, i)], [i]), ([0], [.. Enumerable.Range(1, i)]) })]);
        AssertEqual(model, [.. Enumerable.Repeat(((int[])[1, 2, 3], (int[])[4, 5]), 70)]);
    }

    [Fact]
    public void A_bundle_of_before_there_was_a_graph_for_it_scores_the_same()
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny));
        (int[], int[])[] requests = Questions(20, TestModel.Tiny.VocabularySize);
        IReadOnlyList<LogLikelihood> expected = Score();
        Manifest manifest = Manifest.Read(bundle, BundleFolder.Kind);
        File.Delete(Path.Combine(bundle, BundleFolder.ScoringFile));
        File.Delete(Path.Combine(bundle, Manifest.FileName));
        Manifest.Write(bundle, BundleFolder.Kind, manifest.Facts);
        Assert.Equal(expected, Score());

        IReadOnlyList<LogLikelihood> Score()
        {
            using LanguageModel model = LanguageModel.Load(Bundle.Open(bundle), new RuntimeOptions { Provider = ProviderChoice.Cpu });
            return new Scorer(model).Score(requests, null, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Rows_give_every_token_of_every_sequence_back_and_hold_a_shared_beginning_once() =>
        Gen.Int[0, 3].Array[1, 8].Array[1, 12].Sample(sequences =>
        {
            var rows = new SharedRows();
            int[][] ordered = [.. sequences.OrderByDescending(ids => ids, TokenOrder.Instance)];
            int[][] places = [.. ordered.Select(ids => rows.Add(ids).ToArray())];
            long[] tokens = rows.Tokens();
            for (int i = 0; i < ordered.Length; i++)
            {
                Assert.Equal(ordered[i].Select(id => (long)id), places[i].Select(place => tokens[place]));
            }
            // As many as there are different beginnings.
            Assert.Equal(sequences.SelectMany(ids => Enumerable.Range(1, ids.Length).Select(length => string.Join(' ', ids[..length]))).Distinct().Count(), tokens.Length);
            int time = rows.Longest + 1;
            long[] rowTokens = rows.RowTokens(time);
            Assert.Equal(Enumerable.Range(0, tokens.Length).Select(token => (long)token), rows.TokenPlaces(time).Select(place => rowTokens[place]));
        });

    public void Dispose() => _folder.Dispose();

    private static (int[] Context, int[] Continuation)[] Questions(int count, int vocabulary) =>
        [.. Enumerable.Range(0, count).SelectMany(question => Enumerable.Range(0, 4).Select(choice => (
            (int[])[1, .. Enumerable.Range(0, 2 + (question * 5 % 13)).Select(at => ((at * 7) + (question / 3)) % vocabulary)],
            (int[])[.. Enumerable.Range(0, 1 + ((question + choice) % 9)).Select(at => (at + (choice * 11)) % vocabulary)])))];

    private static void AssertEqual(LanguageModel model, (int[] Context, int[] Continuation)[] requests)
    {
        var scorer = new Scorer(model);
        Assert.Equal(requests.Select(request => scorer.Score(request.Context, request.Continuation)), scorer.Score(requests, null, TestContext.Current.CancellationToken));
    }
}
