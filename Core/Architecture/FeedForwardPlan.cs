namespace Factory.Core.Architecture;

/// <summary>Feed-forward network of one block.</summary>
/// <param name="Name">State-dict name, such as "model.layers.0.mlp".</param>
/// <param name="InnerSize">Channels between the two linear maps.</param>
public sealed record FeedForwardPlan(string Name, int InnerSize)
{
    public FeedForwardKind Kind { get; init; } = FeedForwardKind.SwiGLU;

    /// <summary>Whether every linear map has a bias.</summary>
    public bool Bias { get; init; }
}
