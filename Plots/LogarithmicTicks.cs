using ScottPlot.TickGenerators;

namespace Factory.Plots;

/// <summary>Ticks of an axis that shows powers of ten: round numbers, whether the values span decades or a few per cent.</summary>
internal static class LogarithmicTicks
{
    /// <summary>Gaps between labels, about.</summary>
    private const int Gaps = 6;

    /// <param name="values">What is drawn, all above zero.</param>
    public static NumericManual Create(double[] values)
    {
        double[] ticks = values.Length == 0 ? [] : [.. Ticks(values.Min(), values.Max())];
        return new NumericManual([.. ticks.Select(Math.Log10)], [.. ticks.Select(tick => FormattableString.Invariant($"{tick:G6}"))]);
    }

    private static IEnumerable<double> Ticks(double low, double high) =>
        Math.Log10(high / low) is var decades && decades < 1 ? Linear(low, high) : Powers(low, high, decades);

    private static IEnumerable<double> Powers(double low, double high, double decades)
    {
        int[] digits = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
        int first = (int)Math.Floor(Math.Log10(low));
        return Enumerable.Range(first, (int)Math.Ceiling(Math.Log10(high)) - first + 1).SelectMany(power => digits.Select(digit => digit * Math.Pow(10, power)));
    }

    /// <summary>Multiples of 1, 2 or 5 times a power of ten, also a little beyond both ends.</summary>
    private static IEnumerable<double> Linear(double low, double high)
    {
        double rough = Math.Max((high - low) / Gaps, high * 1e-6);
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        for (double i = Math.Max(1, Math.Floor(low / step)); i <= Math.Ceiling(high / step); i++)
        {
            yield return i * step;
        }
    }
}
