using Factory.Core;

namespace Factory.Evals.Requests;

/// <summary>A request that this model cannot be asked: a continuation without a token of its own, or longer than the context window.</summary>
/// <param name="request">Its place in the list that was asked.</param>
public sealed class RequestError(int request, string message, Exception? cause = null) : UserError(message, cause!)
{
    public int Request { get; } = request;
}
