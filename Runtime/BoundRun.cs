using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime;

/// <summary>A run of a session on bound inputs and outputs.</summary>
internal static class BoundRun
{
    /// <param name="model">Whose session it is, for a message.</param>
    /// <param name="tokens">How many the run computes.</param>
    /// <exception cref="InsufficientMemoryError">The activations do not fit the memory.</exception>
    public static void Run(InferenceSession session, RunOptions options, OrtIoBinding binding, string model, int tokens)
    {
        try
        {
            session.RunWithBinding(options, binding);
        }
        catch (Exception error) when (InsufficientMemoryError.Names(error))
        {
            throw new InsufficientMemoryError($"{model}: expected memory for the activations of {tokens} tokens, found too little. Try again when other requests have ended.", error);
        }
    }
}
