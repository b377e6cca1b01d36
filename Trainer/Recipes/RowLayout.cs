namespace Factory.Trainer.Recipes;

/// <summary>What a row of a batch holds.</summary>
public enum RowLayout
{
    /// <summary>Neighbouring tokens, documents following one another, no padding.</summary>
    Packed,

    /// <summary>One document, cut off or padded, as in the paper.</summary>
    Documents,
}
