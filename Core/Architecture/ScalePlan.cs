namespace Factory.Core.Architecture;

/// <summary>A factor on a branch or on the residual: a constant, or a trained scalar or vector. Two branches that name one parameter share it.</summary>
public sealed record ScalePlan
{
    private ScalePlan() { }

    /// <summary>The factor that changes nothing.</summary>
    public static ScalePlan One { get; } = new();

    /// <summary>The constant; 1 where the factor is trained.</summary>
    public double Constant { get; private init; } = 1;

    /// <summary>State-dict name of the trained factor, or null for a constant.</summary>
    public string? Parameter { get; private init; }

    /// <summary>Length of the trained factor: 1 for a scalar, else the number of channels.</summary>
    public int Channels { get; private init; }

    /// <summary>What the trained factor starts at.</summary>
    public double Initial { get; private init; }

    /// <summary>Whether multiplying by it can be left out.</summary>
    public bool IsOne => Parameter is null && Constant == 1;

    public static ScalePlan Fixed(double constant) => new() { Constant = constant };

    public static ScalePlan Learnt(string parameter, int channels, double initial) => new() { Parameter = parameter, Channels = channels, Initial = initial };
}
