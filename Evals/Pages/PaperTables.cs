namespace Factory.Evals.Pages;

/// <summary>
/// Headline results of "The Curse of Depth in Large Language Models", arXiv 2502.05795 (version 5; tables as numbered in version 1), to stand beside what
/// was measured here. They are the paper's: other sizes, data and budgets.
/// </summary>
internal static class PaperTables
{
    public static Published Perplexities { get; } = new(
        "Table 1: C4 perplexity (LLaMA, tokens seen)",
        ["method", "130M (2.2B)", "250M (3.9B)", "350M (6.0B)", "1B (8.9B)"],
        [
            ["Post-LN", "26.95", "1409.79", "1368.33", "1390.75"],
            ["DeepNorm", "27.17", "22.77", "1362.59", "1409.08"],
            ["Mix-LN", "26.07", "21.39", "1363.21", "1414.78"],
            ["Pre-LN", "26.73", "21.92", "19.58", "17.02"],
            ["LNS", "25.76", "20.35", "18.20", "15.71"],
        ]);

    public static Published OtherNorms { get; } = new(
        "Table 2: other normalizations at 130M, C4 perplexity",
        ["Pre-LN", "Admin", "Group-LN", "Sandwich-LN", "Mix-LN", "LNS"],
        [["26.73", "27.91", "28.01", "26.51", "26.07", "25.76"]]);

    /// <summary>Table 3: accuracy in per cent after fine-tuning.</summary>
    public static Published FineTuned { get; } = new(
        "Table 3: accuracy in % after fine-tuning on Commonsense170K",
        ["model", "MMLU", "BoolQ", "ARC-e", "PIQA", "HellaSwag", "OBQA", "WinoGrande", "average"],
        [
            ["250M Post-LN", "22.95", "37.83", "26.94", "52.72", "26.17", "11.60", "49.56", "32.54"],
            ["250M DeepNorm", "23.60", "37.86", "36.62", "61.10", "25.69", "15.00", "49.57", "35.63"],
            ["250M Mix-LN", "26.53", "56.12", "41.68", "66.34", "30.16", "18.00", "50.56", "41.34"],
            ["250M Pre-LN", "24.93", "38.35", "40.15", "63.55", "26.34", "16.20", "49.01", "36.93"],
            ["250M LNS", "27.08", "58.17", "45.24", "67.38", "32.81", "18.80", "52.49", "43.14"],
            ["1B Post-LN", "22.95", "37.82", "25.08", "49.51", "25.04", "13.80", "49.57", "31.96"],
            ["1B DeepNorm", "23.35", "37.83", "27.06", "52.94", "26.19", "11.80", "49.49", "32.67"],
            ["1B Mix-LN", "23.19", "37.83", "25.08", "49.51", "25.04", "11.80", "49.57", "31.72"],
            ["1B Pre-LN", "26.54", "62.20", "45.70", "67.79", "30.96", "17.40", "50.51", "43.01"],
            ["1B LNS", "28.69", "61.80", "48.85", "67.92", "33.94", "18.60", "54.30", "44.87"],
        ]);

    public static Published ScalingMethods { get; } = new(
        "Table 4: scaling methods, C4 perplexity",
        ["method", "130M", "250M"],
        [
            ["Pre-LN", "26.73", "21.92"],
            ["LayerScale", "27.93", "23.45"],
            ["SkipInit", "27.41", "22.29"],
            ["Depth-Scaled Init", "26.95", "21.50"],
            ["Scaled Init", "26.04", "20.98"],
            ["LNS", "25.76", "20.35"],
            ["LNS + Scaled Init", "25.80", "20.79"],
        ]);

    /// <summary>Names of the tasks and groups in the columns of <see cref="FineTuned"/>.</summary>
    public static IReadOnlyList<string> FineTunedTasks { get; } = ["mmlu", "boolq", "arc_easy", "piqa", "hellaswag", "openbookqa", "winogrande", "paper"];

    public sealed record Published(string Caption, IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows);
}
