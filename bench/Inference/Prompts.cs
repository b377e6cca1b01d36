namespace Factory.Bench.Inference;

/// <summary>Token ids that mean nothing: a model's speed does not depend on them.</summary>
internal static class Prompts
{
    /// <param name="row">Prompts of different rows have no common beginning.</param>
    public static int[] Create(int length, int vocabulary, int row = 0) => [.. Enumerable.Range(0, length).Select(i => (int)(((i + 1L) * 7919 + (row * 31L)) % vocabulary))];
}
