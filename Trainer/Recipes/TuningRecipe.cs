namespace Factory.Trainer.Recipes;

/// <summary>Fine-tuning on instructions.</summary>
public sealed record TuningRecipe
{
    /// <summary>Names of the forms of a prompt.</summary>
    public static IReadOnlyList<string> Templates { get; } = ["alpaca", "plain", "chat"];

    public TuningMethod Method { get; init; }

    /// <summary>Name of the prompt's form.</summary>
    public string Template { get; init; } = "alpaca";

    /// <summary>How often each row is seen; steps follow from it unless they are given.</summary>
    public double Epochs { get; init; } = 3;

    /// <summary>Part of the rows that is held out, chosen by the hash of their text.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>LISA: blocks trained at a time.</summary>
    public int LisaBlocks { get; init; } = 2;

    /// <summary>LISA: updates between draws.</summary>
    public long LisaEvery { get; init; } = 3;

    public int LoraRank { get; init; } = 16;

    public double LoraAlpha { get; init; } = 32;

    /// <summary>Projections that get an adapter, with commas between them.</summary>
    public string LoraTargets { get; init; } = "q_proj,v_proj";

    /// <summary>Whether adapters are scaled by alpha / sqrt(rank) in the place of alpha / rank.</summary>
    public bool LoraRankStabilized { get; init; }
}
