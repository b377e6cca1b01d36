using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Gradients on their way from a backward function into libtorch's engine. The engine takes its own references once the function has returned, so
/// the wrappers may go with the next function's; otherwise every gradient of a pass would stay until its end.
/// </summary>
internal static class Handover
{
    [ThreadStatic]
    private static List<Tensor>? _given;

    /// <param name="taken">The gradient that the function was called with; it is done with.</param>
    /// <param name="gradients">One for each argument of the function, null for those that have none.</param>
    public static List<Tensor> Give(Tensor taken, params Tensor?[] gradients)
    {
        End();
        _given = [taken.DetachFromDisposeScope(), .. gradients.OfType<Tensor>().Select(gradient => gradient.DetachFromDisposeScope())];
        return [.. gradients.Select(gradient => gradient!)];
    }

    /// <summary>Lets the last ones go, after the pass.</summary>
    public static void End()
    {
        foreach (Tensor tensor in _given ?? [])
        {
            tensor.Dispose();
        }
        _given = null;
    }
}
