namespace Factory.Core.Architecture;

/// <summary>How a parameter starts: normally distributed, or all equal where the deviation is 0.</summary>
public readonly record struct Initialization(double Mean, double Deviation)
{
    public static Initialization Constant(double value) => new(value, 0);

    public static Initialization Normal(double deviation) => new(0, deviation);
}
