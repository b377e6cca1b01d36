using Factory.Core.Architecture;
using Factory.Trainer.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// Hangs a function on the residual stream as its <see cref="ResidualBranch"/> says: y = AfterAdd(Residual · x + Branch · Output(F(Input(x)))).
/// Function, norms and trained factors belong to the block, under the plan's names.
/// </summary>
/// <param name="function">F, from and to (batch, time, hidden).</param>
/// <param name="name">F's state-dict name.</param>
internal sealed class Residual(ResidualBranch plan, nn.Module<Tensor, Tensor> function, string name, BlockParts parts, ModelPlacement placement)
{
    private readonly Norm? _input = parts.Norm(plan.Input, placement.Compute);
    private readonly nn.Module<Tensor, Tensor> _function = parts.Register(name, function);
    private readonly Norm? _output = parts.Norm(plan.Output, placement.Compute);
    private readonly Norm? _afterAdd = parts.Norm(plan.AfterAdd, placement.Parameters);
    private readonly Parameter? _branchScale = parts.Scale(plan.Branch);
    private readonly Parameter? _residualScale = parts.Scale(plan.Residual);


    /// <param name="stream">The residual stream, (batch, time, hidden).</param>
    /// <returns>The stream after this branch, same shape and type.</returns>
    public Tensor Forward(Tensor stream)
    {
        (Tensor residual, Tensor branch) = Addends(stream);
        return Sum(residual, branch);
    }

    /// <summary>Forward, after the trained factor on the residual was set to <paramref name="factor"/>.</summary>
    /// <returns>The stream after this branch, and the variance of the branch's output.</returns>
    public (Tensor Stream, double Variance) Profile(Tensor stream, double factor)
    {
        _residualScale!.fill_(factor);
        (Tensor residual, Tensor branch) = Addends(stream);
        return (Sum(residual, branch), Statistics.PopulationVariance(branch.to(placement.AccumulateType)));
    }

    private (Tensor Residual, Tensor Branch) Addends(Tensor stream)
    {
        Tensor branch = _function.forward(_input?.forward(stream) ?? stream.to(placement.Compute));
        branch = _output?.forward(branch) ?? branch;
        return (Scaled(stream, plan.Residual, _residualScale), Scaled(branch, plan.Branch, _branchScale));
    }

    private Tensor Sum(Tensor residual, Tensor branch)
    {
        Tensor sum = residual.Plus(branch);
        return _afterAdd?.forward(sum) ?? sum;
    }

    private static Tensor Scaled(Tensor values, ScalePlan scale, Parameter? trained)
    {
        if (scale.IsOne || trained is not null)
        {
            return trained is null ? values : values * trained;
        }
        using Scalar factor = scale.Constant.ToScalar();
        return values.mul(factor);
    }
}
