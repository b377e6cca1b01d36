using Factory.Core.Architecture;
using Factory.Exporter;
using Factory.Runtime;

namespace Factory.Tests;

/// <summary>A real bundle, exported from a <see cref="TestCheckpoint"/>.</summary>
public static class TestBundle
{
    /// <summary>Exports <paramref name="checkpoint"/> into <paramref name="folder"/>.</summary>
    /// <returns>The bundle's directory.</returns>
    public static string Export(TemporaryFolder folder, TestCheckpoint checkpoint, string? tokenizer = null, ExportOptions? options = null)
    {
        string name = Guid.NewGuid().ToString("N");
        using CheckpointSource source = CheckpointSource.Open(checkpoint.Write(folder.At($"checkpoint-{name}"), tokenizer));
        string bundle = folder.At($"bundle-{name}");
        CheckpointExport.Write(source, bundle, options ?? new ExportOptions(), null, CancellationToken.None);
        return bundle;
    }

    /// <summary>Exports and loads on the CPU.</summary>
    public static LanguageModel Load(TemporaryFolder folder, TestCheckpoint checkpoint, string? tokenizer = null, ExportOptions? options = null) =>
        LanguageModel.Load(Bundle.Open(Export(folder, checkpoint, tokenizer, options)), new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 });

    /// <summary>A random model of this shape, loaded.</summary>
    public static LanguageModel Load(TemporaryFolder folder, LlamaArchitecture architecture) => Load(folder, TestCheckpoint.Random(architecture));
}
