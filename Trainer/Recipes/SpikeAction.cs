namespace Factory.Trainer.Recipes;

/// <summary>What the divergence guard does with an update whose loss or gradient norm stands far out of those before it.</summary>
public enum SpikeAction
{
    /// <summary>Nothing. A loss that is not finite stops the run all the same.</summary>
    Ignore,

    /// <summary>A line on the console and in the journal.</summary>
    Warn,

    /// <summary>A line, and the weights stay as they were.</summary>
    Skip,

    /// <summary>A checkpoint from before the update, and the end of the run.</summary>
    Stop,
}
