using Factory.Core.Architecture;
using Factory.Core.Disk;
using Factory.Core.Text;

[assembly: AssemblyFixture(typeof(Factory.Evals.Tests.BundleFixture))]

namespace Factory.Evals.Tests;

/// <summary>models/tiny, the latest: a random model with the tokenizer that comes with Factory; and models/wordless, without a tokenizer.</summary>
public sealed class BundleFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BundleFixture()
    {
        string path = Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model");
        TextTokenizer tokenizer = TextTokenizer.Load(path);
        Architecture = TestModel.Tiny with
        {
            VocabularySize = tokenizer.VocabularySize,
            BosTokenId = tokenizer.BosTokenId,
            EosTokenIds = tokenizer.EosTokenId is int eos ? [eos] : [],
            MaxPositions = 256,
        };
        Checkpoint = TestCheckpoint.Random(Architecture);
        Directory.CreateDirectory(_folder.At("models"));
        Directory.Move(TestBundle.Export(_folder, Checkpoint, path), Tiny);
        Directory.Move(TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny)), Wordless);
        LatestName.Write(Tiny, Assert.Fail);
    }

    public LlamaArchitecture Architecture { get; }

    /// <summary>What <see cref="Tiny"/> computes.</summary>
    public TestCheckpoint Checkpoint { get; }

    /// <summary>Has the folder models.</summary>
    public string WorkingDirectory => _folder.Path;

    public string Tiny => _folder.At("models", "tiny");

    /// <summary>Of the shape <see cref="TestModel.Tiny"/>.</summary>
    public string Wordless => _folder.At("models", "wordless");

    public void Dispose() => _folder.Dispose();
}
