namespace Factory.InferenceApi.Models;

/// <summary>How far a served model is.</summary>
internal enum ModelState
{
    /// <summary>Its files are being checked, loaded and probed.</summary>
    Loading,

    /// <summary>It gave the probe's logits and answers requests.</summary>
    Ready,

    /// <summary>It could not be loaded, or does not compute what was trained.</summary>
    Failed,
}
