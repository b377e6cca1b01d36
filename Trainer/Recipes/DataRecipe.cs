namespace Factory.Trainer.Recipes;

/// <summary>How tokens become batches.</summary>
public sealed record DataRecipe
{
    public required RowLayout Rows { get; init; }

    /// <summary>Tokens of a row.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Rows per update.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Rows per forward pass; the gradients of an update's passes are summed and divided by its valid tokens.</summary>
    public required int MicroBatchSize { get; init; }
}
