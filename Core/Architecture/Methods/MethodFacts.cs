using System.Globalization;

namespace Factory.Core.Architecture.Methods;

/// <summary>What follows from a method's plans, for people: drawing, parameters it adds, what an export folds.</summary>
public sealed class MethodFacts
{
    private readonly LlamaArchitecture _model;
    private readonly LlamaArchitecture _plain;

    /// <param name="scheme">The method, looked at in a model of 12 blocks.</param>
    public MethodFacts(NormScheme scheme)
    {
        Scheme = scheme;
        _model = Preset.Named("130m").Architecture(scheme, 32_000, null, null);
        _plain = _model with { NormScheme = NormSchemes.Pre };
    }

    public NormScheme Scheme { get; }

    /// <summary>Blocks as drawn; several where a method's first blocks differ from its last.</summary>
    public IReadOnlyList<string> Drawings => [.. new[] { _model.Blocks[1], _model.Blocks[^1] }.Select(BlockDrawing.Draw).Distinct()];

    /// <summary>Whether <see cref="LlamaArchitecture.FoldsToPlainLlama"/>.</summary>
    public bool FoldsToPlainLlama => _model.FoldsToPlainLlama;

    /// <summary>Trained numbers beyond Pre-LN's, in words; d is the hidden size.</summary>
    public string ParametersAdded
    {
        get
        {
            int block = (int)(CountOf(_model) - CountOf(_plain));
            string perBlock = block switch
            {
                0 => "",
                _ when block % _model.HiddenSize == 0 => $"{Times(block / _model.HiddenSize)}d a block",
                _ => $"{block.ToString(CultureInfo.InvariantCulture)} a block",
            };
            string all = string.Join(", ", new[] { perBlock, _model.EmbeddingNorm is null ? "" : "d" }.Where(part => part.Length > 0));
            return all.Length == 0 ? "none" : all;
        }
    }

    /// <summary>What becomes of each factor in an exported graph.</summary>
    public string Folding
    {
        get
        {
            if (!_model.IsCausal)
            {
                return "not exported: tokens see later ones";
            }
            string[] folds = [.. _model.Blocks.SelectMany(block => new[] { block.Attention, block.FeedForward }).SelectMany(Folds).Distinct()];
            return folds.Length == 0 ? "nothing to fold" : string.Join("; ", folds);
        }
    }

    private static long CountOf(LlamaArchitecture model) => model.Parameters.Where(spec => spec.Block == 1).Sum(spec => spec.Count);

    private static string Times(int count) => count == 1 ? "" : count.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Folds(ResidualBranch branch)
    {
        if (branch.Input is { Scale: not 1 })
        {
            yield return "1/√l into the norm's gain";
        }
        if (branch.Input is { InputScale: not 1 })
        {
            yield return "1/√l into the norm's epsilon, times l";
        }
        if (!branch.Branch.IsOne)
        {
            yield return "the branch's factor into the rows of o_proj and down_proj";
        }
        if (branch.Residual is { Parameter: null, Constant: not 1 })
        {
            yield return "1/α into the rows of o_proj and down_proj, 1/α² into the norm's epsilon";
        }
        if (branch.Residual.Parameter is not null)
        {
            yield return "the factor stays a multiplication";
        }
    }
}
