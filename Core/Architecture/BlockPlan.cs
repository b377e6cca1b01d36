namespace Factory.Core.Architecture;

/// <summary>What one block does, as data: two residual branches and the functions they hang on the stream.</summary>
/// <param name="Index">Position in the model, from zero; names the parameters.</param>
/// <param name="Attention">How the attention hangs on the stream.</param>
/// <param name="SelfAttention">The attention's function.</param>
/// <param name="FeedForward">How the feed-forward network hangs on the stream.</param>
/// <param name="Mlp">The feed-forward network's function.</param>
public sealed record BlockPlan(int Index, ResidualBranch Attention, AttentionPlan SelfAttention, ResidualBranch FeedForward, FeedForwardPlan Mlp)
{
    /// <summary>Depth as the paper counts it: the first block has depth one.</summary>
    public int Depth => Index + 1;

    /// <summary>Prefix of this block's parameter names, without the closing dot.</summary>
    public string Prefix => PrefixOf(Index);

    /// <inheritdoc cref="Prefix"/>
    public static string PrefixOf(int index) => $"model.layers.{index}";
}
