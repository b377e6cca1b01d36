using System.Globalization;
using ScottPlot;
using ScottPlot.Colormaps;
using ScottPlot.Panels;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace Factory.Plots;

/// <summary>
/// Matrices as colours, side by side under one range and one legend, so that a colour means the same in all: the angular distance between block l and block
/// l + n, n upwards, a panel a model. All lie in one coordinate system:
/// <code>
/// pre       lns
/// ▒▒▒       ░░░        cells are one unit wide, the first of a panel centred at the panel's origin
/// ▓▓▒▒      ░░░░
/// 1 2 3 4   1 2 3 4    ticks number each panel's cells from its own first
/// </code>
/// </summary>
public sealed record HeatMapFigure : Figure
{
    private const int MostAcross = 4;

    /// <summary>Labels along one panel, at most.</summary>
    private const int MaxLabels = 16;

    private const int PanelPixels = 320;

    /// <summary>What a colour means, with its unit.</summary>
    public required string ColourAxis { get; init; }

    /// <summary>One or more.</summary>
    public required IReadOnlyList<HeatMap> Panels { get; init; }

    /// <summary>The number that a panel's first row and column stand for on the axes. Default: 1.</summary>
    public int First { get; init; } = 1;

    /// <summary>As wide as the panels want.</summary>
    public override int Width { get => Math.Max(base.Width, (Across * PanelPixels) + 200); init => base.Width = value; }

    /// <summary>As high as the panels want.</summary>
    public override int Height { get => Panels.Count == 1 ? base.Height : Math.Max(base.Height / 2, (Down * PanelPixels) + 130); init => base.Height = value; }

    /// <summary>Panels of a row: as few as the number of rows allows.</summary>
    private int Across => (Panels.Count + Down - 1) / Down;

    private int Down => (Panels.Count + MostAcross - 1) / MostAcross;

    private protected override void Draw(Plot plot)
    {
        (int rows, int columns) = (Panels.Max(panel => panel.Rows), Panels.Max(panel => panel.Columns));
        double gap = Panels.Count == 1 ? 0 : Math.Max(1, columns / 8.0);
        double title = Panels.Count == 1 ? 0 : Math.Max(1.5, rows / 6.0);
        double[] numbers = [.. Panels.SelectMany(panel => panel.Numbers)];
        ScottPlot.Range range = numbers.Length == 0 ? new(0, 1) : new(numbers.Min(), numbers.Max());
        Heatmap? last = null;
        for (int i = 0; i < Panels.Count; i++)
        {
            (double x, double y) = (i % Across * (columns + gap), (Down - 1 - (i / Across)) * (rows + title));
            last = Add(plot, Panels[i], x, y, range);
            if (Panels.Count > 1)
            {
                Text name = plot.Add.Text(Panels[i].Name, x + ((columns - 1) / 2.0), y + rows - 0.5 + (title / 2));
                name.LabelStyle.FontSize = 16;
                name.LabelStyle.Alignment = Alignment.MiddleCenter;
            }
        }
        ColorBar bar = plot.Add.ColorBar(last!);
        bar.Label = ColourAxis;
        bar.LabelStyle.FontSize = 16;
        plot.Axes.Bottom.TickGenerator = Ticks(columns, [.. Enumerable.Range(0, Across).Select(panel => panel * (columns + gap))]);
        plot.Axes.Left.TickGenerator = Ticks(rows, [.. Enumerable.Range(0, Down).Select(panel => panel * (rows + title))]);
        plot.HideGrid();
        plot.Axes.SetLimits(-0.5, (Across * (columns + gap)) - gap - 0.5, -0.5, (Down * (rows + title)) - 0.5);
    }

    private static Heatmap Add(Plot plot, HeatMap panel, double x, double y, ScottPlot.Range range)
    {
        var flipped = new double[panel.Rows, panel.Columns];
        for (int row = 0; row < panel.Rows; row++)
        {
            for (int column = 0; column < panel.Columns; column++)
            {
                flipped[panel.Rows - 1 - row, column] = panel.Values[row, column]; // ScottPlot draws row 0 at the top.
            }
        }
        Heatmap map = plot.Add.Heatmap(flipped);
        map.Position = new CoordinateRect(x, x + panel.Columns - 1, y, y + panel.Rows - 1);
        map.Colormap = new Viridis();
        map.NaNCellColor = Colors.White;
        map.ManualRange = range;
        return map;
    }

    /// <param name="count">Cells of a panel.</param>
    /// <param name="origins">Where the first cell of each panel lies.</param>
    private NumericManual Ticks(int count, double[] origins)
    {
        int most = Math.Max(4, MaxLabels / origins.Length);
        int step = Math.Max(1, (int)Math.Ceiling(count / (double)most));
        (double Position, string Label)[] ticks = [.. origins.SelectMany(origin => Enumerable.Range(0, count).Where(index => index % step == 0)
            .Select(index => (origin + index, (First + index).ToString(CultureInfo.InvariantCulture))))];
        return new NumericManual([.. ticks.Select(tick => tick.Position)], [.. ticks.Select(tick => tick.Label)]);
    }
}
