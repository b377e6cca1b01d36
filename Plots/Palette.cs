using ScottPlot;

namespace Factory.Plots;

/// <summary>Eight colours that people with any colour vision tell apart (Okabe and Ito, 2008; black last), then the same again in thin lines (an SVG of ScottPlot has no dashes).</summary>
internal static class Palette
{
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F", "#000000"];

    public static Color Colour(int index) => Color.FromHex(Colours[index % Colours.Length]);

    public static float LineWidth(int index) => index < Colours.Length ? 2 : 1;
}
