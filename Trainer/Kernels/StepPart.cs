namespace Factory.Trainer.Kernels;

/// <summary>What a training step spends its time on.</summary>
internal enum StepPart
{
    /// <summary>Dispatch, residual sums, embedding and whatever is no kernel.</summary>
    Other,

    /// <summary>Matrix products of linear maps, the head's among them.</summary>
    Linear,

    /// <summary>Attention with its rotary positions.</summary>
    Attention,
    Norm,
    SwiGlu,

    /// <summary>Cross-entropy without the head's products.</summary>
    Loss,

    /// <summary>Gradient norm, clipping and update.</summary>
    Optimizer,
}
