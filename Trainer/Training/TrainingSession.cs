using Factory.Core.Architecture;
using Factory.Trainer.Data;
using Factory.Trainer.Kernels;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tokens;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>The parts that a recipe, tokens and a device make: everything that can fail before a run is claimed.</summary>
public sealed class TrainingSession : IDisposable
{
    /// <exception cref="Core.UserError">The tokens are too few for the recipe, or the model cannot be made.</exception>
    public TrainingSession(Recipe recipe, TokenDataset data, Device device)
    {
        Recipe = recipe;
        Source = new TrainingSource(data.Directory, data.Manifest.ContentHash, data.Tokenizer);
        LlamaArchitecture architecture = recipe.Model.Architecture(data.Tokenizer, recipe.Data.SequenceLength).Validate("the recipe");
        bool oneDocument = recipe.Data.Rows == RowLayout.Documents;
        Batches = new PrefetchedBatches(oneDocument
            ? new DocumentRows(data.Train, DocumentIndex.Build(data.Train, data.Tokenizer), recipe.Data.SequenceLength, recipe.Data.BatchSize, recipe.Data.MicroBatchSize, recipe.Run.Seed)
            : new PackedRows(data.Train, recipe.Data.SequenceLength, recipe.Data.BatchSize, recipe.Data.MicroBatchSize, recipe.Run.Seed), device.type == DeviceType.CUDA);
        Validation = Validation.FromSplit(data.Validation, oneDocument ? DocumentIndex.Build(data.Validation, data.Tokenizer) : null, recipe);
        Model = new LlamaModel(architecture, Placement(device, recipe.Run));
        Optimizer = new AdamW(Model, recipe.Optimizer);
    }

    /// <summary>Of parts made elsewhere; it disposes of them.</summary>
    public TrainingSession(Recipe recipe, TrainingSource source, IBatchSource batches, Validation validation, LlamaModel model, AdamW optimizer)
    {
        (Recipe, Source, Batches, Validation, Model, Optimizer) = (recipe, source, new PrefetchedBatches(batches, model.Placement.Device.type == DeviceType.CUDA), validation, model, optimizer);
    }

    public Recipe Recipe { get; }

    public TrainingSource Source { get; }

    public PrefetchedBatches Batches { get; }

    public Validation Validation { get; }

    public LlamaModel Model { get; }

    public AdamW Optimizer { get; }

    /// <summary>Adapters beside the model; null where its own weights are trained.</summary>
    public IAdapters? Adapters { get; init; }

    /// <summary>What a checkpoint holds beside model, optimizer and state; null for nothing.</summary>
    public Action<string>? MoreFiles { get; init; }

    /// <summary>Fresh weights from the recipe's seed; those of a model that is tuned stay.</summary>
    public void Initialize()
    {
        manual_seed((long)Recipe.Run.Seed);
        if (Recipe.IsTuning)
        {
            return;
        }
        WeightInitializer.Initialize(Model, Recipe.Run.Seed, Recipe.Model.EmbeddingStd);
        if (Model.Architecture.NormScheme.ProfilesResiduals)
        {
            using DisposeScope scope = NewDisposeScope();
            Model.ProfileResiduals(Batches.At(0).MicroBatches[0].To(Model.Placement.Device).Ids);
        }
    }

    /// <summary>Puts weights, optimizer and random state back to what a checkpoint holds. Of a model with adapters they are those; its own weights are not trained.</summary>
    public void Restore(string checkpoint, TrainerState state)
    {
        if (Adapters is null)
        {
            RunFolder.Restore(checkpoint, state, Model, Optimizer);
            return;
        }
        Adapters.Read(checkpoint);
        RunFolder.RestoreOptimizer(checkpoint, state, Optimizer);
    }

    public void Dispose()
    {
        Batches.Dispose();
        Optimizer.Dispose();
        Adapters?.Dispose();
        Model.Dispose();
    }

    internal static ModelPlacement Placement(Device device, RunRecipe run)
    {
        (ScalarType parameters, ScalarType compute) = run.Precision switch
        {
            Precision.Fp32 => (ScalarType.Float32, ScalarType.Float32),
            Precision.Bf16 => (ScalarType.Float32, ScalarType.BFloat16),
            Precision.PureBf16 => (ScalarType.BFloat16, ScalarType.BFloat16),
        };
        return new ModelPlacement(device, parameters, compute) { Kernels = KernelSet.Named(run.Kernels), Recompute = run.Recompute };
    }
}
