using Factory.Core.Text;
using Factory.Evals.Models;
using Factory.Runtime;

[assembly: AssemblyFixture(typeof(Factory.Evals.Tests.HarnessRunFixture))]

namespace Factory.Evals.Tests;

/// <summary>The tiny models that the harness was run on, exported and loaded once for all tests.</summary>
public sealed class HarnessRunFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, LanguageModel> _models = [];

    /// <param name="name">"llama" (BOS in front of every text) or "t5" (no BOS).</param>
    public ILanguageModel Model(string name)
    {
        string folder = GoldenData.At("lm_eval_run", name, "model");
        lock (_models)
        {
            if (!_models.TryGetValue(name, out LanguageModel? model))
            {
                _models[name] = model = TestBundle.Load(_folder, TestCheckpoint.FromFolder(folder), TextTokenizer.FindIn(folder)!.Path);
            }
            return new RuntimeLanguageModel(model);
        }
    }

    public void Dispose()
    {
        foreach (LanguageModel model in _models.Values)
        {
            model.Dispose();
        }
        _folder.Dispose();
    }
}
