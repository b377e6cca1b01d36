namespace Factory.Bench.Server;

/// <summary>What each client asks.</summary>
/// <param name="Prompt">Tokens of a prompt.</param>
/// <param name="New">Tokens generated after it.</param>
/// <param name="Requests">Requests of each client, one after the other.</param>
internal sealed record Workload(int Prompt, int New, int Requests)
{
    private static int _made;

    /// <summary>A prompt that shares no beginning with any before, so that no cache of prefixes helps.</summary>
    public int[] NextPrompt(int vocabulary)
    {
        int start = Interlocked.Increment(ref _made);
        return [.. Enumerable.Range(0, Prompt).Select(i => 3 + (((start * 7919) + (i * 104_729)) % (vocabulary - 3)))];
    }
}
