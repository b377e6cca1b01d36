using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Bench.Training;

/// <summary>What was measured.</summary>
internal sealed record StepResult
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public required long Parameters { get; init; }

    public required string Kernels { get; init; }

    public required string Precision { get; init; }

    public required string Device { get; init; }

    public required int Threads { get; init; }

    public required double MedianMs { get; init; }

    public required double BestMs { get; init; }

    /// <summary>Of the median step.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Products of 2048³ in this process, by the same library as the step's.</summary>
    public required double GemmFp32Gflops { get; init; }

    public required double GemmBf16Gflops { get; init; }

    public required double GflopPerStep { get; init; }

    /// <summary>The step's floating-point operations a second over the rate of products in its precision.</summary>
    public required double Mfu { get; init; }

    public required double PeakRssMb { get; init; }

    /// <summary>Managed memory that one step allocates.</summary>
    public required double ManagedKbPerStep { get; init; }

    /// <summary>Share of each part in one step's time.</summary>
    public required IReadOnlyDictionary<string, double> Shares { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public string ToText() => FormattableString.Invariant(
        $"""
        {Parameters:#,0} parameters, {Precision}, kernels {Kernels}, {Device}, {Threads} threads
        step: median {MedianMs:0.0} ms, best {BestMs:0.0} ms; {TokensPerSecond:0} tokens/s
        products of 2048³: float32 {GemmFp32Gflops:0}, bfloat16 {GemmBf16Gflops:0} GFLOP/s; the step's {GflopPerStep:0.0} GFLOP reach {Mfu:0.0%} of that
        peak resident memory {PeakRssMb:0} MB; managed allocations {ManagedKbPerStep:0} kB a step
        shares: {string.Join(", ", Shares.Where(share => share.Value > 0).OrderByDescending(share => share.Value).Select(share => FormattableString.Invariant($"{share.Key} {share.Value:0.0%}")))}
        """);
}
