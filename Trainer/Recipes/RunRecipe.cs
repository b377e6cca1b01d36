using Factory.Trainer.Kernels;

namespace Factory.Trainer.Recipes;

/// <summary>What is done beside the updates.</summary>
public sealed record RunRecipe
{
    /// <summary>Seed of the initial weights and of the order of the data.</summary>
    public required ulong Seed { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>Name of the <see cref="Kernels.KernelSet"/>. Runs from before there were others have the plain one.</summary>
    public string Kernels { get; init; } = KernelSet.Plain.Name;

    /// <summary>Whether blocks keep only their input and compute the rest again on the way back.</summary>
    public bool Recompute { get; init; }

    /// <summary>Updates between checkpoints.</summary>
    public required long SaveEvery { get; init; }

    /// <summary>Newest checkpoints kept, beside the one with the best validation.</summary>
    public required int Keep { get; init; }

    /// <summary>Updates between validations.</summary>
    public required long EvalEvery { get; init; }

    /// <summary>Validation tokens per validation, at most.</summary>
    public required long EvalTokens { get; init; }

    /// <summary>Whether to measure the paper's biased perplexity too.</summary>
    public bool PaperEval { get; init; }

    /// <summary>Validations without a better one after which the run ends; 0 never does.</summary>
    public int Patience { get; init; }

    public SpikeAction OnSpike { get; init; } = SpikeAction.Warn;

    /// <summary>Standard deviations above the mean of the last updates from which on an update is a spike.</summary>
    public double SpikeZ { get; init; } = 8;

    /// <summary>Updates whose numbers are read from the device together; 0 leaves it to the device.</summary>
    public long LogEvery { get; init; }

    /// <summary>Updates between texts that the model writes; 0 never.</summary>
    public long SampleEvery { get; init; }

    /// <summary>How those texts begin.</summary>
    public string SamplePrompt { get; init; } = "";

    /// <summary>Whether TensorBoard event files are written too.</summary>
    public bool Tensorboard { get; init; }
}
