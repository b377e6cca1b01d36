namespace Factory.Runtime;

/// <summary>Several prompts in one run, padded behind to the longest. What stands behind a row's own tokens is never looked at.</summary>
internal static class PaddedBatch
{
    /// <summary>Each row touches at least a page of memory per block and head.</summary>
    public const int MostRows = 64;

    /// <summary>How many of the items from <paramref name="start"/> on, by rising length, fit one run.</summary>
    public static int Count<T>(IReadOnlyList<T> items, int start, Func<T, int> length, int most)
    {
        int count = 1;
        while (count < most && start + count < items.Count && (count + 1) * length(items[start + count]) <= ScoringRun.BatchTokens)
        {
            count++;
        }
        return count;
    }

    /// <summary>Runs the prompts.</summary>
    /// <param name="first">The slot of the first; the others follow.</param>
    /// <param name="logitRows">How many of each one's last positions get logits; they come one prompt after the other.</param>
    public static void Run(ScoringRun run, KvBuffers buffers, int first, int[][] prompts, int[] logitRows)
    {
        int time = run.Chunks.Padded(prompts.Max(prompt => prompt.Length));
        long[] ids = new long[prompts.Length * time];
        List<long> rows = [];
        for (int i = 0; i < prompts.Length; i++)
        {
            for (int t = 0; t < prompts[i].Length; t++)
            {
                ids[(i * time) + t] = prompts[i][t];
            }
            for (int row = prompts[i].Length - logitRows[i]; row < prompts[i].Length; row++)
            {
                rows.Add((i * time) + row);
            }
        }
        run.Forward(buffers, first, prompts.Length, ids, Array.ConvertAll(prompts, prompt => prompt.Length - 1), rows.ToArray());
    }
}
