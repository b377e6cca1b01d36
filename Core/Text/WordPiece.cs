namespace Factory.Core.Text;

/// <summary>A token and the characters of the text that it stands for.</summary>
/// <param name="Start">Index of its first UTF-16 character.</param>
/// <param name="End">Index behind its last.</param>
public readonly record struct WordPiece(int Id, int Start, int End);
