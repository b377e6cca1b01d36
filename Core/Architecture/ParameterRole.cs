namespace Factory.Core.Architecture;

/// <summary>What a parameter is for; initialisation, weight decay and folding go by it.</summary>
public enum ParameterRole
{
    Embedding,

    /// <summary>Gain of a norm.</summary>
    Norm,

    /// <summary>Bias of a norm or of a linear map.</summary>
    Bias,

    /// <summary>Trained factor on a branch or on the residual.</summary>
    Scale,
    Query,
    Key,
    Value,
    AttentionOutput,
    Gate,
    Up,
    Down,
    Head,
}
