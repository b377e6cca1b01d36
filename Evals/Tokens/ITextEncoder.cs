namespace Factory.Evals.Tokens;

/// <summary>Where a model's token ids come from: a tokenizer in this process, or a server's.</summary>
public interface ITextEncoder
{
    /// <summary>What to call it in a message.</summary>
    string Name { get; }

    /// <summary>null where the tokenizer has none.</summary>
    int? BosTokenId { get; }

    /// <summary>null where the tokenizer has none.</summary>
    int? EosTokenId { get; }

    /// <summary>Ids of <paramref name="text"/>; nothing is appended.</summary>
    /// <param name="addBos">Whether BOS goes in front, where there is one.</param>
    ValueTask<int[]> EncodeAsync(string text, bool addBos, CancellationToken cancellationToken);
}
