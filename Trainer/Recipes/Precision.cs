namespace Factory.Trainer.Recipes;

/// <summary>In which types a model trains.</summary>
public enum Precision
{
    /// <summary>float32 throughout.</summary>
    Fp32,

    /// <summary>bfloat16 products over float32 weights, gradients and optimizer state.</summary>
    Bf16,

    /// <summary>bfloat16 weights, gradients and optimizer state too, as the paper's runs had it. Weights near 1 hardly move: see docs/methods.md.</summary>
    PureBf16,
}
