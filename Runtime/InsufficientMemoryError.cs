using System.Globalization;
using Factory.Core;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime;

/// <summary>
/// There is not enough memory for what was asked: weights, KV cache or activations. What was allocated on the way is free again, so the same request
/// may succeed later: a server answers 503 with Retry-After.
/// </summary>
public sealed class InsufficientMemoryError : UserError
{
    public InsufficientMemoryError(string message) : base(message) { }

    public InsufficientMemoryError(string message, Exception cause) : base(message, cause) { }

    /// <summary>Whether the exception is .NET's or ONNX Runtime's word for it.</summary>
    internal static bool Names(Exception error) => error is OutOfMemoryException
        || (error is OnnxRuntimeException && Phrases.Any(phrase => error.Message.Contains(phrase, StringComparison.OrdinalIgnoreCase)));

    /// <summary>"1.5 GB": bytes as a person reads them.</summary>
    internal static string Size(long bytes) => bytes < 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(bytes / 1e6):0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");

    // ONNX Runtime has no error code of its own for it: std::bad_alloc, its arena's message, CUDA's.
    private static readonly string[] Phrases = ["bad_alloc", "bad allocation", "Failed to allocate memory", "out of memory", "Failed to allocate", "CUDA failure 2"];
}
