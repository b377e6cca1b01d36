namespace Factory.Runtime;

/// <summary>Anything that a probe can be replayed on: a bundle, or what was written for other software.</summary>
public interface IProbedModel : IDisposable
{
    /// <summary>Logits of every position of a whole sequence, shape (time, vocabulary), row-major.</summary>
    float[] Logits(int[] ids);

    /// <summary>Logits of the last token, decoded after the others went into a cache, shape (vocabulary).</summary>
    float[] DecodeLast(int[] ids);
}
