namespace Factory.Runtime.Chat.Jinja;

internal enum TokenKind
{
    /// <summary>Text outside of tags.</summary>
    Data,
    PrintBegin,
    PrintEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Text,
    Whole,
    Number,
    Sign,
    End,
}

/// <param name="Value">Spelling; of a text its content.</param>
internal readonly record struct Token(TokenKind Kind, string Value, int Line);
