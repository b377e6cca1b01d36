namespace Factory.Trainer.FineTuning;

/// <summary>The constants of LoRA.</summary>
/// <param name="Targets">Projections that get an adapter.</param>
/// <param name="RankStabilized">Scale by alpha / sqrt(rank) (rsLoRA, arXiv 2312.03732) in the place of alpha / rank.</param>
public sealed record LoraRecipe(int Rank, double Alpha, IReadOnlyList<string> Targets, bool RankStabilized)
{
    /// <summary>Factor on B · A.</summary>
    public double Scale => Alpha / (RankStabilized ? Math.Sqrt(Rank) : Rank);
}
