namespace Factory.Runtime.Encoders;

/// <summary>One row for an encoder, without padding.</summary>
/// <param name="Ids">Token ids, special tokens included.</param>
/// <param name="TokenTypes">As many: 0 for a question, 1 for its passage.</param>
public sealed record EncoderInput(int[] Ids, int[] TokenTypes)
{
    /// <summary>A row of one kind of tokens.</summary>
    public EncoderInput(int[] ids) : this(ids, new int[ids.Length])
    {
    }
}
