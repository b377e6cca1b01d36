using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Runtime;

[assembly: AssemblyFixture(typeof(Factory.InferenceApi.Tests.ModelFixture))]

namespace Factory.InferenceApi.Tests;

/// <summary>Real bundles of one tiny random model: with its tokenizer, without one, and with a probe that is not the model's.</summary>
public sealed class ModelFixture : IAsyncLifetime
{
    private const int ShortWindow = 128;

    /// <summary>Its context window lets a text go on for minutes, so that what is cut short was cut.</summary>
    private static readonly LlamaArchitecture Architecture = TestModel.Tiny with { VocabularySize = TestTokenizer.VocabularySize, MaxPositions = 32_768, BosTokenId = 1 };

    /// <summary>Each turn opens with BOS, as a control token; what is said stands behind its speaker.</summary>
    public const string ChatTemplate =
        "{% for message in messages %}{{ bos_token }}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}{% if add_generation_prompt %}{{ bos_token }}assistant:{% endif %}";

    private readonly TemporaryFolder _folder = new();

    public ModelFixture()
    {
        string tokenizer = TestTokenizer.Write(_folder.At("test.model"));
        TestCheckpoint checkpoint = TestCheckpoint.Random(Architecture);
        Bundle = TestBundle.Export(_folder, checkpoint, tokenizer);
        Short = TestBundle.Export(_folder, TestCheckpoint.Random(Architecture with { MaxPositions = ShortWindow }), tokenizer);
        Wordless = TestBundle.Export(_folder, checkpoint);
        Wrong = Copy("wrong", folder =>
        {
            Probe probe = Probe.Read(folder);
            probe.Logits[^1] += 0.01f;
            File.Delete(Path.Combine(folder, Probe.FileName));
            probe.Write(folder);
            Relist(folder);
        });
        Chat = Copy("chat", AddTemplate);
        ShortChat = Copy("quickstart", AddTemplate, Short);
        Damaged = Copy("damaged", folder =>
        {
            using FileStream weights = File.Open(Path.Combine(folder, BundleFolder.WeightsFile), FileMode.Open);
            int first = weights.ReadByte();
            weights.Position = 0;
            weights.WriteByte((byte)(first ^ 1));
        });
        Model = LanguageModel.Load(Runtime.Bundle.Open(Bundle), new RuntimeOptions { Provider = ProviderChoice.Cpu });
    }

    /// <summary>The bundle that most tests serve.</summary>
    public string Bundle { get; }

    /// <summary>The same weights with a context window of 128 tokens.</summary>
    public string Short { get; }

    /// <summary>The same model without a tokenizer.</summary>
    public string Wordless { get; }

    /// <summary>Its probe differs in one logit; every length and hash is right.</summary>
    public string Wrong { get; }

    /// <summary>The same model with a chat template.</summary>
    public string Chat { get; }

    /// <summary><see cref="Short"/> with a chat template, under the name that the examples ask for.</summary>
    public string ShortChat { get; }

    /// <summary>One bit of its weights is not what the manifest says.</summary>
    public string Damaged { get; }

    /// <summary><see cref="Bundle"/>, loaded without a server.</summary>
    public LanguageModel Model { get; }

    public int Window => Architecture.MaxPositions;

    /// <summary>A server of <see cref="Bundle"/> for every test that leaves it as it was.</summary>
    internal TestServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await TestServer.StartAsync(Bundle);

    /// <summary>What the runtime itself writes, greedily.</summary>
    public string Greedy(string prompt, int count) =>
        RuntimeText.Generate(Model, prompt, new GenerationOptions { MaxNewTokens = count }, TestContext.Current.CancellationToken);

    /// <summary>A copy of <see cref="Bundle"/>, changed.</summary>
    public string Copy(string name, Action<string> change, string? from = null)
    {
        string copy = Directory.CreateDirectory(_folder.At(name)).FullName;
        foreach (string file in Directory.EnumerateFiles(from ?? Bundle))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
        change(copy);
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Model.Dispose();
        _folder.Dispose();
    }

    private void AddTemplate(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), ChatTemplate);
        Relist(folder);
    }

    /// <summary>Writes the manifest anew, of the files that are there.</summary>
    private void Relist(string folder)
    {
        SortedDictionary<string, string> facts = Manifest.Read(Bundle, BundleFolder.Kind).Facts;
        File.Delete(Path.Combine(folder, Manifest.FileName));
        Manifest.Write(folder, BundleFolder.Kind, facts);
    }
}
