using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Exporter.Tests;

/// <summary>For each fold: an export that forgets it does not pass the probe, and leaves nothing behind.</summary>
public sealed class FoldRefusalTests : IDisposable
{
    /// <summary>Large enough that a wrong epsilon shows in the logits.</summary>
    private const double Epsilon = 0.3;

    private readonly TemporaryFolder _folder = new();

    private static readonly Dictionary<string, (string Scheme, Func<ResidualBranch, ResidualBranch> Forget)> Folds = new()
    {
        ["scale on a norm's output"] = ("lns", branch => branch with { Input = branch.Input! with { Scale = 1 } }),
        ["scale on a norm's input"] = ("lns-before-norm", branch => branch with { Input = branch.Input! with { InputScale = 1 } }),
        ["constant on a branch"] = ("lns-branch-output", branch => branch with { Branch = ScalePlan.One }),
        ["vector on a branch"] = ("layerscale", branch => branch with { Branch = ScalePlan.One }),
        ["shared vector on a branch"] = ("layerscale-as-run", branch => branch with { Branch = ScalePlan.One }),
        ["number on a branch"] = ("skipinit", branch => branch with { Branch = ScalePlan.One }),
        ["constant on the residual"] = ("deepnorm", branch => branch with { Residual = ScalePlan.One }),
        ["constant on the residual, but for its part of epsilon"] =
            ("deepnorm", branch => branch with { Residual = ScalePlan.One, Branch = ScalePlan.Fixed(1 / branch.Residual.Constant) }),
        ["vector on the residual"] = ("admin", branch => branch with { Residual = ScalePlan.One }),
        ["number on the residual"] = ("admin-as-run", branch => branch with { Residual = ScalePlan.One }),
        ["norm of a branch's output"] = ("sandwich", branch => branch with { Output = null }),
    };

    public static TheoryData<string> Names => [.. Folds.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forgotten_fold_is_refused(string fold)
    {
        (string scheme, Func<ResidualBranch, ResidualBranch> forget) = Folds[fold];
        LlamaArchitecture model = TestModel.Tiny with { NormScheme = NormSchemes.Named(scheme), RmsNormEpsilon = Epsilon };
        using CheckpointSource source = CheckpointSource.Open(TestCheckpoint.Random(model).Write(_folder.At("checkpoint")));
        BlockPlan[] plans = [.. model.Blocks.Select(plan => plan with { Attention = forget(plan.Attention), FeedForward = forget(plan.FeedForward) })];
        UserError error = Assert.Throws<UserError>(() => CheckpointExport.Write(source, plans, _folder.At("bundle"), new ExportOptions(), null, CancellationToken.None));
        Assert.Contains("expected logits within 1e-4", error.Message, StringComparison.Ordinal);
        Assert.Equal([_folder.At("checkpoint")], Directory.GetFileSystemEntries(_folder.Path));

        Assert.InRange(CheckpointExport.Write(source, _folder.At("bundle"), new ExportOptions(), null, CancellationToken.None).Probe.Difference, 0, 1e-4);
    }

    [Fact]
    public void A_model_that_looks_at_later_tokens_is_refused_by_name()
    {
        LlamaArchitecture model = TestModel.Tiny with { NormScheme = NormSchemes.Named("group-as-run"), NormGroups = 4 };
        Assert.False(model.IsCausal);
        UserError error = Assert.Throws<UserError>(() => CheckpointSource.Open(TestCheckpoint.Random(model, probe: false).Write(_folder.At("checkpoint"))));
        Assert.Contains("group-as-run", error.Message, StringComparison.Ordinal);
        Assert.Contains("later tokens", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
