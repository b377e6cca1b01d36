using System.Text.Json.Serialization;

namespace Factory.Evals.Analysis;

/// <summary>What an analysis found in each model: the content of variance.json, angular.json, prune.json and curse.json.</summary>
public sealed record AnalysisReport(IReadOnlyList<ModelAnalysis> Models);

/// <summary>One model. Blocks count from zero in lists; what an analysis does not measure is null and left out.</summary>
public sealed record ModelAnalysis
{
    public required string Name { get; init; }

    public required string BundleSha256 { get; init; }

    public required string NormScheme { get; init; }

    /// <summary>Sequences and tokens that were read.</summary>
    public required int Sequences { get; init; }

    public required int Tokens { get; init; }

    public required int Blocks { get; init; }

    /// <summary>Mean of each block's output (the residual stream after the block) over sequences, time and channels.</summary>
    public IReadOnlyList<double>? BlockOutputMean { get; init; }

    public IReadOnlyList<double>? BlockOutputMeanSquare { get; init; }

    /// <summary>Population variance.</summary>
    public IReadOnlyList<double>? BlockOutputVariance { get; init; }

    /// <summary>Cosine between each block's input and output, mean over tokens.</summary>
    public IReadOnlyList<double>? CosineInputOutputMean { get; init; }

    /// <summary>[l][n - 1]: arccos(cos(x_l, x_(l+n))) / pi, mean over tokens; x_l is the input of block l, x_L the last block's output.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? AngularDistanceMean { get; init; }

    /// <summary>The same over the last token of each sequence.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? AngularDistanceLastToken { get; init; }

    /// <summary>Mean cross-entropy of every token but the first of its sequence, nats.</summary>
    public double? Loss { get; init; }

    /// <summary>The same without each block.</summary>
    public IReadOnlyList<double>? LossWithoutBlock { get; init; }

    /// <summary>Blocks removed one after another, each time the one whose absence costs least: [block, loss after it].</summary>
    public IReadOnlyList<IReadOnlyList<double>>? GreedyRemoval { get; init; }

    /// <summary>Scores with and without each block.</summary>
    public IReadOnlyList<PrunedTask>? Tasks { get; init; }
}

/// <summary>A task's score with all blocks and without each.</summary>
/// <param name="Metric">The task's first metric.</param>
/// <param name="Stderr">Standard error of the score with all blocks; null where none is defined.</param>
/// <param name="ScoreWithoutBlock">Score without each block.</param>
/// <param name="DropWithoutBlock">ΔP of the paper: score without the block minus score with all.</param>
public sealed record PrunedTask(
    string Name, string Metric, int N, double Score, double? Stderr, IReadOnlyList<double> ScoreWithoutBlock, IReadOnlyList<double> DropWithoutBlock);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AnalysisReport))]
[JsonSerializable(typeof(CurseReport))]
internal sealed partial class AnalysisJson : JsonSerializerContext;
