using Factory.Trainer.Import;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Model;
using TorchSharp;

namespace Factory.Trainer.Tests.Import;

/// <summary>Runs an import into a folder and loads the checkpoint that it wrote.</summary>
internal static class Imported
{
    public static LlamaModel Model(TemporaryFolder folder, IWeightSource source, torch.ScalarType type = torch.ScalarType.Float32) =>
        TestModels.Load(Checkpoint(folder, source), type);

    public static string Checkpoint(TemporaryFolder folder, IWeightSource source, string? tokenizer = null) =>
        CheckpointImport.Write(folder.At("runs", "imported"), source, tokenizer, new Dictionary<string, string>(), () => { }, TestContext.Current.CancellationToken);
}
