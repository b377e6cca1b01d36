using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace Factory.Plots;

/// <summary>Curves over a common axis: loss over steps, variance over depth.</summary>
public sealed record LineFigure : Figure
{
    /// <summary>Beyond this many points a curve has no markers.</summary>
    private const int MaxMarkers = 60;

    public required IReadOnlyList<Curve> Curves { get; init; }

    /// <summary>Whether the vertical axis is logarithmic (base 10); values of zero and below are then left out. Default: false.</summary>
    public bool LogarithmicY { get; init; }

    private protected override void Draw(Plot plot)
    {
        List<string> names = [.. Curves.Select(curve => curve.Name).Distinct()];
        HashSet<string> told = [];
        foreach (Curve curve in Curves)
        {
            int colour = names.IndexOf(curve.Name);
            DrawBand(plot, curve, colour);
            (double[] x, double[] y) = Points(curve);
            Scatter scatter = plot.Add.Scatter(x, y, Palette.Colour(colour));
            scatter.LineWidth = Palette.LineWidth(colour);
            scatter.MarkerSize = x.Length <= MaxMarkers ? 5 : 0;
            if (told.Add(curve.Name))
            {
                scatter.LegendText = curve.Name;
            }
        }
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic
        {
            TickDensity = 0.5,
            IntegerTicksOnly = Curves.All(curve => curve.X.All(double.IsInteger)),
        };
        if (LogarithmicY)
        {
            plot.Axes.Left.TickGenerator = LogarithmicTicks.Create([.. Curves.SelectMany(curve => curve.Y).Where(value => value > 0 && double.IsFinite(value))]);
        }
        plot.ShowLegend(Edge.Right);
    }

    private void DrawBand(Plot plot, Curve curve, int colour)
    {
        if (curve.Spread is not IReadOnlyList<double> spread)
        {
            return;
        }
        (double X, double Low, double High)[] band = [.. curve.X
            .Select((x, i) => (x, Scaled(curve.Y[i] - spread[i]), Scaled(curve.Y[i] + spread[i])))
            .Where(point => double.IsFinite(point.Item2) && double.IsFinite(point.Item3))];
        if (band.Length > 1)
        {
            FillY fill = plot.Add.FillY([.. band.Select(point => point.X)], [.. band.Select(point => point.Low)], [.. band.Select(point => point.High)]);
            fill.FillColor = Palette.Colour(colour).WithAlpha(0.18);
            fill.LineWidth = 0;
            fill.MarkerStyle.IsVisible = false;
        }
    }

    private (double[] X, double[] Y) Points(Curve curve)
    {
        double[] y = [.. curve.Y.Select(Scaled)];
        return ([.. curve.X], [.. y.Select(value => double.IsFinite(value) ? value : double.NaN)]);
    }

    private double Scaled(double value) => LogarithmicY ? Math.Log10(value) : value;
}
