namespace Factory.Runtime.Chat;

/// <summary>The prompt that a chat template made of a conversation.</summary>
/// <param name="Text">The whole prompt.</param>
/// <param name="Literal">
/// The places in it that come from the conversation rather than from the template, in order. A special token spelled out there is text:
/// pass them to <see cref="Core.Text.TextTokenizer.EncodeRendered"/>.
/// </param>
public sealed record RenderedChat(string Text, IReadOnlyList<Range> Literal);
