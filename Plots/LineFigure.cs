using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace Factory.Plots;

/// <summary>Curves over a common axis: loss over steps, variance over depth.</summary>
public sealed record LineFigure : Figure
{
    /// <summary>Beyond this many points a curve has no marker at each.</summary>
    private const int MaxMarkers = 60;

    /// <summary>Markers of a long curve that needs some to be known by.</summary>
    private const int FewMarkers = 12;

    private const float LineWidth = 2;
    private const float MarkerSize = 6;

    public required IReadOnlyList<Curve> Curves { get; init; }

    /// <summary>Whether the vertical axis is logarithmic (base 10); values of zero and below are then left out. Default: false.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>Whether the curves follow each other (blocks, times), so that their colours go from dark to light. Default: false.</summary>
    public bool IsSequence { get; init; }

    private protected override void Draw(Plot plot)
    {
        List<string> names = [.. Curves.Select(curve => curve.Name).Distinct()];
        foreach (Curve curve in Curves)
        {
            DrawCurve(plot, curve, names);
        }
        foreach ((int index, string name) in names.Index())
        {
            Color colour = Colour(index, names);
            plot.Legend.ManualItems.Add(new LegendItem
            {
                LabelText = name,
                LineColor = colour,
                LineWidth = LineWidth,
                MarkerShape = Marker(index),
                MarkerFillColor = colour,
                MarkerSize = MarkerSize,
            });
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

    private Color Colour(int index, List<string> names) => IsSequence ? Palette.Colour(index, names.Count) : Palette.Colour(index);

    private MarkerShape Marker(int index) => IsSequence ? MarkerShape.FilledCircle : Palette.Marker(index);

    private void DrawCurve(Plot plot, Curve curve, List<string> names)
    {
        int index = names.IndexOf(curve.Name);
        Color colour = Colour(index, names);
        DrawBand(plot, curve, colour);
        (double[] x, double[] y) = Points(curve);
        Scatter scatter = plot.Add.Scatter(x, y, colour);
        scatter.LineWidth = LineWidth;
        scatter.MarkerShape = Marker(index);
        scatter.MarkerSize = x.Length <= MaxMarkers ? MarkerSize : 0;
        if (x.Length > MaxMarkers && !IsSequence && !Palette.HasOwnColour(index))
        {
            int[] places = [.. Enumerable.Range(0, FewMarkers).Select(i => i * (x.Length - 1) / (FewMarkers - 1))];
            plot.Add.Markers(places.Select(place => x[place]).ToArray(), places.Select(place => y[place]).ToArray(), Marker(index), MarkerSize, colour);
        }
    }

    private void DrawBand(Plot plot, Curve curve, Color colour)
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
            fill.FillColor = colour.WithAlpha(0.18);
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
