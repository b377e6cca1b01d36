using Factory.Core.Architecture;

namespace Factory.Exporter;

/// <summary>
/// A residual branch whose constants went where they cost nothing:
/// <code>
/// factor on a norm's output          that norm's gain and bias
/// factor on a norm's input           its epsilon
/// factor on the branch               rows of o_proj / down_proj and their biases, or the gain of the branch's output norm
/// constant a > 0 on the residual,    AfterAdd(a·x + f) = AfterAdd(x + f/a) with epsilon/a²: 1/a goes the way of the branch's factor
///   with a norm after the sum
/// any other factor on the residual   nowhere: it stays a multiplication
/// </code>
/// </summary>
/// <param name="Plan">What is left to emit; its branch factor is one.</param>
/// <param name="Factor">What the weights that end the branch take up.</param>
internal sealed record FoldedBranch(ResidualBranch Plan, BranchFactor Factor)
{
    public static FoldedBranch From(ResidualBranch branch)
    {
        double constant = branch.Branch.Constant;
        NormPlan? afterAdd = branch.AfterAdd;
        ScalePlan residual = branch.Residual;
        if (afterAdd is not null && residual is { Parameter: null, Constant: > 0 and double alpha })
        {
            constant /= alpha;
            afterAdd = afterAdd with { Epsilon = afterAdd.Epsilon / (alpha * alpha) };
            residual = ScalePlan.One;
        }
        return new FoldedBranch(branch with { AfterAdd = afterAdd, Branch = ScalePlan.One, Residual = residual }, new BranchFactor(constant, branch.Branch.Parameter));
    }

    /// <summary>What o_proj or down_proj takes up: the factor, unless a norm follows.</summary>
    public BranchFactor OnFunction => Plan.Output is null ? Factor : new BranchFactor(1, null);

    /// <summary>What the branch's output norm takes up.</summary>
    public BranchFactor OnOutputNorm => Factor;
}
