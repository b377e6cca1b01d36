using Factory.Core;

namespace Factory.Runtime;

/// <summary>A chat template is malformed, does something that is not allowed, or refuses a conversation (raise_exception).</summary>
public sealed class ChatTemplateError(string message) : UserError(message);
