using Factory.Core.Checkpoints;
using Factory.EndToEnd.Tests;
using Factory.Exporter;
using Factory.Exporter.Precisions;
using Factory.Exporter.Reports;
using Factory.Exporter.Targets;
using Factory.Runtime;

[assembly: AssemblyFixture(typeof(Factory.Interop.Tests.Stories))]

namespace Factory.Interop.Tests;

/// <summary>stories260K, imported once for all tests, and what our own Runtime says with it.</summary>
public sealed class Stories : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private LanguageModel? _model;

    /// <summary>"Once upon a time" as the model's tokenizer has it.</summary>
    public static int[] Prompt { get; } = [1, 403, 407, 261, 378];

    public LanguageModel Model => _model!;

    private string Checkpoint { get; set; } = "";

    public async ValueTask InitializeAsync()
    {
        await Executable.SucceedAsync(
            Executable.Trainer, _folder.Path,
            ["import", "llama2c", "--input", GoldenData.At("stories260K", "stories260K.bin"), "--tokenizer", GoldenData.At("stories260K", "tok512.bin")]);
        Checkpoint = CheckpointFolder.Resolve(_folder.At("runs", "stories260K"));
        _model = Load("fp32");
    }

    public ValueTask DisposeAsync()
    {
        _model?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Our own bundle in a precision.</summary>
    public LanguageModel Load(string precision) =>
        LanguageModel.Load(Bundle.Open(Export("factory", precision)), new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 });

    public string Export(string target, string precision) => Export(Checkpoint, target, precision);

    public string Export(TestCheckpoint checkpoint, string target, string precision) => Export(checkpoint.Write(_folder.At(Guid.NewGuid().ToString("N"))), target, precision);

    /// <summary>Exports for a target and measures the perplexity on a text.</summary>
    public ExportReport Measure(string target, string precision, string text)
    {
        using CheckpointSource source = CheckpointSource.Open(Checkpoint);
        var options = new ExportOptions { Target = TargetCatalog.Named(target), Precision = new PrecisionPlan(PrecisionCatalog.Named(precision)), Text = text };
        return CheckpointExport.Write(source, _folder.At($"{target}-{precision}-{Guid.NewGuid():N}"), options, null, CancellationToken.None);
    }

    private string Export(string checkpoint, string target, string precision)
    {
        using CheckpointSource source = CheckpointSource.Open(checkpoint);
        string output = _folder.At($"{target}-{precision}-{Guid.NewGuid():N}");
        var options = new ExportOptions { Target = TargetCatalog.Named(target), Precision = new PrecisionPlan(PrecisionCatalog.Named(precision)) };
        CheckpointExport.Write(source, output, options, null, CancellationToken.None);
        return output;
    }

    /// <summary>What <paramref name="model"/> says after the prompt when it takes the likeliest token always.</summary>
    public static int[] Greedy(LanguageModel model, IReadOnlyList<int> prompt, int count)
    {
        using KvCache cache = model.NewCache(prompt.Count + count);
        List<int> tokens = [ArgMax(model.Append(cache, prompt))];
        while (tokens.Count < count)
        {
            tokens.Add(ArgMax(model.Append(cache, [tokens[^1]])));
        }
        return [.. tokens];
    }

    public static int ArgMax(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    /// <summary>A random LNS model whose query heads share key and value heads.</summary>
    public static TestCheckpoint Random(bool tied) => TestCheckpoint.Random(TestModel.Tiny with
    {
        VocabularySize = 96,
        HiddenSize = 64,
        IntermediateSize = 96,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 32,
        MaxPositions = 64,
        TieEmbeddings = tied,
    });
}
