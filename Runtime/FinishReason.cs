namespace Factory.Runtime;

/// <summary>Why a generated text ends.</summary>
public enum FinishReason
{
    /// <summary>As many tokens as were asked for.</summary>
    Length,

    /// <summary>A stop string, or a token that ends documents.</summary>
    Stop,

    /// <summary>The context window is full.</summary>
    Context,
}
