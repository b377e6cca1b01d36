using ScottPlot;
using ScottPlot.TickGenerators;

namespace Factory.Plots;

/// <summary>Groups of bars side by side: the score lost by removing each block, one bar a model.</summary>
public sealed record BarFigure : Figure
{
    /// <summary>Groups that get a label: more would overlap.</summary>
    private const int MaxLabels = 40;

    /// <summary>Longer labels are turned, as they would meet their neighbours.</summary>
    private const int LongestLevelLabel = 6;
    private const int RotatedLabelHeight = 130;

    /// <summary>Labels of the groups, left to right.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>One series a model; its Y holds one value a group (NaN for none), its X is not used. A spread becomes an error bar.</summary>
    public required IReadOnlyList<Curve> Series { get; init; }

    private protected override void Draw(Plot plot)
    {
        double width = 0.8 / Series.Count;
        for (int series = 0; series < Series.Count; series++)
        {
            Curve curve = Series[series];
            Bar[] bars = [.. Enumerable.Range(0, Groups.Count).Where(group => double.IsFinite(curve.Y[group])).Select(group => new Bar
            {
                Position = group - 0.4 + ((series + 0.5) * width),
                Value = curve.Y[group],
                Size = width * 0.95,
                Error = curve.Spread?[group] ?? 0,
                // Bars have no markers: where colours would come twice they go from dark to light, in the order of the legend.
                FillColor = Palette.HasOwnColour(Series.Count - 1) ? Palette.Colour(series) : Palette.Colour(series, Series.Count),
                // The outline's width is the error bar's too.
                LineWidth = curve.Spread is null ? 0 : 1,
            })];
            plot.Add.Bars(bars).LegendText = curve.Name;
        }
        int step = Math.Max(1, (int)Math.Ceiling(Groups.Count / (double)MaxLabels));
        int[] labelled = [.. Enumerable.Range(0, Groups.Count).Where(group => group % step == 0)];
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. labelled.Select(group => (double)group)], [.. labelled.Select(group => Groups[group])]);
        if (labelled.Any(group => Groups[group].Length > LongestLevelLabel))
        {
            plot.Axes.Bottom.TickLabelStyle.Rotation = -30;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
            plot.Axes.Bottom.MinimumSize = RotatedLabelHeight;
        }
        plot.Add.HorizontalLine(0, 1, Colors.Black);
        plot.ShowLegend(Edge.Right);
    }
}
