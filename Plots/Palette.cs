using ScottPlot;
using ScottPlot.Colormaps;

namespace Factory.Plots;

/// <summary>
/// How curves are told apart: eight colours that people with any colour vision tell apart (Okabe and Ito, 2008; black last), then the same again with
/// another marker (an SVG of ScottPlot has no dashes).
/// </summary>
internal static class Palette
{
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F", "#000000"];

    private static readonly MarkerShape[] Markers = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond];

    /// <summary>The light end of the scale, beyond which a line is lost on white.</summary>
    private const double Lightest = 0.9;

    public static Color Colour(int index) => Color.FromHex(Colours[index % Colours.Length]);

    /// <summary>Of curve <paramref name="index"/> of <paramref name="count"/> that follow each other: from dark blue to light green.</summary>
    public static Color Colour(int index, int count) => new Viridis().GetColor(count < 2 ? 0 : Lightest * index / (count - 1));

    public static MarkerShape Marker(int index) => Markers[index / Colours.Length % Markers.Length];

    /// <summary>Whether a curve of this number is known by its colour alone.</summary>
    public static bool HasOwnColour(int index) => index < Colours.Length;
}
