namespace Factory.Trainer.Recipes;

/// <summary>How a model that is there is trained further.</summary>
public enum TuningMethod
{
    /// <summary>It is not: a model is trained from scratch.</summary>
    None,

    /// <summary>All weights.</summary>
    Full,

    /// <summary>Some blocks at a time (arXiv 2403.17919).</summary>
    Lisa,

    /// <summary>Low-rank adapters beside frozen weights (arXiv 2106.09685).</summary>
    Lora,
}
