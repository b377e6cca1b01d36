using System.Text;

namespace Factory.Core.Architecture;

/// <summary>
/// A block's plan drawn in two lines: the branches above, the stream around them below. N: RMSNorm, G: GroupNorm, A: attention, F: feed-forward
/// network; depth-dependent constants as 1/√l.
/// <code>
/// x ─┬─ N/√l ─ A ─┬─ + ─┬─ N/√l ─ F ─┬─ + ─► y
///    └────────────┘     └────────────┘
/// </code>
/// </summary>
internal static class BlockDrawing
{
    public static string Draw(BlockPlan plan)
    {
        var above = new StringBuilder("x");
        var below = new StringBuilder();
        Append(above, below, plan.Attention, "A");
        Append(above, below, plan.FeedForward, "F");
        return $"{above} ─► y\n{below}";
    }

    private static void Append(StringBuilder above, StringBuilder below, ResidualBranch plan, string function)
    {
        above.Append(" ─┬─");
        int start = above.Length - 2;
        string[] parts = [.. Parts(plan, function)];
        above.AppendJoin("─", parts.Select(part => $" {part} ")).Append('─');
        above.Append('┬');
        int width = above.Length - start;
        string factor = plan.Residual.IsOne ? "" : $" ·{Symbol(plan.Residual, "α")} ";
        int dashes = width - 2 - factor.Length;
        below.Append(' ', start - below.Length).Append('└').Append('─', dashes / 2).Append(factor).Append('─', dashes - (dashes / 2)).Append('┘');
        above.Append("─ +").Append(plan.AfterAdd is NormPlan norm ? $" ─ {Label(norm)}" : "");
    }

    private static IEnumerable<string> Parts(ResidualBranch plan, string function)
    {
        if (plan.Input is NormPlan input)
        {
            if (input.InputScale != 1)
            {
                yield return "·1/√l";
            }
            yield return Label(input);
        }
        yield return function;
        if (plan.Output is NormPlan output)
        {
            yield return Label(output);
        }
        if (!plan.Branch.IsOne)
        {
            yield return $"·{Symbol(plan.Branch, "1/√l")}";
        }
    }

    private static string Label(NormPlan norm)
    {
        string kind = norm.Kind switch
        {
            NormKind.RMSNorm => "N",
            NormKind.LayerNorm => "LN",
            NormKind.GroupNorm => "G",
            NormKind.GroupNormOverTime => "G(time)",
        };
        return norm.Scale == 1 ? kind : $"{kind}/√l";
    }

    /// <summary>v for a trained vector, s for a trained number.</summary>
    private static string Symbol(ScalePlan scale, string constant) => scale.Parameter is null ? constant : scale.Channels == 1 ? "s" : "v";
}
