using ScottPlot;

namespace Factory.Plots;

/// <summary>A picture for a paper or a report: a title, two named axes with their units, and what is drawn between them.</summary>
public abstract record Figure
{
    public required string Title { get; init; }

    /// <summary>Name of the horizontal axis, with its unit: "step", "block (from 1)".</summary>
    public required string XAxis { get; init; }

    /// <summary>Name of the vertical axis, with its unit.</summary>
    public required string YAxis { get; init; }

    /// <summary>Pixels of the PNG; the SVG has the same shape. Default: 960.</summary>
    public virtual int Width { get; init; } = 960;

    /// <summary>Default: 600.</summary>
    public virtual int Height { get; init; } = 600;

    /// <summary>Writes the picture as <c>path.png</c> and <c>path.svg</c>; older ones are replaced.</summary>
    /// <param name="path">Without extension; its folder must exist.</param>
    /// <returns>The two files.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public (string Png, string Svg) Write(string path)
    {
        using var plot = new Plot();
        Draw(plot);
        plot.Title(Title, 20);
        plot.XLabel(XAxis, 16);
        plot.YLabel(YAxis, 16);
        (string png, string svg) = ($"{path}.png", $"{path}.svg");
        File.WriteAllBytes(png, plot.GetImageBytes(Width, Height, ImageFormat.Png));
        // A heat map is a picture of one pixel a cell; browsers would blur it where they make it larger.
        File.WriteAllText(svg, plot.GetSvgXml(Width, Height).Replace("<image ", "<image style=\"image-rendering:pixelated\" ", StringComparison.Ordinal));
        return (png, svg);
    }

    /// <summary>Adds data, ticks and legend; title and axis names follow.</summary>
    private protected abstract void Draw(Plot plot);
}
