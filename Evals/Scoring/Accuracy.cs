using Factory.Evals.Requests;

namespace Factory.Evals.Scoring;

/// <summary>Whether the right choice is the most likely one. Of equals the first counts.</summary>
internal static class Accuracy
{
    /// <summary>1 when the highest of <paramref name="values"/>, one a choice, is the right choice's, else 0.</summary>
    public static double Score(IReadOnlyList<double> values, ChoiceDocument document) => FirstHighest(values) == document.Gold ? 1 : 0;

    private static int FirstHighest(IReadOnlyList<double> values)
    {
        int best = 0;
        for (int i = 1; i < values.Count; i++)
        {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
