using System.Text.Json;

namespace Factory.Tests;

/// <summary>One tiny Hugging Face checkpoint of the reference data with what transformers computed for it.</summary>
public sealed record HfGolden(TestCheckpoint Checkpoint, int[][] InputIds, int[] Positions, double[][][] Logits, double[] LogLikelihoods, int[] GreedyPrompt, int[] GreedyTokens)
{
    /// <summary>Skips the calling test where the reference data is missing.</summary>
    public static HfGolden Read(string name)
    {
        string folder = GoldenData.At("hf_golden", name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json")));
        JsonElement root = document.RootElement;
        return new HfGolden(
            TestCheckpoint.FromFolder(folder),
            root.GetProperty("input_ids").Deserialize<int[][]>()!,
            root.GetProperty("positions").Deserialize<int[]>()!,
            root.GetProperty("logits").Deserialize<double[][][]>()!,
            root.GetProperty("log_likelihood_of_input").Deserialize<double[]>()!,
            root.GetProperty("greedy_prompt").Deserialize<int[]>()!,
            root.GetProperty("greedy").Deserialize<int[]>()!);
    }

    /// <summary>Largest |difference| of <paramref name="logits"/>, which gives (time)(vocabulary) for a sequence, from transformers' at the kept positions.</summary>
    public double Difference(Func<int[], double[][]> logits) =>
        InputIds.Zip(Logits, (ids, expected) =>
        {
            double[][] found = logits(ids);
            return Positions.Zip(expected, (position, row) => row.Zip(found[position], (a, b) => Math.Abs(a - b)).Max()).Max();
        }).Max();
}
