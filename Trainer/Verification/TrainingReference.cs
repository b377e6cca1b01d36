using Factory.Core;
using Factory.Core.Safetensors;
using Factory.Trainer.Data;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Verification;

/// <summary>
/// A folder with some optimizer steps of another implementation, done again here through the step that <c>pretrain</c> uses:
/// <code>
/// log.json               the recipe, and each step's learning rate, loss and gradient norm
/// tensors.safetensors    batches (steps, micro-batches, rows, time), labels of the same shape (optional), final.NAME for weights after the last step
/// </code>
/// </summary>
internal static class TrainingReference
{
    private const string TensorsFile = "tensors.safetensors";
    private const string FinalPrefix = "final.";

    /// <exception cref="UserError">A file is missing, damaged, or does not fit the others.</exception>
    public static ReferenceReport Verify(string folder, ModelPlacement placement)
    {
        using DisposeScope scope = NewDisposeScope();
        TrainingLog log = TrainingLog.Read(folder);
        using LlamaModel model = MethodReference.Load(StartOf(folder, log), placement);
        if (model.Architecture.NormScheme.Name != log.Method)
        {
            throw new UserError($"{Path.Combine(folder, TrainingLog.FileName)}: expected the method of its model, {model.Architecture.NormScheme}, found {log.Method}.");
        }
        using SafetensorsReader tensors = SafetensorsReader.Open(Path.Combine(folder, TensorsFile));
        using var optimizer = new AdamW(model, Optimizer(log.Recipe));
        var step = new TrainingStep(model, optimizer, new LearningRateSchedule(Schedule(log.Recipe)), log.Recipe.ClipNorm);
        var batches = new ReferenceBatches(tensors);
        var comparison = new Comparison(placement.Parameters);
        foreach (LoggedStep logged in log.Steps)
        {
            UpdateBatch batch = batches.At(logged.Step);
            StepReport found = step.Run(logged.Step, batch);
            comparison.Add("lr", logged.Lr, found.LearningRate);
            comparison.Add("loss", logged.Loss, found.Loss);
            comparison.Add("grad_norm", logged.GradNorm, found.Gradient.Total);
            comparison.Add("valid_tokens", logged.ValidTokens ?? batch.ValidTokens, batch.ValidTokens);
        }
        foreach (TensorEntry entry in tensors.Entries.Where(entry => entry.Name.StartsWith(FinalPrefix, StringComparison.Ordinal)))
        {
            string weight = entry.Name[FinalPrefix.Length..];
            comparison.Add(tensors, entry.Name, model.Weights.TryGetValue(weight, out var found)
                ? found
                : throw new UserError($"{tensors.Path}: expected weights of the model, found '{entry.Name}'."));
        }
        return new ReferenceReport(folder, log.Method, comparison.Differences);
    }

    private static string StartOf(string folder, TrainingLog log)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string[] places = [Path.Combine(full, log.Start), Path.Combine(Path.GetDirectoryName(full) ?? full, log.Start)];
        string start = places.FirstOrDefault(File.Exists)
            ?? throw new UserError($"{Path.Combine(folder, TrainingLog.FileName)}: expected the weights of 'start' at {string.Join(" or ", places.Select(Path.GetFullPath))}, found no such file.");
        return Path.GetDirectoryName(start)!;
    }

    private static OptimizerRecipe Optimizer(LoggedRecipe recipe) =>
        recipe is { Optimizer: "adam" or "adamw", Betas.Count: 2 } && (recipe.Optimizer == "adamw" || recipe.WeightDecayOnMatrices == 0)
            ? new OptimizerRecipe { Beta1 = recipe.Betas[0], Beta2 = recipe.Betas[1], Epsilon = recipe.Eps, WeightDecay = recipe.WeightDecayOnMatrices, Clip = recipe.ClipNorm }
            : throw new UserError($"{TrainingLog.FileName}: recipe: expected adam without weight decay or adamw, with two betas, found {recipe.Optimizer}, "
                + $"{recipe.Betas.Count} betas and weight decay {FormattableString.Invariant($"{recipe.WeightDecayOnMatrices}")}.");

    private static ScheduleRecipe Schedule(LoggedRecipe recipe) => new()
    {
        Shape = ScheduleShape.Cosine,
        Steps = recipe.TotalSteps,
        LearningRate = recipe.PeakLr,
        WarmupSteps = recipe.WarmupSteps,
        DecaySteps = 0,
        MinLrRatio = recipe.MinLrRatio,
    };
}
