using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Factory.Core.Architecture;
using Factory.Core.Text;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tokens;
using Factory.Trainer.Training;

namespace Factory.Trainer.Commands;

/// <summary><c>pretrain --dry-run</c>: what a run would be. Writes nothing.</summary>
internal static class DryRun
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The recipe on stdout, as <c>--config</c> takes it; the rest on stderr.</summary>
    public static int Print(PretrainRequest request)
    {
        DeviceChoice device = ComputeDevice.Choose(request.Device, request.Threads);
        MachineChoice machine = MachineChoice.On(device.Device);
        Recipe recipe = Recipe.Resolve(request.Given, machine.Precision, machine.Kernels);
        using TokenDataset? data = request.Data is null ? null : TokenDataset.Open(request.Data);
        TextTokenizer tokenizer = data?.Tokenizer ?? BundledCorpus.Tokenizer();
        LlamaArchitecture architecture = recipe.Model.Architecture(tokenizer, recipe.Data.SequenceLength).Validate("the recipe");
        MemoryEstimate memory = MemoryEstimate.For(architecture, recipe);
        double perUpdate = (double)recipe.Data.BatchSize * recipe.Data.SequenceLength;
        Console.WriteLine(RecipeJson.Write(recipe).ToJsonString(Indented));
        Say($"parameters: {architecture.Parameters.TotalCount:N0} (vocabulary {architecture.VocabularySize:N0})");
        Say($"memory: about {Gigabytes(memory.Peak)} GB at most on a CPU (counted: {Gigabytes(memory.State + memory.Gradients)} weights, gradients and optimizer, {Gigabytes(memory.Activations)} activations of a micro-batch)");
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        Say($"micro-batch: {recipe.Data.MicroBatchSize} rows; {MemoryEstimate.LargestMicroBatch(architecture, recipe, available)} of {recipe.Data.BatchSize} would fit the {Gigabytes(available)} GB of this machine");
        Say($"tokens: {perUpdate:N0} an update{(recipe.Data.Rows == RowLayout.Documents ? " at most" : "")}, {perUpdate * recipe.Schedule.Steps:N0} in all");
        if (data is not null)
        {
            Say($"data: {data.Directory} has {data.Train.Count:N0} tokens to train on: {perUpdate * recipe.Schedule.Steps / Math.Max(1, data.Train.Count):0.##} epochs");
        }
        Say($"work: {ModelFlops.PerToken(architecture, recipe.Data.SequenceLength) * perUpdate * recipe.Schedule.Steps:0.##e0} floating-point operations");
        Say($"output: {request.OutputOf(recipe)}. Start it without --dry-run.");
        return 0;
    }

    private static void Say(FormattableString line) => Console.Error.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("0.##", CultureInfo.InvariantCulture);
}
